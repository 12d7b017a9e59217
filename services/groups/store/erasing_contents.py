"""What somebody made in groups and answered goes with them, or stays as nobody's; in PostgreSQL, some at a time."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from services.groups.domain.erasures import Erasure, Mode
from services.groups.store.files import any_file
from services.groups.store.gatherings import gathering_of
from services.groups.tables.contents import calendar_links, file_versions, files, gatherings
from services.groups.tables.discovery import dismissals
from services.groups.wire import files as files_wire
from services.groups.wire import gatherings as gatherings_wire

AT_ONCE = 200
_DROP_ANSWERS = sa.text("""
    WITH answered AS MATERIALIZED (
        SELECT gatherings.id FROM gatherings JOIN attendances ON attendances.gathering = gatherings.id
        WHERE attendances.person = :person ORDER BY gatherings.id LIMIT :most FOR UPDATE OF gatherings
    ), dropped AS (
        DELETE FROM attendances USING answered WHERE gathering = answered.id AND person = :person
        RETURNING gathering, attendance
    )
    UPDATE gatherings SET going_count = going_count - CAST(attendance = 1 AS integer),
        waiting_count = waiting_count - CAST(attendance = 2 AS integer),
        maybe_count = maybe_count - CAST(attendance = 3 AS integer)
    FROM dropped WHERE id = gathering""")


async def drop_answers(tx: AsyncConnection, erasure: Erasure) -> int:
    """Forgets what the person answered. Places that become free with it are given out with the next answer."""
    return (await tx.execute(_DROP_ANSWERS, {"person": erasure.person, "most": AT_ONCE})).rowcount


async def drop_files(tx: AsyncConnection, erasure: Erasure) -> int:
    """Deletes a file that the person brought, or makes them nobody's. A trigger lets go of what is stored."""
    mine = files.c.uploader == erasure.person
    if erasure.mode is Mode.ANONYMISE:
        return (await tx.execute(sa.update(files).where(mine).values(uploader=None))).rowcount
    id_ = (await tx.execute(sa.select(files.c.id).where(mine).limit(1).with_for_update())).scalar()
    file = await any_file(tx, id_) if id_ else None
    if file is None:
        return 0
    await tx.execute(sa.delete(files).where(files.c.id == file.id))
    await append_many(tx, [files_wire.deleted(file)])
    return 1


async def release_versions(tx: AsyncConnection, erasure: Erasure) -> int:
    """Versions that the person added to files of others stay with these, as nobody's."""
    mine = sa.update(file_versions).where(file_versions.c.uploader == erasure.person)
    return (await tx.execute(mine.values(uploader=None))).rowcount


async def drop_gatherings(tx: AsyncConnection, erasure: Erasure) -> int:
    """Deletes events that the person planned, or makes them nobody's."""
    mine = gatherings.c.organiser == erasure.person
    if erasure.mode is Mode.ANONYMISE:
        return (await tx.execute(sa.update(gatherings).where(mine).values(organiser=None))).rowcount
    some = sa.select(gatherings.c.id).where(mine).order_by(gatherings.c.id).limit(AT_ONCE).with_for_update()
    gone = await tx.execute(sa.delete(gatherings).where(gatherings.c.id.in_(some)).returning(gatherings))
    found = [gathering_of(row) for row in gone]
    await append_many(tx, [told for gathering in found for told in gatherings_wire.deleted(gathering)])
    return len(found)


async def drop_wishes(tx: AsyncConnection, erasure: Erasure) -> int:
    """Forgets the address of the person's calendar, and what is not to be suggested."""
    count = 0
    for table in (calendar_links, dismissals):
        count += (await tx.execute(sa.delete(table).where(table.c.person == erasure.person))).rowcount
    return count


STEPS = [
    ("answers_to_events", drop_answers),
    ("files", drop_files),
    ("files", release_versions),
    ("events", drop_gatherings),
    ("wishes", drop_wishes),
]
