"""What is told is listed once it is committed, and heard exactly once."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest
from plein.chassis.v1 import event_log_pb2_grpc
from plein.chassis.v1.audience_pb2 import BarriersChanged, PersonAccessChanged
from plein.chassis.v1.event_log_pb2 import Event
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.events import BEGINNING, EventLog, Follower, LocalSource, RemoteSource, append, append_many, on
from chassis.events.cursors import Overtaken, standing
from chassis.events.digestion import Digestion
from chassis.problems import OutOfRange, Problem, TooLate, Unavailable, WrongState
from chassis.service import Service
from tests.chassis.hearing import (
    HEARD,
    PEOPLE,
    Hearing,
    change,
    changes,
    diverged,
    heard,
    logging_events,
    migrated,
    running,
)
from tests.conftest import Databases, Start

ADA, BOB, EVE = "people/ada", "people/bob", "people/eve"


@pytest.fixture
async def database(postgres: Databases) -> AsyncIterator[Database]:
    """Of a service that follows itself, which needs one database instead of two."""
    async with migrated(await postgres.fresh(), PEOPLE, HEARD) as fresh:
        yield fresh


@pytest.fixture
async def events(database: Database) -> AsyncIterator[EventLog]:
    async with logging_events(database) as log:
        yield log


@pytest.fixture
async def follower(events: EventLog, database: Database) -> AsyncIterator[Follower]:
    async with running(Follower(LocalSource(events), database, Hearing())) as following:
        yield following


async def test_what_a_transaction_tells_is_listed_after_its_commit(database: Database, events: EventLog) -> None:
    async with database.transaction() as tx:
        await change(tx, ADA)
        await append_many(tx, [(BOB, 3, PersonAccessChanged(person=BOB)), ("barrierPolicy", 1, BarriersChanged())])
        assert await events.list_after(*BEGINNING, 10) == ([], 0)
    listed, head = await events.list_after(*BEGINNING, 10)
    assert head == 3
    assert [(event.position, event.aggregate, event.version) for event in listed] == [
        (1, ADA, 1),
        (2, BOB, 3),
        (3, "barrierPolicy", 1),
    ]
    assert [event.type for event in listed[1:]] == [
        "plein.chassis.v1.PersonAccessChanged",
        BarriersChanged.DESCRIPTOR.full_name,
    ]
    assert PersonAccessChanged.FromString(listed[1].payload).person == BOB
    assert abs(listed[0].write_time.ToSeconds() - time.time()) < 60


async def test_what_was_rolled_back_is_never_told(database: Database, events: EventLog) -> None:
    with suppress(ZeroDivisionError):
        async with database.transaction() as tx:
            await change(tx, ADA)
            raise ZeroDivisionError
    await changes(database, BOB)
    listed, head = await events.list_after(*BEGINNING, 10)
    assert ([event.aggregate for event in listed], head) == ([BOB], 1)


async def test_a_transaction_tells_at_most_500_events(database: Database) -> None:
    entries = [(ADA, 1, PersonAccessChanged())] * 501
    async with database.transaction() as tx:
        await append(tx, ADA, 1)
        with pytest.raises(ValueError, match="at most 500"):
            await append_many(tx, entries)


async def test_positions_follow_the_commits_where_a_serial_cursor_loses_an_event(database: Database) -> None:
    serial = text("SELECT aggregate, seq FROM eventlog.outbox WHERE seq > :cursor ORDER BY seq")
    async with database.snapshot() as tx:
        assert (await tx.execute(serial, {"cursor": 0})).all() == []
    async with database.transaction() as slow:
        await change(slow, ADA)
        await changes(database, BOB)
        async with database.snapshot() as tx:
            read = list(await tx.execute(serial, {"cursor": 0}))
    async with database.snapshot() as tx:
        read += await tx.execute(serial, {"cursor": read[-1].seq})
    assert [row.aggregate for row in read] == [BOB], "the serial cursor found what it should have lost"

    async with logging_events(database) as events:
        listed, _ = await events.list_after(*BEGINNING, 10)
        assert {event.aggregate for event in listed} == {ADA, BOB}


async def test_an_open_transaction_holds_nobody_up_and_is_told_later(database: Database, events: EventLog) -> None:
    async with database.transaction() as slow:
        await change(slow, ADA)
        await changes(database, BOB)
        listed, _ = await events.list_after(*BEGINNING, 10)
        assert [event.aggregate for event in listed] == [BOB]
    later, _ = await events.list_after(listed[0].position, listed[0].chain, 10)
    assert [(event.position, event.aggregate) for event in later] == [(2, ADA)]


async def test_who_waits_is_told_at_once(database: Database, events: EventLog) -> None:
    cursor, waits = BEGINNING, []
    for _ in range(5):
        waiting = asyncio.create_task(LocalSource(events).list_after(*cursor, 10, 10))
        await events.wait_for_events(cursor.position, 0.02)
        assert not waiting.done()
        began = time.monotonic()
        await changes(database, ADA)
        told = (await waiting).events[0]
        waits.append(time.monotonic() - began)
        cursor = type(cursor)(told.position, told.chain)
    assert min(waits) < 0.1, waits


async def test_who_waits_is_told_of_what_another_process_wrote(database: Database, events: EventLog) -> None:
    waiting = asyncio.create_task(LocalSource(events).list_after(*BEGINNING, 10, 10))
    other = Database(database.url.render_as_string(hide_password=False))
    await changes(other, ADA)
    await other.close()
    async with asyncio.timeout(2):
        assert [event.aggregate for event in (await waiting).events] == [ADA]


async def test_nobody_waits_for_a_log_that_is_about_to_stop(events: EventLog) -> None:
    waiting = asyncio.create_task(LocalSource(events).list_after(*BEGINNING, 10, 20))
    await events.release()
    async with asyncio.timeout(2):
        assert (await waiting).head_position == 0


async def test_a_database_that_may_forget_commits_is_refused(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("ALTER ROLE CURRENT_USER SET synchronous_commit = off"))
    forgetful = Database(database.url.render_as_string(hide_password=False))
    with pytest.raises(RuntimeError, match="synchronous_commit"):
        await EventLog(forgetful).start()
    await forgetful.close()


async def test_a_cursor_that_the_log_never_wrote_is_refused(start: Start) -> None:
    nothing = Service("groups", apis=[])
    world = await start(nothing)
    async with world.channel("feed") as channel:
        source = RemoteSource(event_log_pb2_grpc.EventLogServiceStub(channel))
        assert (await source.list_after(*BEGINNING, 10, 0)).head_position == 0
        for position, chain in ((7, BEGINNING.chain), (0, b"?" * 32)):
            with pytest.raises(WrongState) as refusal:
                await source.list_after(position, chain, 10, 0)
            assert refusal.value.reason == "LOG_DIVERGED"


async def test_a_cursor_from_before_the_pruning_is_refused(database: Database, events: EventLog) -> None:
    await changes(database, ADA, BOB)
    (_, last), _ = await events.list_after(*BEGINNING, 10)
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT eventlog.prune('0 seconds')"))).scalar_one() == 2
    with pytest.raises(OutOfRange) as refusal:
        await events.list_after(*BEGINNING, 10)
    assert refusal.value.reason == "LOG_TRUNCATED"
    await changes(database, EVE)
    listed, _ = await events.list_after(last.position, last.chain, 10)
    assert [event.aggregate for event in listed] == [EVE]


async def test_a_follower_hears_everything_in_order(database: Database, follower: Follower) -> None:
    await changes(database, ADA, BOB, ADA)
    await follower.caught_up(5)
    assert await heard(database) == [(ADA, 1), (BOB, 1), (ADA, 2)]
    assert follower.position == 3
    assert time.monotonic() - follower.caught_up_at < 5


async def test_a_log_is_followed_in_two_ways_each_with_its_own_place(database: Database, events: EventLog) -> None:
    class HearingToo(Hearing):
        name = "identity/too"

    await changes(database, ADA)
    async with running(Follower(LocalSource(events), database, Hearing())) as one:
        await one.caught_up(5)
    await changes(database, BOB)
    async with running(Follower(LocalSource(events), database, HearingToo())) as other:
        await other.caught_up(5)
    assert await heard(database) == [(ADA, 1), (ADA, 1), (BOB, 1)]


async def test_events_that_nobody_hears_are_passed_by(database: Database, follower: Follower) -> None:
    async with database.transaction() as tx:
        await append(tx, "barrierPolicy", 1, BarriersChanged())
    await changes(database, ADA)
    await follower.caught_up(5)
    assert await heard(database) == [(ADA, 1)]


async def test_passing_by_is_no_write_that_would_have_anybody_look_for_work(
    database: Database, follower: Follower
) -> None:
    await follower.caught_up(5)
    async with database.transaction() as tx:
        await append(tx, "barrierPolicy", 1, BarriersChanged())
    writes = database.writes
    await follower.caught_up(5)
    assert (follower.position, database.writes) == (1, writes)


async def test_who_passes_by_notices_that_another_process_was_first(database: Database, events: EventLog) -> None:
    async with database.transaction() as tx:
        await append(tx, "barrierPolicy", 1, BarriersChanged())
    unheard, _ = await events.list_after(*BEGINNING, 10)
    before = await standing(database, Hearing.source)
    digestion = Digestion(database, Hearing())
    after = await digestion.digest(before, unheard)
    with pytest.raises(Overtaken):
        await digestion.digest(before, unheard)
    assert await standing(database, Hearing.source) == after


async def test_who_has_more_to_read_does_not_rest(database: Database, events: EventLog) -> None:
    class Restful(Hearing):
        pace_seconds = longest_pace_seconds = 60.0

    await changes(database, *[ADA] * 6)
    async with running(Follower(LocalSource(events), database, Restful(), batch=2)) as follower:
        await follower.caught_up(10)
    assert len(await heard(database)) == 6


async def test_an_erased_event_is_passed_by(database: Database, events: EventLog) -> None:
    await changes(database, ADA, BOB)
    await events.list_after(*BEGINNING, 10)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE eventlog.events SET payload = NULL WHERE position = 1"))
    async with running(Follower(LocalSource(events), database, Hearing())) as follower:
        await follower.caught_up(5)
        assert await heard(database) == [(BOB, 1)]


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        ("UPDATE eventlog.events SET payload = 'x' WHERE position = 2", "payload was changed at position 2"),
        ("UPDATE eventlog.events SET payload_hash = sha256('x'), payload = 'x' WHERE position = 2", "chain is broken"),
        ("DELETE FROM eventlog.events WHERE position = 2", "missing at position 2"),
    ],
)
async def test_tampering_is_noticed(database: Database, events: EventLog, tampering: str, finding: str) -> None:
    await changes(database, ADA, BOB, EVE)
    await events.list_after(*BEGINNING, 10)
    async with database.transaction() as tx:
        await tx.execute(text(tampering))
    async with running(Follower(LocalSource(events), database, Hearing())) as follower:
        assert finding in await diverged(follower)
        assert await heard(database) == []


class Faulty(Hearing):
    """Fails as often as the test says."""

    def __init__(self, *faults: Exception, poison: str = "") -> None:
        self._faults = list(faults)
        self._poison = poison

    async def gather(self, events: Sequence[Event]) -> None:
        if self._faults:
            raise self._faults.pop()

    @on(PersonAccessChanged)
    async def person_access_changed(self, tx: AsyncConnection, event: PersonAccessChanged) -> None:
        await super().person_access_changed(tx, event)
        if event.person == self._poison:
            await tx.execute(text("SELECT 1 / 0"))


async def test_poison_is_parked_with_what_follows_it_and_tried_again_by_a_new_start(
    database: Database, events: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    await changes(database, ADA, EVE, BOB, EVE, ADA)
    async with running(Follower(LocalSource(events), database, Faulty(poison=EVE))) as follower:
        await follower.caught_up(5)
        await changes(database, EVE, BOB)
        await follower.caught_up(5)
    assert await heard(database) == [(ADA, 1), (BOB, 1), (ADA, 2), (BOB, 2)]
    assert await parked(database) == [2, 4, 6]
    assert sum("is parked" in message for message in caplog.messages) == 1

    async with running(Follower(LocalSource(events), database, Hearing())) as follower:
        await follower.caught_up(5)
        await changes(database, EVE)
        await follower.caught_up(5)
    assert (await heard(database))[4:] == [(EVE, 1), (EVE, 2), (EVE, 3), (EVE, 4)]
    assert await parked(database) == []


async def test_trouble_that_passes_parks_nothing(database: Database, events: EventLog) -> None:
    await changes(database, ADA, BOB)
    away: list[Problem] = [Unavailable("AWAY", "Away."), TooLate("LATE", "Late."), Unavailable("AWAY", "Away.")]
    async with running(Follower(LocalSource(events), database, Faulty(*away))) as follower:
        await follower.caught_up(5)
    assert await heard(database) == [(ADA, 1), (BOB, 1)]
    assert await parked(database) == []


class Slow(Hearing):
    """Cannot deal with many events in time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def gather(self, events: Sequence[Event]) -> None:
        self.sizes.append(len(events))
        if len(events) > 3:
            raise TooLate("LATE", "Late.")


async def test_a_batch_that_takes_too_long_is_halved(database: Database, events: EventLog) -> None:
    await changes(database, *[ADA] * 12)
    slow = Slow()
    async with running(Follower(LocalSource(events), database, slow, batch=12)) as follower:
        await follower.caught_up(10)
    assert slow.sizes[:3] == [12, 6, 3]
    assert await heard(database) == [(ADA, version) for version in range(1, 13)]


async def parked(database: Database) -> list[int]:
    """The positions that are parked."""
    async with database.snapshot() as tx:
        rows = await tx.execute(text("SELECT position FROM eventlog.parked WHERE resolved_at IS NULL ORDER BY 1"))
        return list(rows.scalars())
