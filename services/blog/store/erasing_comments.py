"""Erasing what people said about articles, and did with what others said.

Each step is as those of `erasing`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from plein.blog.v1 import comments_pb2, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.markdown import without_person
from services.blog.domain.comments import Comment
from services.blog.domain.erasures import Erasure, Mode
from services.blog.store import comments as store
from services.blog.store.erasing import AT_ONCE, Erased, Step, handing_over
from services.blog.tables.comments import (
    comment_reactions,
    comments,
    contribution_changes,
    contributions,
    discussions,
)

# The beginning of a kept answer that is a comment: its name comes first.
_ANSWERS = sa.text("""
    SELECT caller, request_id, answer FROM once.requests
    WHERE substring(answer FROM 3 FOR 9) = CAST('comments/' AS bytea) AND position(:name IN answer) > 0 LIMIT :limit""")
_KEEP_ANSWER = sa.text("UPDATE once.requests SET answer = :answer WHERE caller = :caller AND request_id = :request_id")


async def remove_comments(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """The comments that still stand, as if their author had deleted them; with ANONYMISE none."""
    if erasure.mode is not Mode.REMOVE:
        return Erased(0)
    mine = comments.c.author.in_([erasure.person, erasure.stand_in])
    found = await _locked(tx, sa.and_(mine, comments.c.delete_time.is_(None)))
    gone = [comment.deleted(datetime.now(UTC)) for comment in found]
    await _save(tx, gone)
    ids = [comment.id for comment in gone]
    await tx.execute(sa.delete(comment_reactions).where(store.among(comment_reactions.c.comment, ids)))
    events = [(left.name, left.version, events_pb2.CommentDeleted(comment=left.name)) for left in gone]
    return Erased(len(gone), events)


async def take_back_reactions(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """Reactions, and what is counted of them."""
    reacted = sa.select(comment_reactions.c.comment).where(comment_reactions.c.person == erasure.person)
    found = await _locked(tx, comments.c.id.in_(reacted))
    taken = sa.delete(comment_reactions).where(comment_reactions.c.person == erasure.person)
    taken = taken.where(store.among(comment_reactions.c.comment, [comment.id for comment in found]))
    rows = await tx.execute(taken.returning(comment_reactions.c.comment, comment_reactions.c.reaction))
    before = {row.comment: row.reaction for row in rows}
    changed = [comment.with_reaction(before[comment.id], 0) for comment in found if comment.id in before]
    await _save(tx, changed)
    told = [events_pb2.CommentReactionRemoved(comment=one.name, person=f"people/{erasure.person}") for one in changed]
    return Erased(len(found), [(one.name, one.version, event) for one, event in zip(changed, told, strict=True)])


async def forget_mentions(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """That words of others lead to the person; they stay, since they are the others'."""
    person = erasure.person
    found = await _locked(tx, comments.c.mentions.contains([person]))
    changed = [one.without_mention(person, without_person(one.words.html, str(person))) for one in found]
    return await _renamed(tx, changed)


async def hand_over_comments(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What stands, or stood, in the person's name stands in nobody's."""
    found = await _locked(tx, comments.c.author == erasure.person)
    return await _renamed(tx, [comment.without_author(erasure.stand_in) for comment in found])


async def anonymise_answers(tx: AsyncConnection, erasure: Erasure) -> Erased:
    """What is kept of comments for others' repeated requests, where the person is mentioned."""
    name = f"people/{erasure.person}"
    found = list(await tx.execute(_ANSWERS, {"name": name.encode(), "limit": AT_ONCE}))
    # Who wrote the name out in words keeps it there.
    unnamed = [(row, answer) for row in found if (answer := _unnamed(row.answer, name)) != row.answer]
    rows = [{"caller": row.caller, "request_id": row.request_id, "answer": answer} for row, answer in unnamed]
    if rows:
        await tx.execute(_KEEP_ANSWER, rows)
    return Erased(len(rows))


# In what they decided, and in what they take care of, the stand-in takes people's place.
_DECISIONS: list[tuple[sa.FromClause, str]] = [
    (contributions, "owner"),
    (contributions, "decider"),
    (contribution_changes, "owner"),
    (contribution_changes, "person"),
    (discussions, "closed_by"),
]
STEPS: list[tuple[str, Step]] = [
    ("comments", remove_comments),
    ("comment_reactions", take_back_reactions),
    ("comment_mentions", forget_mentions),
    ("comment_authorships", hand_over_comments),
    *(("decisions", handing_over(table, name)) for table, name in _DECISIONS),
    ("comment_answers", anonymise_answers),
]


def _unnamed(answer: bytes, name: str) -> bytes:
    """A kept comment in which a person is neither mentioned nor its author."""
    kept = comments_pb2.Comment.FromString(answer)
    kept.mentions[:] = [person for person in kept.mentions if person != name]
    kept.html = without_person(kept.html, name.removeprefix("people/"))
    kept.author = "" if kept.author == name else kept.author
    return kept.SerializeToString()


async def _locked(tx: AsyncConnection, rule: sa.ColumnElement[bool]) -> list[Comment]:
    """Comments that a step is about, locked in the order of their ids."""
    query = sa.select(comments).where(rule).order_by(comments.c.id).limit(AT_ONCE).with_for_update()
    return [store.comment(row) for row in await tx.execute(query)]


async def _renamed(tx: AsyncConnection, changed: Sequence[Comment]) -> Erased:
    await _save(tx, changed)
    events = [(one.name, one.version, events_pb2.CommentAnonymised(comment=one.name)) for one in changed]
    return Erased(len(changed), events)


_NAMES = ("author", "text", "html", "plain_text", "mentions", "reaction_counts", "delete_time", "version")
_SAVE = (
    sa.update(comments)
    .where(comments.c.id == sa.bindparam("comment"))
    .values({name: sa.bindparam(f"new_{name}") for name in _NAMES})
)


async def _save(tx: AsyncConnection, changed: Sequence[Comment]) -> None:
    """Stores many changed comments, which the transaction has locked."""
    rows = [
        {f"new_{name}": stored[name] for name in _NAMES} | {"comment": stored["id"]}
        for stored in map(store.values, changed)
    ]
    if rows:
        await tx.execute(_SAVE, rows)
