"""Erasing a person from posts: the own ones, what was done with others', and mentions. Steps as in `erasing`."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from google.protobuf.message import Message
from plein.feed.v1 import events_pb2, feed_pb2
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.once import replace_many_answers
from services.feed import wire
from services.feed.domain.erasures import Erasure, Mode
from services.feed.domain.posts import Post
from services.feed.store import posts
from services.feed.store.erasing import AT_ONCE, NOTHING_LEFT, Erased, Step
from services.feed.tables import marks, post_revisions
from services.feed.tables import posts as table
from services.feed.tables.link_previews import link_preview_posts

_SAVE_NAMES = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("post"))
    .values(author=sa.bindparam("writer"), mentions=sa.bindparam("named", type_=JSONB), version=sa.bindparam("told"))
)
# The beginning of a kept answer that is a post: its name comes first.
_ANSWERS = sa.text("""
    SELECT caller, request_id, answer FROM once.requests
    WHERE substring(answer FROM 3 FOR 6) = CAST('posts/' AS bytea) AND position(:name IN answer) > 0 LIMIT :limit""")
_KEEP_ANSWER = sa.text("UPDATE once.requests SET answer = :answer WHERE caller = :caller AND request_id = :request_id")


async def remove_posts(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """The posts that still stand, as if their author had deleted them; with ANONYMISE those that say nothing."""
    meant = sa.true() if erasure.mode is Mode.REMOVE else posts.IS_PLAIN
    query = sa.select(table.c.id, table.c.root, table.c.reply_to, table.c.reshare_of)
    mine = table.c.author.in_([erasure.person, erasure.stand_in])
    query = query.where(mine, meant, table.c.delete_time.is_(None)).order_by(table.c.id).limit(AT_ONCE)
    seen = list(await tx.execute(query))
    above = {id_ for row in seen for id_ in (row.id, row.root, row.reply_to, row.reshare_of) if id_}
    current = {post.id: post for post in await posts.locked(tx, list(above))}
    gone = [current[row.id] for row in seen if current[row.id].delete_time is None]
    for before in gone:
        _delete(current, before)
    await _store(tx, gone, current)
    events = [(post.name, post.version, wire.deleted(post)) for post in (current[before.id] for before in gone)]
    return Erased(len(seen), list(current.values()), events)


def _delete(current: dict[UUID, Post], before: Post) -> None:
    """Deletes one post, and counts one less where it was counted."""
    now = datetime.now(UTC)
    post = current[before.id]
    current[post.id] = post.deleted_by(post.author, now)
    if not post.is_counted:
        return
    for id_ in {post.root, post.reply_to or post.root} - {post.id}:
        current[id_] = current[id_].with_reply(-1)
    if post.reshare_of:
        current[post.reshare_of] = current[post.reshare_of].with_reshare(-1)


async def _store(tx: AsyncConnection, gone: list[Post], current: dict[UUID, Post]) -> None:
    """Stores deleted posts and the counts of others, and drops all that the deleted ones said."""
    if not gone:
        return
    ids = [post.id for post in gone]
    await posts.save_counts(tx, [post for id_, post in current.items() if id_ not in set(ids)])
    await posts.save_emptied(tx, [current[id_] for id_ in ids])
    await tx.execute(sa.delete(post_revisions).where(post_revisions.c.post.in_(ids)))
    await tx.execute(sa.delete(link_preview_posts).where(link_preview_posts.c.post.in_(ids)))
    voted = sa.update(marks).where(marks.c.post.in_(ids), marks.c.votes > 0)
    await tx.execute(voted.values(votes=0, ballot=None, version=marks.c.version + 1))
    cards = [(f"{viewer.ACCOUNTS}{before.card.account}", before) for before in gone if before.card]
    await replace_many_answers(
        tx,
        [
            (caller, feed_pb2.Post(name=post.name).SerializeToString(), _left(current[post.id]))
            for caller, post in cards
        ],
    )


def _left(post: Post) -> bytes:
    return wire.stored_post(post).SerializeToString()


async def take_back_marks(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Reactions, votes and bookmarks, and what is counted of them."""
    mine = sa.select(marks.c.post).where(marks.c.person == erasure.person).order_by(marks.c.post).limit(AT_ONCE)
    ids = list((await tx.execute(mine)).scalars())
    current = {post.id: post for post in await posts.locked(tx, ids)}
    gone = sa.delete(marks).where(marks.c.person == erasure.person, marks.c.post.in_(ids)).returning(marks)
    events: list[tuple[str, int, Message]] = []
    changed: set[UUID] = set()
    for row in await tx.execute(gone):
        post = current[row.post]
        if row.reaction:
            post = post.with_reaction(row.reaction, 0)
            taken = events_pb2.ReactionRemoved(post=post.name, person=f"people/{erasure.person}")
            events.append((post.name, post.version, taken))
        if row.votes and post.poll:
            post = post.with_votes(row.votes, 0)
            events.append((post.name, post.version, events_pb2.PollVoted(post=post.name, ballot=str(uuid4()))))
        changed |= {post.id} if post is not current[post.id] else set()
        current[post.id] = post
    counted = [current[id_] for id_ in sorted(changed)]
    await posts.save_counts(tx, counted)
    return Erased(len(ids), counted, events)


async def forget_mentions(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """That texts of others lead to the person; as words they stay, since they are the others'."""
    named = table.c.mentions.contains([[str(erasure.person)]])
    found = await _locked(tx, sa.and_(sa.text("mentions <> '[]'"), named))
    return await _renamed(
        tx,
        (replace(post, mentions=tuple(one for one in post.mentions if one.person != erasure.person)) for post in found),
    )


async def hand_over_posts(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What stands, or stood, in the person's name stands in nobody's."""
    found = await _locked(tx, table.c.author == erasure.person)
    return await _renamed(tx, (replace(post, author=erasure.stand_in) for post in found))


async def _locked(tx: AsyncConnection, rule: sa.ColumnElement[bool]) -> list[Post]:
    ids = list((await tx.execute(sa.select(table.c.id).where(rule).limit(AT_ONCE))).scalars())
    return await posts.locked(tx, ids)


async def _renamed(tx: AsyncConnection, found: Iterable[Post]) -> Erased:
    changed = [replace(post, version=post.version + 1) for post in found]
    if not changed:
        return NOTHING_LEFT
    rows = [
        {
            "post": post.id,
            "writer": post.author,
            "named": [[str(mention.person), mention.handle] for mention in post.mentions],
            "told": post.version,
        }
        for post in changed
    ]
    await tx.execute(_SAVE_NAMES, rows)
    events = [(post.name, post.version, events_pb2.PostAnonymised(post=post.name)) for post in changed]
    return Erased(len(changed), changed, events)


async def anonymise_answers(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What is kept of posts for others' repeated requests, where the person is named."""
    name = f"people/{erasure.person}"
    found = list(await tx.execute(_ANSWERS, {"name": name.encode(), "limit": AT_ONCE}))
    rows = [
        {"caller": row.caller, "request_id": row.request_id, "answer": wire.without_person(row.answer, name)}
        for row in found
    ]
    if rows:
        await tx.execute(_KEEP_ANSWER, rows)
    return Erased(len(rows))


STEPS: list[tuple[str, Step]] = [
    ("posts", remove_posts),
    ("marks", take_back_marks),
    ("mentions", forget_mentions),
    ("authorships", hand_over_posts),
    ("answers", anonymise_answers),
]
