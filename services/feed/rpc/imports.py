"""Brings in what happened elsewhere, or before."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from plein.feed.v1 import feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from chassis.problems import BadInput, NotFound, Problem
from services.feed import wire
from services.feed.domain.drafts import drafted
from services.feed.domain.follows import check_follow
from services.feed.domain.posts import Post, id_at
from services.feed.rpc.base import Base, now
from services.feed.store import follows, marks, posts

MOST_PROBLEMS = 100


class Imports(Base):
    """One transaction a sort of thing in each message."""

    async def ImportActivity(
        self, request_iterator: AsyncIterator[feed_pb2.ImportActivityRequest], context: Any
    ) -> feed_pb2.ImportActivityResponse:
        answer = feed_pb2.ImportActivityResponse()
        async for request in request_iterator:
            if request.posts:
                answer.posts_created += await self._import_posts(request.posts, answer)
            if request.follows:
                answer.follows_created += await self._import_follows(request.follows, answer)
            if request.reactions:
                answer.reactions_created += await self._import_reactions(request.reactions, answer)
        return answer

    async def _import_posts(
        self, imported: Sequence[feed_pb2.ImportedPost], answer: feed_pb2.ImportActivityResponse
    ) -> int:
        people = await self.identity.people_behind(_handles(imported))
        async with self.database.transaction() as tx:
            wanted = [item.external_id for item in imported] + [item.reply_to_external_id for item in imported]
            known = await posts.by_external_ids(tx, [external_id for external_id in wanted if external_id])
            added: dict[str, Post] = {}
            for item in imported:
                if item.external_id not in known:
                    try:
                        post = known[item.external_id] = _imported(item, people, known)
                        added[item.external_id] = post
                    except Problem as problem:
                        _tell(answer, f"post {item.external_id}: {problem}")
            await self._add_imported(tx, added)
        return len(added)

    async def _add_imported(self, tx: AsyncConnection, added: dict[str, Post]) -> None:
        if not added:
            return
        await posts.add_many(tx, [(post, external_id) for external_id, post in added.items()])
        replies = Counter(id_ for post in added.values() if post.reply_to for id_ in {post.root, post.reply_to})
        above = await posts.locked(tx, list(replies))
        await posts.save_counts(tx, [post.with_reply(replies[post.id]) for post in above])
        told = [(post.name, post.version, wire.created(post, imported=True)) for post in added.values()]
        await append_many(tx, told)

    async def _import_follows(
        self, imported: Sequence[feed_pb2.ImportedFollow], answer: feed_pb2.ImportActivityResponse
    ) -> int:
        pairs = set()
        for item in imported:
            try:
                pair = wire.person_id(item.follower), wire.person_id(item.followee)
                check_follow(*pair)
                pairs.add(pair)
            except Problem as problem:
                _tell(answer, f"follow {item.follower} {item.followee}: {problem}")
        if not pairs:
            return 0
        async with self.database.transaction() as tx:
            begun = await follows.begin_many(tx, sorted(pairs), now())
            await append_many(tx, [_begun(row.follower, row.followee, row.version) for row in begun])
        return len(begun)

    async def _import_reactions(
        self, imported: Sequence[feed_pb2.ImportedReaction], answer: feed_pb2.ImportActivityResponse
    ) -> int:
        async with self.database.transaction() as tx:
            known = await posts.by_external_ids(tx, [item.post_external_id for item in imported])
            wanted = _wanted(imported, known, answer)
            current = {post.id: post for post in await posts.locked(tx, [post_id for post_id, _ in wanted])}
            for row in await marks.versions(tx, list(wanted)):
                del wanted[row.post, row.person]
            added = []
            for (post_id, person), reaction in wanted.items():
                post = current[post_id] = current[post_id].with_reaction(0, reaction)
                added.append((post, person, reaction))
            await marks.add_reactions(tx, [(post.id, person, sort) for post, person, sort in added], now())
            await posts.save_counts(tx, list(current.values()))
            told = [(post.name, post.version, wire.reacted(post, who, imported=True)) for post, who, _ in added]
            await append_many(tx, told)
        return len(added)


def _begun(follower: UUID, followee: UUID, version: int) -> tuple[str, int, Message]:
    """What the log tells of a follow that was brought in."""
    return wire.follow_name(follower, followee), version, wire.followed(follower, followee, imported=True)


def _wanted(
    imported: Sequence[feed_pb2.ImportedReaction],
    known: Mapping[str, Post],
    answer: feed_pb2.ImportActivityResponse,
) -> dict[tuple[UUID, UUID], int]:
    """(post, person) → reaction, for the posts that are there."""
    wanted: dict[tuple[UUID, UUID], int] = {}
    for item in imported:
        try:
            if item.post_external_id not in known:
                raise NotFound("UNKNOWN_POST", "There is no such post.")
            wanted.setdefault((known[item.post_external_id].id, wire.person_id(item.person)), int(item.reaction))
        except Problem as problem:
            _tell(answer, f"reaction to {item.post_external_id}: {problem}")
    return wanted


def _handles(imported: Sequence[feed_pb2.ImportedPost]) -> list[str]:
    handles: set[str] = set()
    for item in imported:
        with suppress(Problem):
            handles.update(drafted(item.text).content.handles)
    return sorted(handles)


def _imported(item: feed_pb2.ImportedPost, people: Mapping[str, UUID], known: Mapping[str, Post]) -> Post:
    if not 0 <= item.create_time.seconds + item.create_time.nanos / 1e9 <= now().timestamp():
        raise BadInput("IMPOSSIBLE_TIME", "It was written after 1970 and before now.", field="create_time")
    written = item.create_time.ToDatetime(tzinfo=UTC)
    parent = None
    if item.reply_to_external_id:
        parent = known.get(item.reply_to_external_id)
        if parent is None:
            raise BadInput("UNKNOWN_PARENT", "What it answers is not there.", field="reply_to_external_id")
    group = wire.group_id(item.audience.group, "audience.group")
    draft = drafted(item.text, item.audience.kinds, group)
    id_ = id_at(written, item.external_id)
    return draft.by(wire.person_id(item.author), id_, written, people, parent)


def _tell(answer: feed_pb2.ImportActivityResponse, sentence: str) -> None:
    if len(answer.problems) < MOST_PROBLEMS:
        answer.problems.append(sentence)
