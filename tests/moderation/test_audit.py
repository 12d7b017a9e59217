"""The audit log is read by auditors, and checkpoints of it are kept outside the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import ECKey
from plein.moderation.v1 import audit_pb2, audit_pb2_grpc

from services.moderation.domain.audit import Checkpoint, Head, Verification, written
from services.moderation.jobs.checkpoints import Diverged, Keeper
from services.moderation.service import SERVICE
from services.moderation.store import audit
from services.moderation.store.checkpoints import Shelf
from services.moderation.wire.audit import Unsigned, entry_of, opened, signed
from tests.conftest import Start
from tests.moderation.auditing import Tamperer
from tests.moderation.caller import refused, walked

LATER = 3600.0


@pytest.fixture(scope="module")
async def log(start: Start) -> AsyncIterator[Tamperer]:
    tamperer = Tamperer(await start(SERVICE, audit_checkpoint_seconds=LATER))
    yield tamperer
    await tamperer.owner.close()


@pytest.fixture
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """An empty folder for checkpoints."""
    return Shelf(tmp_path_factory.mktemp("checkpoints").as_uri())


@pytest.fixture
def keeper(log: Tamperer, shelf: Shelf) -> Keeper:
    return Keeper(log.service, shelf, log.key.as_pem(private=True))


async def test_an_auditor_reads_what_was_done_newest_first(log: Tamperer) -> None:
    await log.write(*(f"cases/a{number}" for number in range(5)))
    api = audit_pb2_grpc.AuditServiceStub(log.world.channel(await log.world.person("olga", roles=["auditor"])))
    request = audit_pb2.ListAuditEntriesRequest(page_size=2, actor="people/ada", action="case.decided")
    listed = await walked(api.ListAuditEntries, request)
    assert [entry.subject for entry in listed[:5]] == [f"cases/a{number}" for number in (4, 3, 2, 1, 0)]
    assert listed[0].facts == '{"verdict":"hide"}'
    only = await walked(api.ListAuditEntries, audit_pb2.ListAuditEntriesRequest(page_size=2, subject="cases/a3"))
    assert [entry.subject for entry in only] == ["cases/a3"]


@pytest.mark.parametrize("roles", [[], ["moderator"], ["administrator"], ["community-manager"]])
async def test_nobody_but_auditors_reads_it(log: Tamperer, roles: list[str]) -> None:
    api = audit_pb2_grpc.AuditServiceStub(log.world.channel(await log.world.person("someone", roles=roles)))
    for call in (
        api.ListAuditEntries(audit_pb2.ListAuditEntriesRequest()),
        api.ReadAuditLog(audit_pb2.ReadAuditLogRequest()),
        api.SignAuditCheckpoint(audit_pb2.SignAuditCheckpointRequest()),
    ):
        assert (await refused(call)).code == "PERMISSION_DENIED"


async def test_what_did_not_happen_is_not_in_it(log: Tamperer) -> None:
    before = len(await log.entries())
    with suppress(ZeroDivisionError):
        async with log.service.transaction() as tx:
            await audit.append(tx, "people/ada", "case.decided", "cases/never")
            raise ZeroDivisionError
    assert len(await log.entries()) == before


async def test_many_at_once_stand_one_after_the_other(log: Tamperer) -> None:
    await asyncio.gather(*(log.write(f"cases/b{number}", f"cases/c{number}") for number in range(20)))
    positions = [entry.position for entry in await log.entries()]
    assert positions == list(range(1, len(positions) + 1))
    assert await log.flaw(witnessed=False) is None


async def test_many_of_one_transaction_stand_in_their_order(log: Tamperer) -> None:
    async with log.service.transaction() as tx:
        done = [("people/ada", "case.decided", f"cases/m{number}", {"count": number}) for number in range(100)]
        await audit.append_many(tx, done)
        await audit.append_many(tx, [])
    assert [entry.subject for entry in (await log.entries())[-100:]] == [f"cases/m{number}" for number in range(100)]
    assert await log.flaw(witnessed=False) is None


async def test_every_sort_of_fact_is_chained_as_it_is_written(log: Tamperer) -> None:
    async with log.service.transaction() as tx:
        facts = {"reasons": ["spam", "hate"], "until": None, "count": 3, "on_appeal": True, "word": "ĳs “ü” \\ \u0000"}
        await audit.append(tx, "people/ada", "case.decided", "cases/ë", **facts)
    assert (await log.entries())[-1].facts == written(facts)
    assert await log.flaw(witnessed=False) is None


async def test_checkpoints_tell_of_every_position_and_are_written_when_the_log_grew(
    log: Tamperer, keeper: Keeper, shelf: Shelf
) -> None:
    await log.write("cases/d1", "cases/d2")
    assert await keeper.write()
    assert not await keeper.write()
    await log.write("cases/d3")
    assert await keeper.write()
    first, second = [opened(token, [log.key]) for token in await shelf.tokens()]
    entries = await log.entries()
    assert [*first.chains, *second.chains] == [entry.chain for entry in entries]
    assert (first.first, first.position + 1, second.position) == (1, second.first, len(entries))


async def test_a_process_goes_on_where_another_one_stopped(log: Tamperer, keeper: Keeper, shelf: Shelf) -> None:
    await log.write("cases/e1")
    assert await keeper.write()
    await log.write("cases/e2")
    other = Keeper(log.service, shelf, log.key.as_pem(private=True))
    assert await other.write()
    assert not await keeper.write()
    assert [opened(token, [log.key]).first for token in await shelf.tokens()][1:] == [len(await log.entries())]


async def test_a_checkpoint_is_never_replaced(shelf: Shelf) -> None:
    assert await shelf.put(7, "first")
    assert not await shelf.put(7, "second")
    assert await shelf.tokens() == ["first"]


async def test_a_log_that_contradicts_its_checkpoint_gets_no_other(log: Tamperer, keeper: Keeper, shelf: Shelf) -> None:
    await log.write("cases/f1", "cases/f2")
    await keeper.write()
    last = len(await log.entries())
    async with log.restoring():
        await log.execute(f"UPDATE audit.entries SET actor = 'people/eva' WHERE position = {last}")
        await log.make_anew(last)
        await log.write("cases/f3")
        for process in (keeper, Keeper(log.service, shelf, log.key.as_pem(private=True))):
            with pytest.raises(Diverged, match=f"at {last} is not what its checkpoint says"):
                await process.write()
        await log.execute(f"DELETE FROM audit.entries WHERE position >= {last}")
        await log.make_anew(last)
        with pytest.raises(Diverged, match=f"ends at {last - 1}, and there is a checkpoint of {last}"):
            await keeper.write()
    assert await shelf.positions() == [last]


async def test_a_checkpoint_that_is_gone_is_noticed(log: Tamperer, keeper: Keeper, shelf: Shelf) -> None:
    for subject in ("cases/g1", "cases/g2", "cases/g3"):
        await log.write(subject)
        await keeper.write()
    first, _, third = [opened(token, [log.key]) for token in await shelf.tokens()]
    assert await _verified(log, [first, third]) == (None, 1, 0)
    assert await _verified(log, [first]) == (None, 0, 2)


async def test_a_printed_checkpoint_tells_of_the_whole_past(log: Tamperer) -> None:
    await log.write("cases/h1", "cases/h2")
    printed = await log.stub.SignAuditCheckpoint(audit_pb2.SignAuditCheckpointRequest())
    checkpoint = opened(printed.token, [log.key])
    assert checkpoint.position == printed.position == len(await log.entries())
    async with log.restoring():
        await log.execute("UPDATE audit.entries SET actor = 'people/eva' WHERE position = 1")
        await log.make_anew(1)
        flaw, _, _ = await _verified(log, [checkpoint])
        assert flaw == printed.position


async def test_who_has_no_key_makes_no_checkpoint(log: Tamperer) -> None:
    forged = Checkpoint(1, (b"x" * 32,), datetime.now(UTC))
    for token in (signed(forged, ECKey.generate_key("P-256")), "", "a.b.c", signed(forged, log.key)[:-4] + "AAAA"):
        with pytest.raises(Unsigned):
            opened(token, [log.key])
    assert opened(signed(forged, log.key), [log.key]).chains == forged.chains


async def test_of_two_checkpoints_the_first_one_counts() -> None:
    early, late = (Checkpoint(1, (chain * 32,), datetime.now(UTC)) for chain in (b"a", b"b"))
    later = Checkpoint(1, late.chains, late.moment + timedelta(hours=1))
    for checkpoints in ([early, later], [later, early]):
        verification = Verification(checkpoints)
        assert verification.contradictions == 1


async def _verified(log: Tamperer, checkpoints: list[Checkpoint]) -> tuple[int | None, int, int]:
    """The first bad position, how many entries no checkpoint tells of, and how many are newer than all of them."""
    verification = Verification(checkpoints)
    page = await log.stub.ReadAuditLog(audit_pb2.ReadAuditLogRequest())
    verification.read(map(entry_of, page.entries))
    flaw = verification.finish(Head(page.head_position, page.head_chain))
    return flaw.position if flaw else None, verification.gaps, verification.position - verification.witnessed
