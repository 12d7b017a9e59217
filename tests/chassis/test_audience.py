"""The rules three times: in the process, in SQL, and here once more from their text, naively. They have to agree on
every decision in random worlds: 27,000 on what is written, 4,000 on who meets whom."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from plein.chassis.v1.audience_pb2 import Barrier, BarriersChanged, PersonAccessChanged, WorkerKind
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, Root, Sight, kinds_mask
from chassis.audience import (
    RootColumns,
    drop_block,
    drop_membership,
    keep_barriers,
    keep_block,
    keep_membership,
    keep_person,
    meetable_clause,
    visible_clause,
    visible_under_clause,
)
from chassis.database import Database
from chassis.migrations import migrate
from tests.conftest import Databases

WORLDS, ROOTS, REPLIES = 50, 36, 24
PEOPLE = [UUID(int=number) for number in range(1, 9)]
STRANGER = UUID(int=99)  # of whom identity never told
EVERYBODY = [*PEOPLE, STRANGER]
GROUPS = [UUID(int=number) for number in (101, 102)]
FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)

Decisions = set[tuple[UUID, UUID | int]]  # a viewer, and a person who can be met or the number of an item that is seen


@dataclass(frozen=True)
class Person:
    kind: int
    segments: frozenset[str]
    active: bool


@dataclass(frozen=True)
class Item:
    """A root; or with `under`, what somebody added to the root of that number."""

    author: UUID
    under: int | None = None
    kinds: frozenset[int] = frozenset()
    group: UUID | None = None
    hidden: bool = False
    day: int = 0
    removed: bool = False


@dataclass(frozen=True)
class World:
    """`members` says from which day on a person sees what is written in a group; None is all of it.

    `blocks` are pairs of who blocks whom.
    """

    people: dict[UUID, Person]
    barriers: frozenset[tuple[str, str]]
    members: dict[tuple[UUID, UUID], int | None]
    blocks: frozenset[tuple[UUID, UUID]]
    roots: list[Item]
    replies: list[Item]

    @property
    def items(self) -> list[Item]:
        return self.roots + self.replies


class Rules:
    """Straight from the text."""

    def __init__(self, world: World) -> None:
        self.world = world

    def decisions(self) -> Decisions:
        met = {(viewer, person) for viewer in EVERYBODY for person in EVERYBODY if self.meets(viewer, person)}
        numbered = enumerate(self.world.items)
        return met | {(viewer, number) for number, item in numbered for viewer in EVERYBODY if self.sees(viewer, item)}

    def barred(self, one: str, other: str) -> bool:
        return (one, other) in self.world.barriers or (other, one) in self.world.barriers

    def apart(self, one: Person, other: Person) -> bool:
        return any(self.barred(a, b) for a, b in product(one.segments, other.segments))

    def meets(self, viewer: UUID, person: UUID) -> bool:
        people = self.world.people
        if viewer not in people or person not in people:
            return False
        if viewer == person:
            return True
        return not self.blocked(viewer, person) and not self.apart(people[viewer], people[person])

    def blocked(self, one: UUID, other: UUID) -> bool:
        return (one, other) in self.world.blocks or (other, one) in self.world.blocks

    def belongs(self, viewer: UUID, group: UUID, day: int) -> bool:
        if (group, viewer) not in self.world.members:
            return False
        since = self.world.members[group, viewer]
        return since is None or day >= since

    def sees(self, viewer: UUID, item: Item) -> bool:
        if viewer not in self.world.people or not self.world.people[viewer].active:
            return False
        if not self.meets(viewer, item.author) or item.removed:
            return False
        if item.hidden and viewer != item.author:
            return False
        if item.under is not None:
            return self.sees(viewer, self.world.roots[item.under])
        if item.group is not None and not self.belongs(viewer, item.group, item.day):
            return False
        return not item.kinds or self.world.people[viewer].kind in item.kinds or viewer == item.author


class BarriersOneWay(Rules):
    def barred(self, one: str, other: str) -> bool:
        return (one, other) in self.world.barriers


class BlocksOneWay(Rules):
    def blocked(self, one: UUID, other: UUID) -> bool:
        return (one, other) in self.world.blocks


class BlocksOnlyWhenMutual(Rules):
    def blocked(self, one: UUID, other: UUID) -> bool:
        return {(one, other), (other, one)} <= self.world.blocks


class BlocksHideOnlyRoots(Rules):
    def sees(self, viewer: UUID, item: Item) -> bool:
        if item.under is None or not self.blocked(viewer, item.author):
            return super().sees(viewer, item)
        return super().sees(viewer, replace(item, author=self.world.roots[item.under].author))


class ApartOnlyInAllSegments(Rules):
    def apart(self, one: Person, other: Person) -> bool:
        pairs = list(product(one.segments, other.segments))
        return bool(pairs) and all(self.barred(a, b) for a, b in pairs)


class AuthorsSeeWhatWasRemoved(Rules):
    def sees(self, viewer: UUID, item: Item) -> bool:
        return super().sees(viewer, replace(item, removed=item.removed and viewer != item.author))


class MembersMeetDespiteBarriers(Rules):
    def meets(self, viewer: UUID, person: UUID) -> bool:
        together = any({(group, viewer), (group, person)} <= self.world.members.keys() for group in GROUPS)
        known = {viewer, person} <= self.world.people.keys()
        return super().meets(viewer, person) or (known and together)


WRONG = [
    AuthorsSeeWhatWasRemoved,
    BarriersOneWay,
    BlocksOneWay,
    BlocksOnlyWhenMutual,
    BlocksHideOnlyRoots,
    ApartOnlyInAllSegments,
    MembersMeetDespiteBarriers,
]

SEGMENT = st.sampled_from(["network", "retail", "trading"])
ANYBODY = st.sampled_from(EVERYBODY)
GROUP = st.sampled_from(GROUPS)
KIND = st.integers(1, 3)
DAY = st.integers(0, 3)
PERSON = st.builds(Person, KIND, st.frozensets(SEGMENT, max_size=2), st.sampled_from([True, True, False]))
REMOVED = st.sampled_from([False, False, True])
KINDS = st.frozensets(KIND, max_size=2)
ROOT = st.builds(Item, ANYBODY, st.none(), KINDS, st.none() | GROUP, st.booleans(), DAY, REMOVED)
# Few people, so that some block each other.
BLOCK = st.permutations(PEOPLE[:4]).map(lambda people: (people[0], people[1]))
REPLY = st.builds(Item, ANYBODY, st.integers(0, ROOTS - 1), hidden=st.booleans(), removed=REMOVED)
WORLD = st.builds(
    World,
    people=st.fixed_dictionaries(dict.fromkeys(PEOPLE, PERSON)),
    barriers=st.frozensets(st.tuples(SEGMENT, SEGMENT), max_size=3),
    members=st.dictionaries(st.tuples(GROUP, ANYBODY), st.none() | DAY, min_size=4, max_size=12),
    blocks=st.frozensets(BLOCK, max_size=4),
    roots=st.lists(ROOT, min_size=ROOTS, max_size=ROOTS),
    replies=st.lists(REPLY, min_size=REPLIES, max_size=REPLIES),
)

items = sa.Table(
    "items",
    sa.MetaData(),
    sa.Column("number", sa.Integer),
    sa.Column("root", sa.Integer),
    sa.Column("author", sa.Uuid),
    sa.Column("kinds", ARRAY(sa.SmallInteger)),
    sa.Column("group_id", sa.Uuid),
    sa.Column("hidden", sa.Boolean),
    sa.Column("create_time", sa.DateTime(timezone=True)),
    sa.Column("removed", sa.Boolean),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
roots = items.alias("roots")
ROOT_COLUMNS = RootColumns(
    author=roots.c.author,
    kinds=roots.c.kinds,
    create_time=roots.c.create_time,
    group=roots.c.group_id,
    hidden=roots.c.hidden,
    removed=roots.c.removed,
)


# A failing world is shown as it was found: making it smaller takes longer than a test may.
SOME = settings(max_examples=WORLDS, deadline=None, database=None, phases=[Phase.generate])


@pytest.fixture(scope="module")
async def database(postgres: Databases) -> AsyncIterator[Database]:
    fresh = Database(await postgres.fresh())
    await migrate(fresh, "none")
    yield fresh
    await fresh.close()


@SOME
@given(WORLD)
async def test_the_process_and_sql_decide_as_the_rules_say(database: Database, world: World) -> None:
    await tell(database, world)
    access = Access()
    access.groups_heard = time.monotonic
    await access.refresh(database)
    expected = Rules(world).decisions()
    assert decided_in_process(access, world) == expected
    async with database.transaction() as tx:
        await store(tx, world)
        decided = [await decided_in_sql(tx, access.sight(viewer)) for viewer in EVERYBODY]
        assert set.union(*decided) == expected


@pytest.mark.parametrize("wrong", WRONG)
def test_the_worlds_are_rich_enough_to_notice_a_wrong_rule(wrong: type[Rules]) -> None:
    find(WORLD, lambda world: wrong(world).decisions() != Rules(world).decisions(), settings=SOME)


async def tell(database: Database, world: World) -> None:
    """Puts a world in the place of the one before, as followers would."""
    async with database.transaction() as tx:
        for person_id, person in world.people.items():
            event = PersonAccessChanged(person=f"people/{person_id}", segments=person.segments, active=person.active)
            event.kind = WorkerKind.ValueType(person.kind)
            await keep_person(tx, event)
        barriers = [Barrier(segment=one, other_segment=other) for one, other in world.barriers]
        await keep_barriers(tx, BarriersChanged(barriers=barriers))
        for pair in permutations(PEOPLE[:4], 2):
            await (keep_block if pair in world.blocks else drop_block)(tx, *pair)
        for group, person_id in product(GROUPS, EVERYBODY):
            if (group, person_id) in world.members:
                await keep_membership(tx, group, person_id, first_time(world.members[group, person_id]))
            else:
                await drop_membership(tx, group, person_id)


async def store(tx: AsyncConnection, world: World) -> None:
    await tx.run_sync(items.create)
    rows = [
        {
            "number": number,
            "root": number if item.under is None else item.under,
            "author": item.author,
            "kinds": sorted(item.kinds),
            "group_id": item.group,
            "hidden": item.hidden,
            "create_time": time_of(item.day),
            "removed": item.removed,
        }
        for number, item in enumerate(world.items)
    ]
    await tx.execute(sa.insert(items), rows)


def decided_in_process(access: Access, world: World) -> Decisions:
    met = {(viewer, person) for viewer in EVERYBODY for person in EVERYBODY if access.can_meet(viewer, person)}
    seen = {
        (viewer, number)
        for viewer in EVERYBODY
        for number, item in enumerate(world.items)
        if seen_in_process(access, viewer, item, world)
    }
    return met | seen


def seen_in_process(access: Access, viewer: UUID, item: Item, world: World) -> bool:
    if item.under is not None:
        root = as_root(world.roots[item.under])
        return access.sight(viewer).sees_under(root, item.author, item.hidden, item.removed)
    return access.can_view(viewer, *as_root(item))


def as_root(item: Item) -> Root:
    return Root(item.author, kinds_mask(item.kinds), item.group, item.hidden, time_of(item.day), item.removed)


async def decided_in_sql(tx: AsyncConnection, sight: Sight) -> Decisions:
    people = sa.values(sa.column("person", sa.Uuid), name="people").data([(person,) for person in EVERYBODY])
    met = await tx.execute(sa.select(people.c.person).where(meetable_clause(sight, people.c.person)))
    is_root = items.c.number == items.c.root
    under = visible_under_clause(sight, ROOT_COLUMNS, items.c.author, items.c.hidden, items.c.removed)
    visible = sa.or_(is_root & visible_clause(sight, ROOT_COLUMNS), ~is_root & under)
    seen = await tx.execute(sa.select(items.c.number).join(roots, roots.c.number == items.c.root).where(visible))
    return {(sight.viewer, decided) for decided in (*met.scalars(), *seen.scalars())}


def first_time(day: int | None) -> datetime | None:
    return None if day is None else time_of(day)


def time_of(day: int) -> datetime:
    return FIRST_DAY + timedelta(days=day)
