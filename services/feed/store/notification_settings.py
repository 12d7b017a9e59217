"""How people want to be told, in PostgreSQL. Who never said anything has no row."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.notifications import Digest, Kind, Language, NotificationSettings, QuietHours
from services.feed.tables.notifications import notification_settings as settings


async def of_person(tx: AsyncConnection, person: UUID, *, lock: bool = False) -> NotificationSettings:
    """Somebody's settings. `lock` keeps others from changing them meanwhile."""
    return (await of_people(tx, [person], lock=lock))[person]


async def of_people(tx: AsyncConnection, people: list[UUID], *, lock: bool = False) -> dict[UUID, NotificationSettings]:
    """The settings of each of these people."""
    query = sa.select(settings).where(settings.c.person.in_(people))
    if lock:
        query = query.with_for_update()
    found = {person: NotificationSettings(person) for person in people}
    for row in await tx.execute(query):
        quiet = None if row.quiet_begin is None else QuietHours(row.quiet_begin, row.quiet_end, row.time_zone)
        found[row.person] = NotificationSettings(
            person=row.person,
            muted_kinds=tuple(Kind(kind) for kind in row.muted_kinds),
            quiet_hours=quiet,
            digest=Digest(row.digest),
            language=Language(row.language),
            push_kinds=tuple(Kind(kind) for kind in row.push_kinds),
            mail_kinds=tuple(Kind(kind) for kind in row.mail_kinds),
            revision=row.revision,
        )
    return found


async def save(tx: AsyncConnection, changed: NotificationSettings) -> bool:
    """Stores settings whose revision follows the stored one; False when somebody else was first."""
    quiet = changed.quiet_hours
    values = {
        "muted_kinds": list(changed.muted_kinds),
        "quiet_begin": quiet.begin if quiet else None,
        "quiet_end": quiet.end if quiet else None,
        "time_zone": quiet.time_zone if quiet else "",
        "digest": changed.digest,
        "language": changed.language,
        "push_kinds": list(changed.push_kinds),
        "mail_kinds": list(changed.mail_kinds),
        "revision": changed.revision,
    }
    statement = insert(settings).values(person=changed.person, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["person"], set_=values, where=settings.c.revision == changed.revision - 1
    )
    return (await tx.execute(statement.returning(settings.c.revision))).first() is not None
