"""Erasing what blog keeps of a person.

Each step erases at most AT_ONCE of one sort in its transaction and answers what that was; nothing when nothing is left.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from google.protobuf.message import Message
from plein.blog.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.markdown import without_person
from services.blog.domain.articles import NO_RIGHT, State
from services.blog.domain.erasures import Erasure, Mode
from services.blog.store import rows, subscriptions
from services.blog.store.erasing_blogs import hand_over_blogs
from services.blog.tables import articles, drafts
from services.blog.tables.discovery import features
from services.blog.tables.images import images
from services.blog.tables.revisions import draft_shares, revisions
from services.blog.tables.subscriptions import atom_addresses
from services.blog.tables.subscriptions import subscriptions as subscriptions_table

AT_ONCE = 100


class Erased(NamedTuple):
    """What a step erased: how much, and what the log is to tell."""

    rows: int
    events: Sequence[tuple[str, int, Message]] = ()


Step = Callable[[AsyncConnection, Erasure], Awaitable[Erased]]


def _table(name: str, *columns: str) -> sa.TableClause:
    """A table of the chassis."""
    schema, _, table = name.partition(".")
    return sa.table(table, *(sa.column(column, sa.Uuid) for column in columns), schema=schema)


# Every other place in which a person may stand; what is found there goes. Who the person was goes last.
_PLACES: list[tuple[sa.FromClause, str]] = [
    (draft_shares, "person"),
    (subscriptions_table, "person"),
    (atom_addresses, "person"),
    (_table("access.blocks", "person", "other"), "person"),
    (_table("access.blocks", "person", "other"), "other"),
    (_table("access.memberships", "person"), "person"),
    (_table("access.mutes", "person"), "person"),
    (_table("access.people", "person"), "person"),
]
# Where somebody has to stand, the stand-in does.
_HELD: list[tuple[sa.FromClause, str]] = [
    (drafts, "person"),
    (revisions, "person"),
    (features, "editor"),
    (_table("access.accounts", "owner"), "owner"),
]
_NAMING = ("mentions", "html", "version")
_SAVE_NAMING = (
    sa.update(articles)
    .where(articles.c.id == sa.bindparam("which"))
    .values({name: sa.bindparam(f"new_{name}") for name in _NAMING})
)
_FORGET_ANSWERS = sa.text("""
    DELETE FROM once.requests WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM once.requests WHERE caller = :caller LIMIT :limit))""")


async def remove_articles(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What the person wrote, as if its author had deleted it; with ANONYMISE what had no readers ever."""
    meant = sa.true() if erasure.mode is Mode.REMOVE else articles.c.publish_time.is_(None)
    mine = articles.c.author.in_([erasure.person, erasure.stand_in])
    query = sa.select(articles.c.id, articles.c.version).where(mine, meant).order_by(articles.c.id).limit(AT_ONCE)
    found = list(await tx.execute(query.with_for_update()))
    ids = [row.id for row in found]
    gone = {"article": None, "shown": False, "remove_time": sa.func.now()}
    await tx.execute(sa.update(images).where(images.c.article.in_(ids)).values(gone))
    await tx.execute(sa.delete(articles).where(articles.c.id.in_(ids)))
    names = [(f"articles/{row.id}", row.version + 1) for row in found]
    events = [(name, version, events_pb2.ArticleWithdrawn(article=name)) for name, version in names]
    return Erased(len(found), events)


