"""Consultations and contributions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.blog.domain.comments import Comment
from services.blog.domain.consultations import Consultation, Contribution, Ledger, State
from services.blog.store.comments import among, comment, shown_columns, under_articles, visible_comment_clause
from services.blog.tables.comments import comments, consultations, contribution_changes, contributions

Row = sa.Row[Any]


async def consultation(tx: AsyncConnection, article: UUID, *, lock: bool = False) -> Consultation | None:
    """The consultation of an article, of which the caller knows already that it may be seen."""
    query = sa.select(consultations).where(consultations.c.article == article)
    row = (await tx.execute(query.with_for_update() if lock else query)).mappings().first()
    return Consultation(**row) if row else None


async def add(tx: AsyncConnection, new: Consultation) -> None:
    """Stores a new consultation."""
    await tx.execute(sa.insert(consultations).values(_consultation_values(new)))


async def save(tx: AsyncConnection, changed: Consultation) -> None:
    """Stores a changed consultation, which the transaction has locked."""
    statement = sa.update(consultations).where(consultations.c.article == changed.article)
    await tx.execute(statement.values(_consultation_values(changed)))


async def delete(tx: AsyncConnection, article: UUID) -> None:
    """Drops a consultation."""
    await tx.execute(sa.delete(consultations).where(consultations.c.article == article))


async def has_contributions(tx: AsyncConnection, article: UUID) -> bool:
    """Whether anybody contributed, though it be gone."""
    query = sa.select(contributions.c.comment).where(contributions.c.article == article).limit(1)
    return (await tx.execute(query)).first() is not None


async def contributors(tx: AsyncConnection, article: UUID) -> list[UUID]:
    """Who contributed what stands, each once."""
    query = sa.select(comments.c.author).distinct().join(contributions, contributions.c.comment == comments.c.id)
    query = query.where(contributions.c.article == article, comments.c.delete_time.is_(None))
    return list((await tx.execute(query.order_by(comments.c.author))).scalars())


async def ledger(tx: AsyncConnection, sight: Sight, article: UUID) -> Ledger:
    """What was done with the contributions that the viewer sees."""
    waited = sa.extract("epoch", contributions.c.first_answer_time - comments.c.create_time)
    median = sa.func.percentile_disc(0.5).within_group(waited).filter(contributions.c.first_answer_time.is_not(None))
    counts = [sa.func.count().filter(contributions.c.state == int(state)) for state in State]
    unanswered = sa.func.count().filter(contributions.c.first_answer_time.is_(None))
    columns: list[Any] = [*counts, unanswered, median]
    query = under_articles(sa.select(*columns).select_from(comments))
    query = query.join(contributions, contributions.c.comment == comments.c.id)
    query = query.where(contributions.c.article == article, visible_comment_clause(sight))
    *by_state, without, seconds = (await tx.execute(query)).one()
    middle = timedelta(seconds=float(seconds)) if seconds is not None else None
    return Ledger(dict(zip(State, by_state, strict=True)), without, middle)


async def visible_page(
    tx: AsyncConnection,
    sight: Sight,
    article: UUID,
    after: UUID | None,
    limit: int,
    *,
    state: State | None = None,
    owner: UUID | None = None,
) -> list[Comment]:
    """Contributions to a consultation that the viewer sees, oldest first."""
    query = under_articles(shown_columns(sight)).join(contributions, contributions.c.comment == comments.c.id)
    query = query.where(contributions.c.article == article, visible_comment_clause(sight))
    if state is not None:
        query = query.where(contributions.c.state == int(state))
    if owner is not None:
        query = query.where(contributions.c.owner == owner)
    if after is not None:
        query = query.where(contributions.c.comment > after)
    return [comment(row) for row in await tx.execute(query.order_by(contributions.c.comment).limit(limit))]


async def of_comments(tx: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Contribution]:
    """What was done with those of these comments that are contributions."""
    query = sa.select(contributions).where(among(contributions.c.comment, ids))
    return {row.comment: _contribution(row) for row in await tx.execute(query)} if ids else {}


async def locked_contribution(tx: AsyncConnection, id_: UUID) -> Contribution | None:
    """What was done with a comment, if it is a contribution, locked."""
    query = sa.select(contributions).where(contributions.c.comment == id_).with_for_update()
    row = (await tx.execute(query)).first()
    return _contribution(row) if row else None


async def add_contribution(tx: AsyncConnection, new: Contribution) -> None:
    """Stores that a new comment is a contribution."""
    await tx.execute(sa.insert(contributions).values(_contribution_values(new)))


async def save_contribution(tx: AsyncConnection, changed: Contribution) -> None:
    """Stores a changed contribution, which the transaction has locked."""
    statement = sa.update(contributions).where(contributions.c.comment == changed.comment)
    await tx.execute(statement.values(_contribution_values(changed)))


async def keep_change(tx: AsyncConnection, changed: Contribution, person: UUID, now: datetime) -> None:
    """Keeps what somebody did with a contribution."""
    told = {"comment": changed.comment, "version": changed.version, "create_time": now, "person": person}
    told |= {"state": int(changed.state), "reason": changed.reason, "owner": changed.owner}
    await tx.execute(sa.insert(contribution_changes).values(told))


async def changes(tx: AsyncConnection, id_: UUID, before: int | None, limit: int) -> list[Row]:
    """Rows of what was done with a contribution, newest first."""
    query = sa.select(contribution_changes).where(contribution_changes.c.comment == id_)
    if before is not None:
        query = query.where(contribution_changes.c.version < before)
    return list(await tx.execute(query.order_by(contribution_changes.c.version.desc()).limit(limit)))


async def own_changes(tx: AsyncConnection, person: UUID, after: tuple[UUID, int] | None, limit: int) -> list[Row]:
    """Rows of what a person did with contributions, in the order of the comments and of time."""
    query = sa.select(contribution_changes).where(contribution_changes.c.person == person)
    key = sa.tuple_(contribution_changes.c.comment, contribution_changes.c.version)
    if after is not None:
        query = query.where(key > after)
    query = query.order_by(contribution_changes.c.comment, contribution_changes.c.version).limit(limit)
    return list(await tx.execute(query))


async def reply_counts(tx: AsyncConnection, sight: Sight, threads: Sequence[UUID]) -> dict[UUID, int]:
    """How many replies the viewer sees in each of these threads; those without any are left out."""
    query = under_articles(sa.select(comments.c.thread, sa.func.count().label("answers")).select_from(comments))
    query = query.where(
        among(comments.c.thread, threads), comments.c.reply_to.is_not(None), visible_comment_clause(sight)
    )
    rows = await tx.execute(query.group_by(comments.c.thread))
    return {row.thread: row.answers for row in rows}


def _contribution(row: Row) -> Contribution:
    stored = {column.name: getattr(row, column.name) for column in contributions.c}
    return Contribution(**stored | {"state": State(row.state)})


def _consultation_values(domain: Consultation) -> dict[str, Any]:
    return {column.name: getattr(domain, column.name) for column in consultations.c}


def _contribution_values(domain: Contribution) -> dict[str, Any]:
    return {column.name: getattr(domain, column.name) for column in contributions.c} | {"state": int(domain.state)}
