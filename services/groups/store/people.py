"""What groups keeps of what identity knows of people, and what is to be done about them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.tables.people import barrier_checks, departures, people_facts

_CHECK_SEGMENTS = sa.text("""
    INSERT INTO barrier_checks (person)
    SELECT :person WHERE EXISTS (SELECT FROM members WHERE person = :person)
        AND CAST(:segments AS text[]) IS DISTINCT FROM (SELECT segments FROM access.people WHERE person = :person)""")
_CHECK_REST = sa.text("""
    INSERT INTO barrier_checks (group_id)
    SELECT :group WHERE EXISTS (SELECT FROM members WHERE group_id = :group AND suspended)""")


async def keep(tx: AsyncConnection, departments: Mapping[UUID, str]) -> None:
    """Keeps in which departments people are, in the place of what was."""
    if not departments:
        return
    statement = insert(people_facts)
    statement = statement.on_conflict_do_update(
        index_elements=["person"], set_={"department": statement.excluded.department}
    )
    rows = [{"person": person, "department": departments[person]} for person in sorted(departments)]
    await tx.execute(statement, rows)


async def check_segments(tx: AsyncConnection, person: UUID, segments: Sequence[str]) -> None:
    """Lets the groups of a person be looked at who is about to be in other segments, as `segments`, sorted, say."""
    await tx.execute(_CHECK_SEGMENTS, {"person": person, "segments": list(segments)})


async def check_rest(tx: AsyncConnection, group: UUID) -> None:
    """Lets a group be looked at whose suspended members may meet all who are left."""
    await tx.execute(_CHECK_REST, {"group": group})


async def check_all(tx: AsyncConnection) -> None:
    """Lets all groups be looked at for people who must not meet."""
    await tx.execute(sa.insert(barrier_checks).values(person=None))


async def depart(tx: AsyncConnection, person: UUID) -> None:
    """Lets a person who left leave all groups."""
    await tx.execute(insert(departures).values(person=person).on_conflict_do_nothing())


async def return_(tx: AsyncConnection, person: UUID) -> None:
    """Lets a person stay in what groups are left."""
    await tx.execute(sa.delete(departures).where(departures.c.person == person))