async def hand_over_articles(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What stands in the person's name stands in nobody's, and comes out at no time."""
    mine = sa.select(articles.c.id).where(articles.c.author == erasure.person).order_by(articles.c.id).limit(AT_ONCE)
    held = sa.update(articles).where(articles.c.id.in_(mine.with_for_update()))
    held = held.values(author=erasure.stand_in, version=articles.c.version + 1)
    return await _anonymised(tx, held)


async def take_back_schedules(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What the person wanted to come out at a time."""
    mine = articles.c.scheduled_by == erasure.person
    state = sa.case((articles.c.state == int(State.SCHEDULED), int(State.DRAFT)), else_=articles.c.state)
    changed = {"state": state, "schedule_time": None, "scheduled_by": None, "schedule_problem": NO_RIGHT}
    query = sa.select(articles.c.id).where(mine).order_by(articles.c.id).limit(AT_ONCE).with_for_update()
    return Erased((await tx.execute(sa.update(articles).where(articles.c.id.in_(query)).values(changed))).rowcount)


async def forget_mentions(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """That texts of others lead to the person; as words they stay, since they are the others'."""
    query = sa.select(articles).where(articles.c.mentions.contains([erasure.person])).order_by(articles.c.id)
    found = [rows.article(row) for row in await tx.execute(query.limit(AT_ONCE).with_for_update())]
    changed = []
    for article in found:
        others = tuple(person for person in article.published.mentions if person != erasure.person)
        html = without_person(article.published.html, str(erasure.person))
        published = replace(article.published, mentions=others, html=html)
        changed.append(replace(article, published=published, version=article.version + 1))
    if changed:
        values = [(article.id, rows.article_values(article)) for article in changed]
        bound = [{"which": id_} | {f"new_{name}": value[name] for name in _NAMING} for id_, value in values]
        await tx.execute(_SAVE_NAMING, bound)
    names = [(article.name, article.version) for article in changed]
    return Erased(len(changed), [(name, at, events_pb2.ArticleAnonymised(article=name)) for name, at in names])


async def end_roles(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Roles; another owner, or nobody, answers for the person's blogs."""
    return Erased(*await hand_over_blogs(tx, erasure, AT_ONCE))


async def hand_over_images(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Images of what stays are nobody's, and all others are removed."""
    mine = sa.select(images.c.id).where(images.c.owner == erasure.person).limit(AT_ONCE)
    unused = sa.and_(images.c.article.is_(None), images.c.blog.is_(None))
    due = sa.case((unused, sa.func.now()), else_=None)
    held = sa.update(images).where(images.c.id.in_(mine)).values(owner=erasure.stand_in, remove_time=due)
    return Erased((await tx.execute(held)).rowcount)


async def forget_subscribers(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """That others wanted to hear of what the person writes."""
    return Erased(await subscriptions.forget_author(tx, erasure.person, AT_ONCE))


async def forget_answers(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What is kept for the person's repeated requests."""
    asked = {"caller": f"people/{erasure.person}", "limit": AT_ONCE}
    return Erased((await tx.execute(_FORGET_ANSWERS, asked)).rowcount)


def emptying(table: sa.FromClause, name: str) -> Step:
    """Empties one of the other places of the person."""

    async def empty(tx: AsyncConnection, erasure: Erasure) -> Erased:
        return Erased((await tx.execute(sa.delete(table).where(_some(table, name, erasure)))).rowcount)  # type: ignore[arg-type] # it is a table

    return empty


def handing_over(table: sa.FromClause, name: str) -> Step:
    """Lets the stand-in take one of the person's places."""

    async def hand_over(tx: AsyncConnection, erasure: Erasure) -> Erased:
        held = sa.update(table).where(_some(table, name, erasure))  # type: ignore[arg-type] # it is a table
        return Erased((await tx.execute(held.values({name: erasure.stand_in}))).rowcount)

    return hand_over


def _some(table: sa.FromClause, name: str, erasure: Erasure) -> sa.ColumnElement[bool]:
    """At most AT_ONCE rows of a table in which the person stands."""
    row: Any = sa.literal_column("ctid")
    mine = sa.select(row).select_from(table).where(table.c[name] == erasure.person).limit(AT_ONCE)
    some: sa.ColumnElement[bool] = row == sa.any_(sa.func.array(mine.scalar_subquery()))
    return some


async def _anonymised(tx: AsyncConnection, change: sa.Update) -> Erased:
    found = list(await tx.execute(change.returning(articles.c.id, articles.c.version)))
    names = [(f"articles/{row.id}", row.version) for row in found]
    return Erased(len(found), [(name, at, events_pb2.ArticleAnonymised(article=name)) for name, at in names])


# Sort → step. What others need to find their way to the person's rows goes after these.
STEPS: list[tuple[str, Step]] = [
    ("schedules", take_back_schedules),
    ("articles", remove_articles),
    ("authorships", hand_over_articles),
    ("mentions", forget_mentions),
    ("roles", end_roles),
    ("images", hand_over_images),
    ("subscribers", forget_subscribers),
    ("answers", forget_answers),
    *(("others", handing_over(table, name)) for table, name in _HELD),
    *(("others", emptying(table, name)) for table, name in _PLACES),
]
