"""Posts as rows of their table."""

from collections.abc import Iterable
from dataclasses import astuple
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.feed.domain.polls import Poll
from services.feed.domain.posts import Audience, Image, LinkPreview, Mention, Post
from services.feed.store import card_contents
from services.feed.tables import posts

Row = Any  # of all columns, by their names
_COLUMNS = ", ".join(column.name for column in posts.c)
BY_IDS = f"SELECT {_COLUMNS} FROM posts WHERE id = ANY(%s)"
_ADD = (
    f"WITH added AS (INSERT INTO posts ({_COLUMNS}) SELECT {_COLUMNS} FROM jsonb_populate_recordset(NULL::posts, %s) "
    "RETURNING id, tags)"
)
_TAG = "INSERT INTO post_tags (tag, post) SELECT unnest(tags), id FROM added"


def additions(added: Iterable[tuple[Post, datetime | None, str | None]], *others: str) -> tuple[str, str]:
    """The statement that adds posts and their tags, and its argument. With each go its poll's end and its id elsewhere.

    `others` become one with it; their arguments follow. It does not go through Core, which costs more than the rest of
    writing: nothing is written as often.
    """
    rows = [values(post) | {"poll_due": due, "external_id": external} for post, due, external in added]
    *beside, last = (_TAG, *others)
    parts = [_ADD, *(f"beside{number} AS ({statement})" for number, statement in enumerate(beside))]
    return f"{', '.join(parts)} {last}", orjson.dumps(rows).decode()


def post(row: Row) -> Post:
    """A row as a post."""
    return Post(
        id=row.id,
        author=row.author,
        text=row.text,
        root=row.root,
        reply_to=row.reply_to,
        mentions=tuple(Mention(UUID(person), handle) for person, handle in row.mentions),
        tags=tuple(row.tags),
        audience=Audience(tuple(row.kinds), row.group_id),
        reply_rule=row.reply_rule,
        reshare_of=row.reshare_of,
        images=tuple(Image(UUID(id_), *rest) for id_, *rest in row.images),
        poll=_poll(row),
        link_preview=LinkPreview(*row.link_preview) if row.link_preview else None,
        announcement=row.announcement,
        card=card_contents.card(row.card),
        hidden=row.hidden,
        removed=row.removed,
        reply_count=row.reply_count,
        reshare_count=row.reshare_count,
        reaction_counts=tuple(row.reaction_counts),
        create_time=row.create_time,
        edit_time=row.edit_time,
        delete_time=row.delete_time,
        revision=row.revision,
        version=row.version,
    )


def _poll(row: Row) -> Poll | None:
    if not row.poll:
        return None
    choices, multiple, end = row.poll
    return Poll(tuple(choices), multiple, datetime.fromisoformat(end), tuple(row.vote_counts), row.voter_count)


# What is called and written in the same way here and there.
_SAME = (
    "hidden", "removed", "reply_count", "reshare_count", "create_time", "edit_time", "delete_time", "revision",
    "version",
)  # fmt: skip


def values(post: Post) -> dict[str, Any]:
    """A post's columns."""
    return {
        "id": post.id,
        "author": post.author,
        "text": post.text,
        "root": post.root,
        "reply_to": post.reply_to,
        "mentions": [[str(mention.person), mention.handle] for mention in post.mentions],
        "tags": list(post.tags),
        "kinds": list(post.audience.kinds),
        "group_id": post.audience.group,
        "reply_rule": post.reply_rule,
        "reshare_of": post.reshare_of,
        "images": [[str(image.id), image.alt_text, image.width, image.height] for image in post.images],
        "poll": [post.poll.choices, post.poll.multiple, post.poll.end_time.isoformat()] if post.poll else None,
        "vote_counts": list(post.poll.vote_counts) if post.poll else [],
        "voter_count": post.poll.voter_count if post.poll else 0,
        "link_preview": astuple(post.link_preview) if post.link_preview else None,
        "announcement": post.announcement,
        "card": card_contents.stored(post.card),
        "reaction_counts": list(post.reaction_counts),
        **{name: getattr(post, name) for name in _SAME},
    }
