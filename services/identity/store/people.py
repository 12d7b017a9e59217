"""People in PostgreSQL. What takes a `sight` returns only whom its viewer may meet, decided in the same statement."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import meetable_clause
from services.identity.domain.people import ADMINISTRATOR, Kind, Person, Shown, Status
from services.identity.tables import people

Row = Any  # its type would name every column
_FIELDS = tuple(field.name for field in fields(Person))
_PERSON = [people.c[name] for name in _FIELDS]
_sponsors = people.alias("sponsors")
_managers = people.alias("managers")
_HERE = people.c.status != Status.DEPARTED
# Taken by whoever may take an administrator away, so that two cannot take each other.
_ADMINISTRATORS_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('identity.administrators'))")


async def visible_people(tx: AsyncConnection, sight: Sight | None, ids: Collection[UUID]) -> dict[UUID, Shown]:
    """The people among these ids whom the viewer may know of; without a sight all of them."""
    return {shown.person.id: shown for shown in await _shown(tx, sight, people.c.id == sa.any_(_array(ids)))}


async def all_people(tx: AsyncConnection, after: UUID | None, limit: int) -> list[Shown]:
    """A page of everybody, in the order in which they came in."""
    return await _shown(tx, None, people.c.id > after if after else sa.true(), limit)


async def visible_handles(tx: AsyncConnection, sight: Sight | None, handles: Collection[str]) -> dict[str, UUID]:
    """Handle → person, of those whom the viewer may know of."""
    query = sa.select(people.c.handle, people.c.id).where(
        people.c.handle == sa.any_(sa.literal(list(handles), sa.ARRAY(sa.Text))), _known_to(sight, people)
    )
    return {row.handle: row.id for row in await tx.execute(query)}


async def person(tx: AsyncConnection, person_id: UUID, *, lock: bool = False) -> Person | None:
    """A person, whoever asks; with `lock`, nobody else changes the person or signs in as them meanwhile."""
    query = sa.select(*_PERSON).where(people.c.id == person_id)
    return _one((await tx.execute(query.with_for_update() if lock else query)).first())


async def person_signing_in(tx: AsyncConnection, person_id: UUID) -> Person | None:
    """A person, who cannot be suspended until the transaction ends, so that no session outlives a suspension."""
    query = sa.select(*_PERSON).where(people.c.id == person_id).with_for_update(read=True)
    return _one((await tx.execute(query)).first())


async def people_by_id(tx: AsyncConnection, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Person]:
    """The people with these ids, locked in the order of their ids."""
    query = sa.select(*_PERSON).where(people.c.id == sa.any_(_array(ids))).order_by(people.c.id)
    found = map(_person, await tx.execute(query.with_for_update() if lock else query))
    return {person.id: person for person in found}


async def people_by_number(tx: AsyncConnection, numbers: Collection[str], *, lock: bool) -> dict[str, Person]:
    """The people with these personnel numbers, locked in the order of their ids."""
    array = sa.literal(list(numbers), sa.ARRAY(sa.Text))
    query = sa.select(*_PERSON).where(people.c.personnel_number == sa.any_(array)).order_by(people.c.id)
    found = map(_person, await tx.execute(query.with_for_update() if lock else query))
    return {person.personnel_number: person for person in found}


async def people_naming(tx: AsyncConnection, managers: Collection[str]) -> list[Person]:
    """The people whose manager has one of these personnel numbers, locked in the order of their ids."""
    array = sa.literal(list(managers), sa.ARRAY(sa.Text))
    query = sa.select(*_PERSON).where(people.c.manager == sa.any_(array)).order_by(people.c.id).with_for_update()
    return [_person(row) for row in await tx.execute(query)]


async def people_after(tx: AsyncConnection, after: UUID | None, limit: int) -> list[Person]:
    """Everybody in pieces, by id."""
    query = sa.select(*_PERSON).order_by(people.c.id).limit(limit)
    return [_person(row) for row in await tx.execute(query.where(people.c.id > after) if after else query)]


async def add_people(tx: AsyncConnection, added: Sequence[Person]) -> None:
    """Stores new people."""
    if added:
        await tx.execute(sa.insert(people), [_values(person) for person in added])


async def save_people(tx: AsyncConnection, changed: Sequence[Person]) -> None:
    """Stores changed people, whom the transaction has locked."""
    if changed:
        values = [_values(person) | {"which": person.id} for person in changed]
        await tx.execute(sa.update(people).where(people.c.id == sa.bindparam("which")), values)


async def lock_administrators(tx: AsyncConnection) -> None:
    """Lets nobody else take an administrator away until the transaction ends. Taken before any person is locked."""
    await tx.execute(_ADMINISTRATORS_LOCK)


async def others_administer(tx: AsyncConnection, besides: Collection[UUID]) -> bool:
    """Whether an administrator who may come in is left besides these people."""
    query = sa.select(people.c.id).where(
        people.c.roles != sa.literal([], sa.ARRAY(sa.Text)),
        people.c.roles.contains(sa.literal([ADMINISTRATOR], sa.ARRAY(sa.Text))),
        people.c.status.in_([Status.INVITED, Status.ACTIVE]),
        people.c.held_until.is_(None),
        people.c.id != sa.all_(_array(besides)),
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def email_taken(tx: AsyncConnection, owner: Person) -> bool:
    """Whether somebody else who works here has the person's e-mail address."""
    query = sa.select(people.c.id).where(people.c.email == owner.email, _HERE, people.c.id != owner.id)
    return (await tx.execute(query)).first() is not None


async def _shown(tx: AsyncConnection, sight: Sight | None, which: Any, limit: int | None = None) -> list[Shown]:
    joined = people.outerjoin(
        _sponsors, sa.and_(_sponsors.c.personnel_number == people.c.sponsor, _known_to(sight, _sponsors))
    ).outerjoin(_managers, sa.and_(_managers.c.personnel_number == people.c.manager, _known_to(sight, _managers)))
    query = (
        sa.select(*_PERSON, _sponsors.c.id.label("sponsor_id"), _managers.c.id.label("manager_id"))
        .select_from(joined)
        .where(which, _known_to(sight, people))
        .order_by(people.c.id)
        .limit(limit)
    )
    return [Shown(_person(row), row.sponsor_id, row.manager_id) for row in await tx.execute(query)]


def _known_to(sight: Sight | None, those: Any) -> sa.ColumnElement[bool]:
    """Whom the viewer may know of: everybody without a barrier, and oneself before one's own arrival is heard."""
    if sight is None:
        return sa.true()
    return sa.or_(those.c.id == sight.viewer, meetable_clause(sight, those.c.id))


def _array(ids: Collection[UUID]) -> sa.ColumnElement[Any]:
    return sa.literal(list(ids), sa.ARRAY(sa.Uuid))


def _one(row: Row | None) -> Person | None:
    return _person(row) if row else None


def _person(row: Row) -> Person:
    values = dict(zip(_FIELDS, row, strict=False))
    values["kind"], values["status"] = Kind(values["kind"]), Status(values["status"])
    values["segments"], values["roles"] = tuple(values["segments"]), tuple(values["roles"])
    return Person(**values)


def _values(person: Person) -> dict[str, Any]:
    values = {name: getattr(person, name) for name in _FIELDS}
    values["segments"], values["roles"] = list(person.segments), list(person.roles)
    return values
