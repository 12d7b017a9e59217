"""The audit log in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.moderation.domain.audit import Entry, Fact, Head, written
from services.moderation.tables.audit import entries, head

_APPEND = sa.text("""
    SELECT audit.append(actor, action, subject, facts) FROM unnest(
        CAST(:actors AS text[]), CAST(:actions AS text[]), CAST(:subjects AS text[]), CAST(:facts AS text[])
    ) AS done (actor, action, subject, facts)""")
_RIGHTS = "INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
# Whoever owns the database can drop it, and whoever owns a table or a function can change it.
_OWNED = sa.text(f"""
    SELECT bool_or(pg_has_role(current_user, owner, 'MEMBER')) FROM (
        SELECT datdba AS owner FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'audit'
        UNION ALL SELECT relowner FROM pg_class WHERE relnamespace = 'audit'::regnamespace
        UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'audit'::regnamespace
    ) AS owners (owner)
    UNION ALL
    SELECT bool_or(has_table_privilege(oid, '{_RIGHTS}')) FROM pg_class
    WHERE relnamespace = 'audit'::regnamespace AND relkind = 'r'""")


async def append(tx: AsyncConnection, actor: str, action: str, subject: str, **facts: Fact) -> None:
    """Writes down what somebody did, in the transaction in which it happens; `actor` and `subject` are resource names.

    Facts are identifiers, codes and numbers: what is written stays for ever. Comes late in the transaction, like
    `events.append`, since all that are audited wait for each other from here on.
    """
    await append_many(tx, [(actor, action, subject, facts)])


async def append_many(tx: AsyncConnection, done: Sequence[tuple[str, str, str, Mapping[str, Fact]]]) -> None:
    """The same for many, in order, as (actor, action, subject, facts)."""
    if done:
        actors, actions, subjects, facts = (list(column) for column in zip(*done, strict=True))
        values = {"actors": actors, "actions": actions, "subjects": subjects, "facts": list(map(written, facts))}
        await tx.execute(_APPEND, values)


async def end(tx: AsyncConnection) -> Head:
    """Where the log ends."""
    row = (await tx.execute(sa.select(head.c.position, head.c.chain))).one()
    return Head(row.position, bytes(row.chain))


async def after(tx: AsyncConnection, position: int | None, most: int) -> list[Entry]:
    """What follows a position, at most so many entries; without one, from the very beginning."""
    query = sa.select(entries).order_by(entries.c.position).limit(most)
    if position is not None:
        query = query.where(entries.c.position > position)
    return [_entry(row) for row in await tx.execute(query)]


async def newest(
    tx: AsyncConnection, before: int | None, most: int, *, actor: str, action: str, subject: str
) -> list[Entry]:
    """What was done before a position, newest first; what is not empty has to be so."""
    query = sa.select(entries).order_by(entries.c.position.desc()).limit(most)
    wanted = ((entries.c.actor, actor), (entries.c.action, action), (entries.c.subject, subject))
    for column, value in wanted:
        if value:
            query = query.where(column == value)
    if before is not None:
        query = query.where(entries.c.position < before)
    return [_entry(row) for row in await tx.execute(query)]


async def chains(tx: AsyncConnection, first: int, last: int) -> list[bytes]:
    """The chain at each position from `first` to `last`."""
    query = sa.select(entries.c.chain).where(entries.c.position.between(first, last)).order_by(entries.c.position)
    return [bytes(chain) for chain in (await tx.execute(query)).scalars()]


async def is_changeable(tx: AsyncConnection) -> bool:
    """Whether the role of this connection could change or drop what was written."""
    return any((await tx.execute(_OWNED)).scalars())


def _entry(row: Any) -> Entry:
    return Entry(row.position, row.moment, row.actor, row.action, row.subject, row.facts, bytes(row.chain))
