"""Posts in PostgreSQL. What takes a `sight` returns only what its viewer may see, decided in the same statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.audience import RootColumns, visible_clause, visible_under_clause
from chassis.database import Database, driver
from services.feed.domain.posts import Post
from services.feed.domain.relations import Silence
from services.feed.store import post_rows
from services.feed.store.mutes import unmuted_clause
from services.feed.store.windows import Window
from services.feed.tables import post_tags, posts
from services.feed.tables.media import images

Row = sa.Row[Any]
roots = posts.alias("roots")


def decisive(table: sa.FromClause) -> RootColumns:
    """What decides about a root in `posts` or an alias of it."""
    columns = table.c
    return RootColumns(
        columns.author, columns.kinds, columns.create_time, columns.group_id, columns.hidden, columns.removed
    )


_ROOT, _ITSELF = decisive(roots), decisive(posts)
_COUNTS = ("reply_count", "reshare_count", "reaction_counts", "vote_counts", "voter_count", "version")
# What no change of a post changes.
_KEPT = ("id", "external_id", "poll_due")
_SAVE_COUNTS = (
    sa.update(posts)
    .where(posts.c.id == sa.bindparam("post"))
    .values({name: sa.bindparam(f"new_{name}") for name in _COUNTS})
)
_SAVE_LINK_PREVIEW = (
    sa.update(posts)
    .where(posts.c.id == sa.bindparam("post"))
    .values(link_preview=sa.bindparam("preview"), version=sa.bindparam("told"))
)
_SAVE_ALL = (
    sa.update(posts)
    .where(posts.c.id == sa.bindparam("new_id"))
    .values({column.name: sa.bindparam(f"new_{column.name}") for column in posts.c if column.name not in _KEPT})
)
_STANDS = posts.c.delete_time.is_(None)
_IS_ROOT = posts.c.reply_to.is_(None)
IS_PLAIN = sa.and_(posts.c.reshare_of.is_not(None), posts.c.text == "", sa.func.jsonb_array_length(posts.c.images) == 0)


async def visible_post(tx: AsyncConnection, sight: Sight, post: UUID, *, lock: bool = False) -> Post | None:
    """A post or reply that the viewer may see; a deleted one too. `lock` keeps others from changing it meanwhile."""
    query = sa.select(posts).join(roots, roots.c.id == posts.c.root).where(posts.c.id == post, _visible(sight))
    if lock:
        query = query.with_for_update(of=posts)
    return _one((await tx.execute(query)).first())


async def visible_by_ids(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> dict[UUID, Post]:
    """Those of these posts that stand and that the viewer may see."""
    if not ids:
        return {}
    query = sa.select(posts).join(roots, roots.c.id == posts.c.root)
    query = query.where(posts.c.id.in_(ids), _STANDS, _visible(sight))
    return {row.id: post_rows.post(row) for row in await tx.execute(query)}


def seen_clause(sight: Sight, post: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the post in a column stands and the viewer may see it."""
    query = sa.select(sa.literal(1)).select_from(posts).join(roots, roots.c.id == posts.c.root)
    # OFFSET keeps PostgreSQL from making a table of all posts first, when it expects to ask often.
    return query.where(posts.c.id == post, _STANDS, _visible(sight)).offset(0).exists()


async def visible_batch(tx: AsyncConnection, sight: Sight, ids: Sequence[UUID]) -> list[Post]:
    """Those of these posts that the viewer may see, the deleted ones that others answered among them; in no order."""
    query = sa.select(posts).join(roots, roots.c.id == posts.c.root)
    query = query.where(posts.c.id.in_(ids), sa.or_(_STANDS, posts.c.reply_count > 0), _visible(sight))
    return [post_rows.post(row) for row in await tx.execute(query)]


async def plain_reshare(tx: AsyncConnection, author: UUID, original: UUID) -> Post | None:
    """Somebody's reshare of a post without a comment. It stays the only one while the original is locked."""
    # In the words of the index that keeps it single, which therefore finds it.
    plain = sa.text("posts.text = '' AND posts.images = '[]'")
    query = sa.select(posts).where(posts.c.author == author, posts.c.reshare_of == original, plain, _STANDS)
    return _one((await tx.execute(query)).first())


