"""Whatever is done to the audit log by hand, verifying names the first position that is not what was written."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.moderation.domain.audit import Flaw, Sort
from services.moderation.service import SERVICE
from tests.conftest import Start
from tests.moderation.auditing import Tamperer

ENTRIES = 12
LIMIT_SECONDS = 10


@pytest.fixture(scope="module")
async def honest(start: Start) -> AsyncIterator[Tamperer]:
    """A log of twelve entries of which checkpoints tell, written in three parts."""
    tamperer = Tamperer(await start(SERVICE, audit_checkpoint_seconds=0.01))
    for part in range(3):
        await tamperer.write(*(f"cases/{part * 4 + number}" for number in range(1, 5)))
        await _witnessed(tamperer, part * 4 + 4)
    yield tamperer
    await tamperer.owner.close()


@pytest.fixture
async def log(honest: Tamperer) -> AsyncIterator[Tamperer]:
    async with honest.restoring():
        yield honest


async def _witnessed(tamperer: Tamperer, position: int) -> None:
    async with asyncio.timeout(LIMIT_SECONDS):
        while position not in await tamperer.shelf.positions():
            pass


async def test_a_log_that_nobody_touched_is_whole(log: Tamperer) -> None:
    assert await log.flaw() is None
    assert sum(len(checkpoint.chains) for checkpoint in await log.checkpoints()) == ENTRIES


@pytest.mark.parametrize("column", ["actor", "action", "subject", "facts", "moment", "chain"])
@pytest.mark.parametrize("position", [1, 7, 12])
async def test_an_edited_entry_is_named(log: Tamperer, column: str, position: int) -> None:
    other = {"moment": "now()", "chain": "sha256('x')"}.get(column, "'{}'")
    await log.execute(f"UPDATE audit.entries SET {column} = {other} WHERE position = {position}")
    assert await log.flaw(witnessed=False) == Flaw(position, Sort.CHANGED)
    assert await log.flaw() == Flaw(position, Sort.CHANGED)


async def test_text_that_moves_from_one_field_to_the_next_is_named(log: Tamperer) -> None:
    await log.execute("UPDATE audit.entries SET action = 'case.decidedcases', subject = '/7' WHERE position = 7")
    assert await log.flaw(witnessed=False) == Flaw(7, Sort.CHANGED)


@pytest.mark.parametrize("position", [1, 7])
async def test_a_deleted_entry_is_named(log: Tamperer, position: int) -> None:
    await log.execute(f"DELETE FROM audit.entries WHERE position = {position}")
    assert await log.flaw(witnessed=False) == Flaw(position, Sort.MISSING)


async def test_an_entry_that_was_deleted_and_whose_place_was_closed_is_named(log: Tamperer) -> None:
    gone = "DELETE FROM audit.entries WHERE position = 7"
    await log.execute(gone, *shifted(by=-1, after=7), HEAD.format(by=-1))
    assert await log.flaw(witnessed=False) == Flaw(7, Sort.CHANGED)
    await log.make_anew(7)
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(7, Sort.REWRITTEN)


async def test_entries_that_changed_places_are_named(log: Tamperer) -> None:
    await log.execute(MOVE.format(of=5, to=1000), MOVE.format(of=6, to=5), MOVE.format(of=1000, to=6))
    assert await log.flaw(witnessed=False) == Flaw(5, Sort.CHANGED)
    await log.make_anew(5)
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(5, Sort.REWRITTEN)


async def test_an_inserted_entry_is_named(log: Tamperer) -> None:
    await log.execute(*shifted(by=1, after=6), HEAD.format(by=1), INSERT.format(position=7, like=6))
    assert await log.flaw(witnessed=False) == Flaw(7, Sort.CHANGED)
    await log.make_anew(7)
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(7, Sort.REWRITTEN)


async def test_an_entry_that_was_put_at_the_end_past_the_head_is_named(log: Tamperer) -> None:
    await log.execute(INSERT.format(position=13, like=12))
    assert await log.flaw(witnessed=False) == Flaw(13, Sort.CHANGED)
    await log.make_anew(13)
    await log.execute(HEAD.format(by=-1))
    assert await log.flaw(witnessed=False) == Flaw(13, Sort.ADDED)


@pytest.mark.parametrize("position", [0, -3])
async def test_an_entry_before_the_first_is_named(log: Tamperer, position: int) -> None:
    await log.execute(INSERT.format(position=position, like=1))
    assert await log.flaw(witnessed=False) == Flaw(position, Sort.MISPLACED)


@pytest.mark.parametrize("first", [1, 9, 12])
async def test_a_truncated_log_is_named_by_its_head(log: Tamperer, first: int) -> None:
    await log.execute(f"DELETE FROM audit.entries WHERE position >= {first}")
    assert await log.flaw(witnessed=False) == Flaw(first, Sort.TRUNCATED)


@pytest.mark.parametrize("first", [2, 9, 12])
async def test_a_truncated_log_whose_head_was_set_back_is_named_by_its_checkpoints(log: Tamperer, first: int) -> None:
    await log.execute(f"DELETE FROM audit.entries WHERE position >= {first}")
    await log.make_anew(first)
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(first, Sort.TRUNCATED)


async def test_a_log_that_was_begun_anew_is_named(log: Tamperer) -> None:
    await log.execute("TRUNCATE audit.entries", "UPDATE audit.head SET position = 0, chain = sha256('audit')")
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(1, Sort.TRUNCATED)


@pytest.mark.parametrize("position", [2, 4, 5, 11, 12])
async def test_a_rewritten_log_is_named_at_the_very_entry(log: Tamperer, position: int) -> None:
    await log.execute(f"UPDATE audit.entries SET actor = 'people/eva' WHERE position = {position}")
    await log.make_anew(position)
    assert await log.flaw(witnessed=False) is None
    assert await log.flaw() == Flaw(position, Sort.REWRITTEN)


async def test_a_changed_head_is_noticed(log: Tamperer) -> None:
    await log.execute("UPDATE audit.head SET chain = sha256('x')")
    assert await log.flaw() == Flaw(12, Sort.CHANGED)


# In two steps, since positions are unique at every moment.
SHIFT = (
    "UPDATE audit.entries SET position = -(position + {by}) WHERE position > {after}",
    "UPDATE audit.entries SET position = -position WHERE position < 0",
)
HEAD = "UPDATE audit.head SET position = position + {by}"
MOVE = "UPDATE audit.entries SET position = {to} WHERE position = {of}"
INSERT = (
    "INSERT INTO audit.entries SELECT {position}, moment, 'people/eva', action, subject, facts, chain "
    "FROM audit.entries WHERE position = {like}"
)


def shifted(*, by: int, after: int) -> list[str]:
    return [statement.format(by=by, after=after) for statement in SHIFT]
