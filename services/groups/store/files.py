"""Files of groups and their versions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.groups.domain.files import MOST_VERSIONS, File, Verdict, Version
from services.groups.store.contents import columns_of, visible_content
from services.groups.tables.contents import file_versions, files

Row = sa.Row[Any]
Position = tuple[datetime, UUID]

_VERSION = [column.label(f"version_{column.name}") for column in file_versions.c]


async def add(tx: AsyncConnection, file: File, scan_time: datetime) -> None:
    """Stores a new file with its first version, which is to be scanned then."""
    await tx.execute(sa.insert(files).values(id=file.id, group_id=file.group, **_columns(file), **_judged(file)))
    await _add_version(tx, file.newest, scan_time)


async def add_version(tx: AsyncConnection, file: File, scan_time: datetime) -> None:
    """Keeps a locked file that has a new version, and of the oldest ones no more than MOST_VERSIONS."""
    await _add_version(tx, file.newest, scan_time)
    old = file_versions.c.number <= file.newest.number - MOST_VERSIONS
    await tx.execute(sa.delete(file_versions).where(file_versions.c.file == file.id, old))
    await save(tx, file)


async def save(tx: AsyncConnection, file: File) -> None:
    """Keeps all of a file that is locked."""
    await tx.execute(sa.update(files).where(files.c.id == file.id).values(**_columns(file)))


async def delete(tx: AsyncConnection, id_: UUID) -> None:
    """Deletes a file with its versions; their contents are removed later."""
    await tx.execute(sa.delete(files).where(files.c.id == id_))


async def visible_file(tx: AsyncConnection, sight: Sight, group: UUID, id_: UUID) -> File | None:
    """A file of a group that the viewer may see."""
    query = seen_files(sight).where(files.c.id == id_, files.c.group_id == group)
    found = (await tx.execute(query)).first()
    return file_of(found) if found else None


async def lock(tx: AsyncConnection, id_: UUID) -> None:
    """Lets nobody else change a file until the transaction ends."""
    await tx.execute(sa.select(files.c.id).where(files.c.id == id_).with_for_update())


async def any_file(tx: AsyncConnection, id_: UUID) -> File | None:
    """A file as it stands, for moderation."""
    found = (await tx.execute(_files().where(files.c.id == id_))).first()
    return file_of(found) if found else None


async def visible_files(
    tx: AsyncConnection, sight: Sight, group: UUID, after: Position | None, limit: int
) -> list[File]:
    """The files of a group that the viewer may see, the one with the newest version first."""
    query = seen_files(sight).where(files.c.group_id == group)
    if after is not None:
        query = query.where(sa.tuple_(files.c.update_time, files.c.id) < sa.tuple_(*after))
    rows = await tx.execute(query.order_by(files.c.update_time.desc(), files.c.id.desc()).limit(limit))
    return [file_of(row) for row in rows]


async def versions(tx: AsyncConnection, file: UUID, before: int | None, limit: int) -> list[Version]:
    """The versions of a file that the viewer may see, newest first."""
    query = sa.select(*_VERSION).where(file_versions.c.file == file)
    if before is not None:
        query = query.where(file_versions.c.number < before)
    return [_version(row) for row in await tx.execute(query.order_by(file_versions.c.number.desc()).limit(limit))]


async def version(tx: AsyncConnection, file: UUID, number: int) -> Version | None:
    """One version of a file that the viewer may see."""
    query = sa.select(*_VERSION).where(file_versions.c.file == file, file_versions.c.number == number)
    found = (await tx.execute(query)).first()
    return _version(found) if found else None


async def newest_of(tx: AsyncConnection, file: UUID, verdicts: Sequence[Verdict]) -> Version | None:
    """The newest version of a file about which one of these is known."""
    query = sa.select(*_VERSION).where(file_versions.c.file == file)
    query = query.where(file_versions.c.verdict.in_([verdict.value for verdict in verdicts]))
    found = (await tx.execute(query.order_by(file_versions.c.number.desc()).limit(1))).first()
    return _version(found) if found else None


async def room(tx: AsyncConnection, group: UUID) -> tuple[int, int]:
    """How many files a group has, and how many bytes all their versions."""
    counted = sa.select(sa.func.count()).select_from(files).where(files.c.group_id == group).scalar_subquery()
    sized = sa.select(sa.func.coalesce(sa.func.sum(file_versions.c.size), 0))
    sized = sized.select_from(file_versions.join(files, files.c.id == file_versions.c.file))
    row = (await tx.execute(sa.select(counted, sized.where(files.c.group_id == group).scalar_subquery()))).one()
    return int(row[0]), int(row[1])


async def claim_unscanned(tx: AsyncConnection, now: datetime, lease: timedelta) -> tuple[File, Version] | None:
    """A version that waits for the scanner, which nobody else takes before the lease is over."""
    due = sa.select(file_versions.c.file, file_versions.c.number).where(file_versions.c.scan_time <= now)
    due = due.order_by(file_versions.c.scan_time).limit(1).with_for_update(skip_locked=True)
    claimed = sa.update(file_versions).values(scan_time=now + lease)
    claimed = claimed.where(sa.tuple_(file_versions.c.file, file_versions.c.number).in_(due))
    row = (await tx.execute(claimed.returning(*_VERSION))).first()
    if row is None:
        return None
    file = await any_file(tx, row.version_file)
    return (file, _version(row)) if file else None


async def save_verdict(tx: AsyncConnection, version: Version, verdict: Verdict) -> bool:
    """Keeps what the scanner found; False for a version that is gone meanwhile."""
    same = sa.and_(file_versions.c.file == version.file, file_versions.c.number == version.number)
    judged = sa.update(file_versions).where(same, file_versions.c.content == version.content)
    return (await tx.execute(judged.values(verdict=verdict.value, scan_time=None))).rowcount == 1


def _files() -> "sa.Select[Any]":
    newest = sa.and_(file_versions.c.file == files.c.id, file_versions.c.number == files.c.newest)
    return sa.select(files, *_VERSION).select_from(files.join(file_versions, newest))


def seen_files(sight: Sight) -> "sa.Select[Any]":
    """The files that the viewer may see, for `file_of` to read."""
    return _files().where(visible_content(sight, columns_of(files, "uploader")))


async def _add_version(tx: AsyncConnection, version: Version, scan_time: datetime) -> None:
    values = {
        "file": version.file,
        "number": version.number,
        "content": version.content,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256,
        "uploader": version.uploader,
        "create_time": version.create_time,
        "verdict": version.verdict.value,
        "scan_time": scan_time,
    }
    await tx.execute(sa.insert(file_versions).values(values))


def _columns(file: File) -> dict[str, Any]:
    return {
        "title": file.title,
        "uploader": file.uploader,
        "newest": file.newest.number,
        "version_count": file.version_count,
        "create_time": file.create_time,
        "update_time": file.update_time,
        "revision": file.revision,
    }


def _judged(file: File) -> dict[str, bool]:
    return {"hidden": file.hidden, "removed": file.removed}


def file_of(row: Row) -> File:
    """A row of a file, joined with its newest version."""
    return File(
        id=row.id,
        group=row.group_id,
        title=row.title,
        uploader=row.uploader,
        newest=_version(row),
        version_count=row.version_count,
        create_time=row.create_time,
        update_time=row.update_time,
        revision=row.revision,
        hidden=row.hidden,
        removed=row.removed,
    )


def _version(row: Row) -> Version:
    return Version(
        file=row.version_file,
        number=row.version_number,
        content=row.version_content,
        content_type=row.version_content_type,
        size=row.version_size,
        sha256=row.version_sha256,
        uploader=row.version_uploader,
        create_time=row.version_create_time,
        verdict=Verdict(row.version_verdict),
    )
