"""Passwords, one-time links, wrong passwords and sessions in PostgreSQL."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.identity.domain.people import Status
from services.identity.domain.sign_in import Session, SignInRecord
from services.identity.tables import passwords, people, sessions, sign_in_attempts, sign_in_links

# Every sign-in throws away so much of what is over that it never piles up.
_SWEPT = 20
_LOCK_SUBJECT = sa.text("SELECT pg_advisory_xact_lock(:key)")


async def sign_in_record(tx: AsyncConnection, login: str) -> SignInRecord | None:
    """Who has this e-mail address or handle, and the hash of the password if there is one."""
    named = people.c.handle == login
    if "@" in login:
        named = sa.and_(people.c.email == login, people.c.status != Status.DEPARTED)
    query = sa.select(people.c.id, passwords.c.password_hash).outerjoin(passwords, passwords.c.person == people.c.id)
    row = (await tx.execute(query.where(named))).first()
    return SignInRecord(row.id, row.password_hash or "") if row else None


async def keep_password(tx: AsyncConnection, person: UUID, password_hash: str, now: datetime) -> None:
    """Stores the hash of a person's new password."""
    values = {"password_hash": password_hash, "update_time": now}
    new = insert(passwords).values(person=person, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["person"], set_=values))


async def locked_attempts(tx: AsyncConnection, subject: bytes, since: datetime) -> list[datetime]:
    """When passwords were tried for a subject, oldest first. Others who try for the same subject wait."""
    await tx.execute(_LOCK_SUBJECT, {"key": int.from_bytes(subject[:8], "big", signed=True)})
    moment = sign_in_attempts.c.moment
    query = sa.select(moment).where(sign_in_attempts.c.subject == subject, moment > since)
    return list((await tx.execute(query.order_by(moment))).scalars())


async def add_attempt(tx: AsyncConnection, subject: bytes, now: datetime, outdated: datetime) -> None:
    """Notes that a password is tried, and forgets some of what is older than `outdated`."""
    await tx.execute(sa.insert(sign_in_attempts).values(subject=subject, moment=now))
    await _sweep(tx, sign_in_attempts, sign_in_attempts.c.moment < outdated)


async def forget_attempts(tx: AsyncConnection, subject: bytes) -> None:
    """Forgets the wrong passwords of who came in."""
    await tx.execute(sa.delete(sign_in_attempts).where(sign_in_attempts.c.subject == subject))


async def keep_links(tx: AsyncConnection, links: Mapping[UUID, bytes], expire_time: datetime) -> None:
    """Stores the hash of each person's new link, in the place of the older one."""
    rows = [{"person": person, "token_hash": links[person], "expire_time": expire_time} for person in sorted(links)]
    new = insert(sign_in_links)
    replaced = {"token_hash": new.excluded.token_hash, "expire_time": new.excluded.expire_time}
    await tx.execute(new.on_conflict_do_update(index_elements=["person"], set_=replaced), rows)


async def person_of_link(tx: AsyncConnection, token_hash: bytes, now: datetime) -> UUID | None:
    """Whom a link lets in, if it still does."""
    query = sa.select(sign_in_links.c.person).where(_good(token_hash, now))
    return (await tx.execute(query)).scalar_one_or_none()


async def use_link(tx: AsyncConnection, token_hash: bytes, now: datetime) -> bool:
    """Uses a link up; of several who try at once, one succeeds."""
    used = await tx.execute(sa.delete(sign_in_links).where(_good(token_hash, now)))
    return used.rowcount == 1


async def add_session(tx: AsyncConnection, session: Session) -> None:
    """Stores a new session, and throws away some of those that are over."""
    await tx.execute(sa.insert(sessions).values(_values(session)))
    await _sweep(tx, sessions, sessions.c.expire_time < session.create_time)


async def save_session(tx: AsyncConnection, session: Session) -> None:
    """Stores a session, which the transaction has locked."""
    await tx.execute(sa.update(sessions).where(sessions.c.id == session.id).values(_values(session)))


async def session(tx: AsyncConnection, session_id: UUID, *, lock: bool = False) -> Session | None:
    """A session; with `lock`, nobody else refreshes it meanwhile."""
    query = sa.select(sessions).where(sessions.c.id == session_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return Session(**row) if row else None


async def own_sessions(
    tx: AsyncConnection, person: UUID, before: UUID | None, limit: int, now: datetime
) -> list[Session]:
    """A page of a person's sessions, newest first."""
    query = sa.select(sessions).where(sessions.c.person == person, sessions.c.expire_time > now)
    if before is not None:
        query = query.where(sessions.c.id < before)
    rows = (await tx.execute(query.order_by(sessions.c.id.desc()).limit(limit))).mappings()
    return [Session(**row) for row in rows]


async def end_session(tx: AsyncConnection, person: UUID, session_id: UUID) -> bool:
    """Ends one of a person's sessions; False when there is no such session."""
    ended = await tx.execute(sa.delete(sessions).where(sessions.c.id == session_id, sessions.c.person == person))
    return ended.rowcount == 1


async def end_sessions(tx: AsyncConnection, ids: Collection[UUID]) -> int:
    """Ends all sessions of these people, and their one-time links; tells how many sessions there were."""
    theirs = sa.any_(sa.literal(list(ids), sa.ARRAY(sa.Uuid)))
    await tx.execute(sa.delete(sign_in_links).where(sign_in_links.c.person == theirs))
    return (await tx.execute(sa.delete(sessions).where(sessions.c.person == theirs))).rowcount


def _good(token_hash: bytes, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(sign_in_links.c.token_hash == token_hash, sign_in_links.c.expire_time > now)


async def _sweep(tx: AsyncConnection, table: sa.Table, over: sa.ColumnElement[bool]) -> None:
    some = sa.select(table.c.id).where(over).limit(_SWEPT).with_for_update(skip_locked=True)
    await tx.execute(sa.delete(table).where(table.c.id.in_(some)))


def _values(session: Session) -> dict[str, Any]:
    return {column.name: getattr(session, column.name) for column in sessions.c}