async def plain_reshares(tx: AsyncConnection, originals: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Who reshared some posts without a comment, as (author, original) pairs."""
    query = sa.select(posts.c.author, posts.c.reshare_of).where(posts.c.reshare_of.in_(originals), IS_PLAIN, _STANDS)
    return {(row.author, row.reshare_of) for row in await tx.execute(query)}


async def locked(tx: AsyncConnection, ids: Sequence[UUID]) -> list[Post]:
    """Posts, locked in the order of their ids so that two transactions never wait for each other."""
    query = sa.select(posts).where(posts.c.id.in_(ids)).order_by(posts.c.id).with_for_update()
    return [post_rows.post(row) for row in await tx.execute(query)]


async def locked_around(tx: AsyncConnection, post: UUID) -> list[Post]:
    """The posts that count one: its root, what it answers and what it passes on; locked, and the post with them."""
    found = await by_ids(tx, [post])
    ids = {other for one in found for other in (one.id, one.root, one.reply_to, one.reshare_of) if other}
    return [other for other in await locked(tx, list(ids)) if other.id != post]


async def by_ids(tx: AsyncConnection, ids: Sequence[UUID]) -> list[Post]:
    """Posts for the cache, whoever may see them; in no order."""
    if not ids:
        return []
    # Not through Core, which costs more than PostgreSQL: each post is read so by all that follows feed's log.
    async with driver(tx).cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(post_rows.BY_IDS, [list(ids)], prepare=True, binary=True)
        return [post_rows.post(row) for row in await cursor.fetchall()]


async def wrote_before(tx: AsyncConnection, replies: Sequence[Post]) -> dict[UUID, list[UUID]]:
    """For each of these replies the people who wrote in its thread before it."""
    if not replies:
        return {}
    earlier = posts.alias("earlier")
    query = sa.select(posts.c.id, sa.func.array_agg(sa.distinct(earlier.c.author)).label("authors"))
    query = query.join(earlier, (earlier.c.root == posts.c.root) & (earlier.c.id < posts.c.id))
    query = query.where(posts.c.id.in_([post.id for post in replies]), earlier.c.reply_to.is_not(None))
    query = query.where(earlier.c.delete_time.is_(None)).group_by(posts.c.id)
    return {row.id: row.authors for row in await tx.execute(query)}


async def by_external_ids(tx: AsyncConnection, external_ids: Sequence[str]) -> dict[str, Post]:
    """The posts that were brought in before under these ids."""
    rows = await tx.execute(sa.select(posts).where(posts.c.external_id.in_(external_ids)))
    return {row.external_id: post_rows.post(row) for row in rows}


async def add(tx: AsyncConnection, post: Post) -> None:
    """Stores a new post, its tags and its images."""
    await add_many(tx, [(post, None)])
    if post.images:
        await settle_images(tx, post)


async def add_many(tx: AsyncConnection, added: Sequence[tuple[Post, str | None]]) -> None:
    """Stores new posts without images, each with its id elsewhere if it was brought in, and their tags."""
    statement, rows = post_rows.additions((post, _end(post), external) for post, external in added)
    await driver(tx).execute(statement, [rows], prepare=True)


async def write_at_once(database: Database, written: Sequence[Post], *besides: tuple[str, str]) -> bool:
    """The same in one statement with others and their arguments; False, and nothing done, when a row was there."""
    statements, arguments = zip(*besides, strict=True)
    statement, rows = post_rows.additions(((post, _end(post), None) for post in written), *statements)
    try:
        await database.write(statement, rows, *arguments)
    except UniqueViolation:
        return False
    return True


async def save(tx: AsyncConnection, post: Post) -> None:
    """Stores a changed post, which the transaction has locked."""
    await tx.execute(sa.update(posts).where(posts.c.id == post.id).values(post_rows.values(post)))


async def save_rewritten(tx: AsyncConnection, post: Post) -> None:
    """The same for one that says something else than before, or nothing any more: its tags too."""
    await save(tx, post)
    await tx.execute(sa.delete(post_tags).where(post_tags.c.post == post.id))
    await _tag(tx, [post])
    await settle_images(tx, post)


async def save_emptied(tx: AsyncConnection, deleted: Sequence[Post]) -> None:
    """Stores many deleted posts, which the transaction has locked, with neither tags nor images."""
    ids = [post.id for post in deleted]
    rows = [{f"new_{name}": value for name, value in post_rows.values(post).items()} for post in deleted]
    await tx.execute(_SAVE_ALL, rows)
    await tx.execute(sa.update(posts).where(posts.c.id.in_(ids)).values(poll_due=None))
    await tx.execute(sa.delete(post_tags).where(post_tags.c.post.in_(ids)))
    let_go = sa.update(images).where(images.c.post.in_(ids))
    await tx.execute(let_go.values(post=None, remove_time=sa.func.now()))


async def save_link_previews(tx: AsyncConnection, changed: Sequence[Post]) -> None:
    """Stores the link previews and versions of many posts, which the transaction has locked."""
    if changed:
        rows = [
            {"post": post.id, "preview": post_rows.values(post)["link_preview"], "told": post.version}
            for post in changed
        ]
        await tx.execute(_SAVE_LINK_PREVIEW, rows)


async def settle_images(tx: AsyncConnection, post: Post) -> None:
    """Lets images be in the post that shows them, and go when it does not any more."""
    shown = [] if post.delete_time is not None else [image.id for image in post.images]
    let_go = sa.update(images).where(images.c.post == post.id, images.c.id.not_in(shown))
    await tx.execute(let_go.values(post=None, remove_time=sa.func.now()))
    if shown:
        taken = sa.update(images).where(images.c.id.in_(shown))
        await tx.execute(taken.values(post=post.id, remove_time=None))


async def save_counts(tx: AsyncConnection, changed: Sequence[Post]) -> None:
    """Stores the counts and versions of many posts, which the transaction has locked."""
    if changed:
        rows = [
            {f"new_{name}": post_rows.values(post)[name] for name in _COUNTS} | {"post": post.id} for post in changed
        ]
        await tx.execute(_SAVE_COUNTS, rows)


async def visible_everyone(tx: AsyncConnection, sight: Sight, silence: Silence, window: Window) -> list[Post]:
    """What everyone wrote, without replies, plain reshares and what the viewer muted."""
    query = sa.select(posts).where(_IS_ROOT, _STANDS, ~IS_PLAIN, visible_clause(sight, _ITSELF))
    return await _in_window(tx, query.where(unmuted_clause(silence, sight.viewer)), window)


async def visible_of_person(
    tx: AsyncConnection, sight: Sight, author: UUID, window: Window, *, with_replies: bool
) -> list[Post]:
    """What one person wrote and passed on."""
    query = sa.select(posts).where(posts.c.author == author, _STANDS, sa.or_(~IS_PLAIN, _original_visible(sight)))
    if with_replies:
        query = query.join(roots, roots.c.id == posts.c.root).where(_visible(sight))
    else:
        query = query.where(_IS_ROOT, visible_clause(sight, _ITSELF))
    return await _in_window(tx, query, window)


async def visible_of_group(
    tx: AsyncConnection, sight: Sight, silence: Silence, group: UUID, window: Window
) -> list[Post]:
    """What was written in a group, without replies, plain reshares and what the viewer muted."""
    mine = posts.c.group_id == group
    query = sa.select(posts).where(mine, _IS_ROOT, _STANDS, ~IS_PLAIN, visible_clause(sight, _ITSELF))
    return await _in_window(tx, query.where(unmuted_clause(silence, sight.viewer)), window)


async def visible_with_tag(tx: AsyncConnection, sight: Sight, silence: Silence, tag: str, window: Window) -> list[Post]:
    """The posts and replies with a tag, without what else the viewer muted."""
    query = (
        sa.select(posts)
        .join(post_tags, post_tags.c.post == posts.c.id)
        .join(roots, roots.c.id == posts.c.root)
        .where(post_tags.c.tag == tag, _STANDS, _visible(sight))
        .where(unmuted_clause(silence, sight.viewer, but_tag=tag))
    )
    found = [post_rows.post(row) for row in await tx.execute(window.of(post_tags.c.post, query))]
    return window.newest_first(found)


async def visible_replies(tx: AsyncConnection, sight: Sight, root: UUID, after: UUID | None, limit: int) -> list[Post]:
    """The replies in a thread, oldest first, the deleted ones that others answered among them."""
    query = (
        sa.select(posts)
        .join(roots, roots.c.id == posts.c.root)
        .where(posts.c.root == root, ~_IS_ROOT, _visible(sight))
        .where(sa.or_(_STANDS, posts.c.reply_count > 0))
    )
    if after is not None:
        query = query.where(posts.c.id > after)
    return [post_rows.post(row) for row in await tx.execute(query.order_by(posts.c.id).limit(limit))]


async def _in_window(tx: AsyncConnection, query: "sa.Select[Any]", window: Window) -> list[Post]:
    return window.newest_first([post_rows.post(row) for row in await tx.execute(window.of(posts.c.id, query))])


def _original_visible(sight: Sight) -> sa.ColumnElement[bool]:
    """Whether the viewer sees the post that is passed on."""
    original, its_root = posts.alias("original"), posts.alias("original_root")
    columns = original.c
    seen = visible_under_clause(sight, decisive(its_root), columns.author, columns.hidden, columns.removed)
    found = sa.select(sa.literal(1)).select_from(original.join(its_root, its_root.c.id == original.c.root))
    return found.where(original.c.id == posts.c.reshare_of, original.c.delete_time.is_(None), seen).exists()


def visible_root_clause(sight: Sight, root: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the viewer may see the root whose id is in a column of another table, though it be deleted."""
    itself = sa.select(sa.literal(1)).where(roots.c.id == root, visible_clause(sight, _ROOT))
    return itself.exists()


async def _tag(tx: AsyncConnection, tagged: Sequence[Post]) -> None:
    rows = [{"tag": tag, "post": post.id} for post in tagged for tag in post.tags]
    if rows:
        await tx.execute(insert(post_tags).on_conflict_do_nothing(), rows)


def _end(post: Post) -> datetime | None:
    return post.poll.end_time if post.poll else None


def visible_post_clause(sight: Sight, post: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the post whose id is in a column of another table stands, and the viewer may see it."""
    itself = sa.select(sa.literal(1)).select_from(posts.join(roots, roots.c.id == posts.c.root))
    shows = sa.or_(~IS_PLAIN, _original_visible(sight))
    return itself.where(posts.c.id == post, _STANDS, _visible(sight), shows).exists()


def _visible(sight: Sight) -> sa.ColumnElement[bool]:
    """A post or reply is decided on the root of its thread, and on its own author and state."""
    return visible_under_clause(sight, _ROOT, posts.c.author, posts.c.hidden, posts.c.removed)


def _one(row: Row | None) -> Post | None:
    return post_rows.post(row) if row else None
