"""The replica: what followers keep of what they were told, and how every process of a service gets to know it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import sub
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from plein.chassis.v1.audience_pb2 import WORKER_KIND_EXTERNAL, Barrier, BarriersChanged, PersonAccessChanged
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access import STALE_SECONDS, Access, PersonAccess, Root, Sight
from chassis.audience import (
    AccessReactions,
    RootColumns,
    drop_block,
    drop_membership,
    drop_mute,
    keep_barriers,
    keep_block,
    keep_membership,
    keep_mute,
    keep_person,
    visible_clause,
)
from chassis.database import Database
from chassis.migrations import migrate
from chassis.service import Service
from tests.conftest import Databases, Start

# A service that does no more than following identity.
FOLLOWING = Service(
    "feed",
    apis=[],
    follows=[AccessReactions],
)


class Members(AccessReactions):
    """Follows groups, which tell nothing here."""

    source = "groups"
    may_be_absent = True


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def database(postgres: Databases) -> AsyncIterator[Database]:
    fresh = Database(await postgres.fresh())
    await migrate(fresh, "none")
    yield fresh
    await fresh.close()


@pytest.fixture
def access() -> Access:
    """A replica that hears groups all the time."""
    made = Access()
    made.groups_heard = time.monotonic
    return made


async def test_a_person_who_is_told_twice_is_kept_once(database: Database, access: Access) -> None:
    ada = uuid4()
    told = PersonAccessChanged(
        person=f"people/{ada}", kind=WORKER_KIND_EXTERNAL, segments=["network", "trading"], active=True, epoch=3
    )
    for _ in range(2):
        async with database.transaction() as tx:
            await keep_person(tx, told)
        await access.refresh(database)
        assert access.person(ada) == PersonAccess(ada, WORKER_KIND_EXTERNAL, ("network", "trading"), True, 3)


async def test_what_is_told_last_about_a_person_counts(database: Database, access: Access) -> None:
    ada = await somebody(database, "network")
    async with database.transaction() as tx:
        await keep_person(tx, PersonAccessChanged(person=f"people/{ada}", active=False, epoch=4))
    await access.refresh(database)
    assert access.person(ada) == PersonAccess(ada, 0, (), False, 4)


async def test_a_new_policy_replaces_all_barriers_of_the_old_one(database: Database, access: Access) -> None:
    ada, bob = await somebody(database, "network"), await somebody(database, "retail")
    for _ in range(2):
        await bar(database, ("retail", "network"), ("network", "retail"), ("trading", "trading"))
    await access.refresh(database)
    assert not access.can_meet(ada, bob)
    assert not access.can_meet(bob, ada)
    await bar(database, ("network", "trading"))
    await access.refresh(database)
    assert access.can_meet(ada, bob)
    assert access.sight(ada).blocked == {"trading"}


async def test_two_people_meet_again_when_neither_blocks_the_other(database: Database, access: Access) -> None:
    ada, bob, cleo = [await somebody(database) for _ in range(3)]
    for change, pairs, meet in (
        (keep_block, [(ada, bob), (ada, cleo)], False),
        (keep_block, [(bob, ada), (ada, bob)], False),
        (drop_block, [(ada, bob)], False),
        (drop_block, [(bob, ada)], True),
    ):
        async with database.transaction() as tx:
            for pair in pairs:
                await change(tx, *pair)
        await access.refresh(database)
        assert access.can_meet(ada, bob) == access.can_meet(bob, ada) == meet
        assert not access.can_meet(cleo, ada)
        assert access.can_meet(bob, cleo)
        assert access.sight(ada).despite_blocks().meets(bob)


async def test_people_within_a_segment_can_be_kept_apart_but_meet_themselves(
    database: Database, access: Access
) -> None:
    ada, bob = await somebody(database, "trading"), await somebody(database, "trading")
    await bar(database, ("trading", "trading"))
    await access.refresh(database)
    assert not access.can_meet(ada, bob)
    assert access.can_meet(ada, ada)


async def test_a_member_sees_what_is_written_in_the_group_from_the_day_that_counts(
    database: Database, access: Access
) -> None:
    ada, bob, group = await somebody(database), await somebody(database), uuid4()
    for _ in range(2):
        async with database.transaction() as tx:
            await keep_membership(tx, group, ada, NOON)
    await access.refresh(database)
    sight = access.sight(ada)
    assert sight.sees(bob, group=group, create_time=NOON)
    assert not sight.sees(bob, group=group, create_time=NOON - timedelta(microseconds=1))
    assert not sight.sees(bob, group=group)
    assert not access.sight(bob).sees(bob, group=group, create_time=NOON)


async def test_who_left_a_group_sees_nothing_of_it(database: Database, access: Access) -> None:
    ada, group = await somebody(database), uuid4()
    async with database.transaction() as tx:
        await keep_membership(tx, group, ada)
    await access.refresh(database)
    assert access.can_view(ada, ada, group=group)
    for _ in range(2):
        async with database.transaction() as tx:
            await drop_membership(tx, group, ada)
    await access.refresh(database)
    assert not access.can_view(ada, ada, group=group)
    async with database.transaction() as tx:
        await keep_membership(tx, group, ada)
    await access.refresh(database)
    assert access.can_view(ada, ada, group=group)


async def test_while_groups_is_not_heard_nobody_sees_what_is_written_in_groups(
    database: Database, access: Access
) -> None:
    ada, group = await somebody(database), uuid4()
    async with database.transaction() as tx:
        await keep_membership(tx, group, ada)
    await access.refresh(database)
    for heard_ago, seen in ((STALE_SECONDS - 5, True), (STALE_SECONDS + 1, False), (0, True)):
        access.groups_heard = partial(sub, time.monotonic(), heard_ago)
        sight = access.sight(ada)
        assert sight.sees(ada, group=group) == sight.belongs(group) == sight.hears_groups == seen
        assert sight.despite_blocks().sees(ada, group=group) == seen
        assert sight.sees(ada), "what is in no group is seen as before"
        assert await sees_in_sql(database, sight, ada, group) == seen


async def test_a_replica_that_never_heard_of_groups_shows_nothing_of_them(database: Database) -> None:
    ada, group, access = await somebody(database), uuid4(), Access()
    async with database.transaction() as tx:
        await keep_membership(tx, group, ada)
    await access.refresh(database)
    assert not access.can_view(ada, ada, group=group)


async def test_what_was_removed_not_even_its_author_sees(database: Database, access: Access) -> None:
    ada = await somebody(database)
    await access.refresh(database)
    sight = access.sight(ada)
    assert not access.can_view(ada, ada, removed=True)
    assert not sight.sees_under(Root(ada), ada, removed=True)
    assert not sight.sees_under(Root(ada, removed=True), ada)


async def test_somebody_is_muted_until_the_time_that_was_told_last(database: Database, access: Access) -> None:
    ada, later = await somebody(database), datetime.now(UTC) + timedelta(hours=1)
    for told, known_until in ((later, later), (NOON, None), (later, later), (None, None)):
        async with database.transaction() as tx:
            await (keep_mute(tx, ada, told) if told else drop_mute(tx, ada))
        await access.refresh(database)
        assert access.muted_until(ada) == known_until


async def test_nobody_meets_or_sees_for_somebody_who_is_unknown(database: Database, access: Access) -> None:
    ada, stranger = await somebody(database), uuid4()
    await access.refresh(database)
    assert access.person(stranger) is None
    assert not access.can_meet(stranger, ada)
    assert not access.can_meet(stranger, stranger)
    assert not access.can_view(stranger, ada)
    assert not access.can_view(ada, stranger)


async def test_every_process_takes_in_what_one_of_them_was_told(database: Database) -> None:
    following, other = Access(), Access()
    ada = await somebody(database, "network")
    await following.refresh(database)
    await other.refresh(database)
    async with database.transaction() as tx:
        await keep_person(tx, PersonAccessChanged(person=f"people/{ada}", active=False))
    await following.refresh(database)
    assert not known(following, ada).active
    assert known(other, ada).active
    await other.refresh(database)
    assert not known(other, ada).active


async def test_a_change_that_is_rolled_back_was_never_told(database: Database, access: Access) -> None:
    ada, bob = uuid4(), uuid4()
    with suppress(LookupError):
        async with database.transaction() as tx:
            await keep_person(tx, PersonAccessChanged(person=f"people/{ada}", active=True))
            raise LookupError
    async with database.transaction() as tx:
        await keep_person(tx, PersonAccessChanged(person=f"people/{bob}", active=True))
    await access.refresh(database)
    assert access.person(ada) is None
    assert known(access, bob).active


async def test_a_change_that_is_committed_late_is_not_missed(database: Database, access: Access) -> None:
    """Two copies of a follower can overlap for a moment. Numbers from a sequence would lose the slower one."""
    slow, fast = uuid4(), uuid4()

    async def keep_fast() -> None:
        async with database.transaction() as tx:
            await keep_person(tx, PersonAccessChanged(person=f"people/{fast}", active=True))

    async with database.transaction() as tx:
        await keep_person(tx, PersonAccessChanged(person=f"people/{slow}", active=True))
        writing = asyncio.create_task(keep_fast())
        await until(lambda: finished_or_waiting(database, writing))
        await access.refresh(database)
    await writing
    await access.refresh(database)
    assert known(access, slow).active
    assert known(access, fast).active


async def test_refreshing_reads_no_table_when_nothing_changed(database: Database, access: Access) -> None:
    await somebody(database)
    await access.refresh(database)
    with counted(database) as statements:
        await access.refresh(database)
    assert statements == []


async def test_a_replica_that_never_heard_of_identity_says_so() -> None:
    assert time.monotonic() - Access().heard_at == float("inf")


async def test_a_service_that_follows_identity_decides_on_what_it_tells(start: Start) -> None:
    world = await start(FOLLOWING)
    access = world.server.resources.access
    ada = await world.person("ada", segments=["network"])
    bob = await world.person("bob", kind="EXTERNAL", segments=["retail"])
    assert access.can_meet(ada.id, bob.id)
    await world.bar(("network", "retail"))
    assert not access.can_meet(ada.id, bob.id)
    await world.access(bob, kind="EXTERNAL", active=False, epoch=1)
    assert access.person(bob.id) == PersonAccess(bob.id, WORKER_KIND_EXTERNAL, (), False, 1)
    assert access.can_meet(ada.id, bob.id)


async def sees_in_sql(database: Database, sight: Sight, author: UUID, group: UUID) -> bool:
    root = RootColumns(
        sa.literal(author, sa.Uuid),
        sa.literal([], ARRAY(sa.SmallInteger)),
        sa.literal(NOON, sa.DateTime(timezone=True)),
        sa.literal(group, sa.Uuid),
    )
    async with database.snapshot() as tx:
        return bool((await tx.execute(sa.select(visible_clause(sight, root)))).scalar_one())


async def test_a_service_knows_at_once_whether_it_hears_groups(start: Start) -> None:
    """An event is waited for much longer than this may take."""
    world = await start(replace(FOLLOWING, follows=[AccessReactions, Members]))
    ada = await world.person("ada")
    async with asyncio.timeout(2):
        await world.caught_up("groups")
    assert world.server.resources.access.sight(ada.id).hears_groups


async def test_groups_itself_needs_to_hear_nobody(start: Start) -> None:
    world = await start(replace(FOLLOWING, name="groups"))
    ada = await world.person("ada")
    assert world.server.resources.access.sight(ada.id).hears_groups


async def somebody(database: Database, *segments: str) -> UUID:
    """An active person of whom a follower was told."""
    person = uuid4()
    async with database.transaction() as tx:
        await keep_person(tx, PersonAccessChanged(person=f"people/{person}", segments=segments, active=True))
    return person


async def bar(database: Database, *pairs: tuple[str, str]) -> None:
    barriers = [Barrier(segment=one, other_segment=other) for one, other in pairs]
    async with database.transaction() as tx:
        await keep_barriers(tx, BarriersChanged(barriers=barriers))


def known(access: Access, person: UUID) -> PersonAccess:
    found = access.person(person)
    assert found is not None
    return found


async def finished_or_waiting(database: Database, task: "asyncio.Task[None]") -> bool:
    """Whether a task is done, or its transaction waits for another's lock."""
    async with database.snapshot() as tx:
        waiting = "SELECT true FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return task.done() or (await tx.execute(sa.text(waiting))).first() is not None


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await condition():
            pass


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that go through SQLAlchemy inside the block."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
