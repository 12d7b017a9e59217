"""What people do with posts beyond writing plain ones, in the words that the tests use."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from plein.chassis.v1 import event_log_pb2
from plein.feed.v1 import feed_pb2

from chassis.audience import drop_membership, keep_membership
from chassis.testing import World
from services.feed.reactions import FanOut
from tests.feed.caller import Caller, Kinds, audience, walked

WEEK = timedelta(days=7)


async def write(author: Caller, text: str = "", *, kinds: Kinds = (), group: str = "", **fields: Any) -> feed_pb2.Post:
    """Writes a post with any of its fields."""
    meant_for = audience(kinds)
    meant_for.group = group
    post = feed_pb2.Post(text=text, audience=meant_for, **fields)
    return await author.api.CreatePost(feed_pb2.CreatePostRequest(post=post, request_id=str(uuid4())))


async def reshare(author: Caller, name: str, comment: str = "", **fields: Any) -> feed_pb2.Post:
    return await write(author, comment, reshare_of=name, **fields)


async def undo(author: Caller, name: str) -> feed_pb2.Post:
    return await author.api.UndoReshare(feed_pb2.UndoReshareRequest(name=name))


async def edit(author: Caller, name: str, *paths: str, etag: str = "", **fields: Any) -> feed_pb2.Post:
    """Changes the named fields; without names those that are given."""
    post = feed_pb2.Post(name=name, etag=etag, **fields)
    return await author.api.UpdatePost(feed_pb2.UpdatePostRequest(post=post, update_mask=FieldMask(paths=paths)))


async def revisions(reader: Caller, name: str, size: int = 100) -> list[feed_pb2.PostRevision]:
    request = feed_pb2.ListPostRevisionsRequest(parent=name, page_size=size)
    return await walked(reader.api.ListPostRevisions, request)


async def batch(reader: Caller, *names: str) -> list[str]:
    answer = await reader.api.BatchGetPosts(feed_pb2.BatchGetPostsRequest(names=names))
    return [post.name for post in answer.posts]


def poll(*choices: str, multiple: bool = False, ahead: timedelta = WEEK) -> feed_pb2.Poll:
    """A question's choices, yes and no if none are given."""
    end = Timestamp()
    end.FromDatetime(datetime.now(UTC) + ahead)
    texts = choices or ("Yes", "No")
    return feed_pb2.Poll(choices=[feed_pb2.PollChoice(text=text) for text in texts], multiple=multiple, end_time=end)


async def vote(voter: Caller, name: str, *places: int) -> feed_pb2.Post:
    return await voter.api.Vote(feed_pb2.VoteRequest(name=name, choices=places))


def counted(post: feed_pb2.Post) -> tuple[list[int], int]:
    """How many chose each, and how many people voted."""
    return [choice.vote_count for choice in post.poll.choices], post.poll.voter_count


async def end_poll(world: World, *names: str) -> None:
    """Lets the time pass after which polls have ended."""
    ended = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    statement = "UPDATE posts SET poll = jsonb_set(poll, '{2}', to_jsonb(CAST(:ended AS text))), "
    statement += "poll_due = CAST(:ended AS timestamptz) WHERE id = ANY(:ids)"
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text(statement), {"ended": ended, "ids": [id_of(name) for name in names]})


async def join(world: World, group: str, *people: Caller) -> None:
    """Makes people members of a group, of which feed has heard."""
    await world.caught_up("groups")
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        for person in people:
            await keep_membership(tx, id_of(group), person.id)
    await resources.access.refresh(resources.database)


async def leave(world: World, group: str, person: Caller) -> None:
    resources = world.server.resources
    async with resources.database.transaction() as tx:
        await drop_membership(tx, id_of(group), person.id)
    await resources.access.refresh(resources.database)


def new_group() -> str:
    return f"groups/{uuid4()}"


def id_of(name: str) -> UUID:
    return UUID(name.rpartition("/")[2])


async def told(world: World, name: str) -> list[tuple[str, bytes]]:
    """What the log tells of a post, as (type, payload), oldest first."""
    await world.caught_up()
    query = "SELECT type, payload FROM eventlog.events WHERE aggregate = :name ORDER BY position"
    async with world.server.resources.database.snapshot() as tx:
        rows = await tx.execute(sa.text(query), {"name": name})
    return [(row.type.rpartition(".")[2], row.payload) for row in rows]


async def kinds_told(world: World, name: str) -> list[str]:
    return [kind for kind, _ in await told(world, name)]


@asynccontextmanager
async def as_if_untold(world: World, reader: Caller, name: str) -> AsyncIterator[None]:
    """What is done inside the block shows in the cache by the log alone, as after a crash right after the commit."""
    await world.caught_up()
    await reader.home()
    resources = world.server.resources
    post, marks, id_ = b"p2" + id_of(name).bytes, b"m" + reader.id.bytes, id_of(name).bytes
    value, mark = await resources.cache.pipeline([(b"GET", post), (b"HGET", marks, id_)])
    async with resources.database.snapshot() as tx:
        position, chain = (await tx.execute(sa.text("SELECT position, chain FROM eventlog.head"))).one()
    yield
    await world.caught_up()
    assert await resources.cache.call(b"EXISTS", post, marks) == 2, "the cache is warm"
    await resources.cache.call(b"SET", post, value)
    await resources.cache.call(*((b"HSET", marks, id_, mark) if mark else (b"HDEL", marks, id_)))
    request = event_log_pb2.ListEventsRequest(after_position=position, after_chain=chain, page_size=500)
    await FanOut(resources).gather((await resources.events.listed(request)).events)


async def rows_with(world: World, words: Sequence[str]) -> list[str]:
    """The tables of feed in which one of these words stands anywhere."""
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'once', "
    tables += "'eventlog', 'access')"
    found = []
    async with world.server.resources.database.snapshot() as tx:
        for table in (await tx.execute(sa.text(tables))).scalars():
            for word in words:
                hexed = word.encode().hex()
                query = f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE :word OR t::text LIKE :hexed"
                if (await tx.execute(sa.text(query), {"word": f"%{word}%", "hexed": f"%{hexed}%"})).scalar():
                    found.append(f"{word} in {table}")
    return found


async def cached_with(world: World, word: str) -> list[bytes]:
    """The keys of the cache whose values hold a word."""
    cache = world.server.resources.cache
    keys = [key for key in await cache.call(b"KEYS", b"*") if key[:1] == b"p"]
    return [key for key in keys if word.encode() in (await cache.call(b"GET", key) or b"")]
