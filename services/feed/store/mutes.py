"""What people muted: in PostgreSQL, as a replica that the process holds, and as a clause."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.resources import Resources
from services.feed.domain.relations import NOTHING_MUTED, Silence
from services.feed.store import relations
from services.feed.tables import posts
from services.feed.tables.relations import group_mutes, muters, person_mutes, tag_mutes, thread_mutes

_originals = posts.alias("muted_originals")
# Held until the writer commits. So rows become visible in the order of `changed`, and who has read up to a number has
# missed nothing.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('mutes', 0))")
_NEWEST = sa.select(sa.func.coalesce(sa.func.max(muters.c.changed), 0))
_PEEK = "SELECT coalesce(max(changed), 0) FROM muters"


def _muted(table: sa.Table) -> sa.ColumnElement[Any]:
    mine = sa.select(table.c.target).where(table.c.person == muters.c.person, table.c.active)
    return sa.func.array(mine.scalar_subquery())


_CHANGED = sa.select(muters.c.person, *map(_muted, (person_mutes, tag_mutes, thread_mutes, group_mutes)))


class Mutes:
    """The replica. A process takes its own changes in at once, and those of others by polling."""

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._silences: dict[int, Silence] = {}
        self._seen = 0
        self._refreshing = asyncio.Lock()

    def of(self, person: UUID) -> Silence:
        """What somebody muted."""
        return self._silences.get(person.int, NOTHING_MUTED)

    async def refresh(self) -> None:
        """Takes in what was committed since the last time; one tiny query when that is nothing."""
        async with self._refreshing:
            if await self._database.peek(_PEEK) != (self._seen,):
                await self._take_in()

    async def _take_in(self) -> None:
        async with self._database.snapshot() as tx:
            newest = (await tx.execute(_NEWEST)).scalar_one()
            if newest < self._seen:  # a database that was restored
                self._silences, self._seen = {}, 0
            rows = list(await tx.execute(_CHANGED.where(muters.c.changed > self._seen)))
            for person, people, tags, threads, groups in rows:
                numbers = [frozenset(target.int for target in targets) for targets in (people, threads, groups)]
                self._silences[person.int] = Silence(numbers[0], frozenset(tags), numbers[1], numbers[2])
            self._seen = newest


async def begin(tx: AsyncConnection, table: sa.Table, person: UUID, target: str | UUID, now: datetime) -> datetime:
    """Since when somebody mutes something, from now on if it was not so."""
    begun = await relations.begin(tx, table, person, target, now)
    if begun is None:
        return await relations.since(tx, table, person, target) or now
    await _tick(tx, person)
    since: datetime = begun.create_time
    return since


async def end(tx: AsyncConnection, table: sa.Table, person: UUID, target: str | UUID) -> None:
    """Ends a mute, if there is one."""
    if await relations.end(tx, table, person, target) is not None:
        await _tick(tx, person)


def unmuted_clause(silence: Silence, viewer: UUID, *, but_tag: str = "") -> sa.ColumnElement[bool]:
    """Whether a row of `posts` is not of, or with, what the viewer muted, nor passes that on.

    `but_tag` is not left out: whoever asks for a tag wants to see it.
    """
    rules: list[sa.ColumnElement[bool]] = []
    muted: list[sa.ColumnElement[bool]] = []
    if silence.people:
        people = sa.literal([UUID(int=number) for number in sorted(silence.people)], ARRAY(sa.Uuid))
        rules.append(posts.c.author != sa.all_(people))
        muted.append(_originals.c.author == sa.any_(people))
    if tags := sorted(silence.tags - {but_tag}):
        rules.append(sa.or_(~posts.c.tags.overlap(sa.literal(tags, ARRAY(sa.Text))), posts.c.author == viewer))
        others = _originals.c.author != viewer
        muted.append(others & _originals.c.tags.overlap(sa.literal(tags, ARRAY(sa.Text))))
    if muted:
        passed_on = sa.select(sa.literal(1)).where(_originals.c.id == posts.c.reshare_of, sa.or_(*muted))
        rules.append(sa.or_(posts.c.reshare_of.is_(None), ~passed_on.exists()))
    return sa.and_(sa.true(), *rules)


async def touch(tx: AsyncConnection, people: Sequence[UUID]) -> None:
    """Lets all processes take in anew what these people muted."""
    if people:
        await tx.execute(_LOCK)
        next_tick = (await tx.execute(_NEWEST)).scalar_one() + 1
        statement = insert(muters).on_conflict_do_update(index_elements=["person"], set_={"changed": next_tick})
        await tx.execute(statement, [{"person": person, "changed": next_tick} for person in sorted(people)])


async def hand_over(tx: AsyncConnection, person: UUID, other: UUID) -> int:
    """Lets somebody else stand where it is told that a person muted something; answers whether anybody stood there."""
    await tx.execute(_LOCK)
    return (await tx.execute(sa.update(muters).where(muters.c.person == person).values(person=other))).rowcount


async def _tick(tx: AsyncConnection, person: UUID) -> None:
    await tx.execute(_LOCK)
    next_tick = (await tx.execute(_NEWEST)).scalar_one() + 1
    statement = insert(muters).values(person=person, changed=next_tick)
    await tx.execute(statement.on_conflict_do_update(index_elements=["person"], set_={"changed": next_tick}))
