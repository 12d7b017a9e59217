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
from chassis.problems import AlreadyExists, BadInput, NotFound, Problem
from services.feed import wire
from services.feed.domain.drafts import drafted
from services.feed.domain.follows import check_follow
from services.feed.domain.posts import Post, id_at
from services.feed.domain.reshares import check_reshare
from services.feed.domain.texts import recognised
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
            wanted = {id_ for item in imported for id_ in (item.external_id, *_leads_to(item))}
            known = await posts.by_external_ids(tx, list(wanted))
            passed_on = [known[id_].id for item in imported if (id_ := item.reshare_of_external_id) in known]
            # Locked, so that nobody reshares them meanwhile.
            await posts.locked(tx, passed_on)
            reshared = await posts.plain_reshares(tx, passed_on)
            added: dict[str, Post] = {}
            for item in imported:
                if item.external_id not in known:
                    try:
                        post = known[item.external_id] = _imported(item, people, known, reshared)
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
        reshares = Counter(post.reshare_of for post in added.values() if post.reshare_of)
        counting = await posts.locked(tx, list({*replies, *reshares}))
        counted = [post.with_reply(replies[post.id]).with_reshare(reshares[post.id]) for post in counting]
        await posts.save_counts(tx, counted)
        plain = [(post.reshare_of, post.author) for post in added.values() if post.is_plain_reshare and post.reshare_of]
        await marks.reshare_many(tx, plain)
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
            handles.update(recognised(item.text).handles)
    return sorted(handles)


def _leads_to(item: feed_pb2.ImportedPost) -> list[str]:
    """The external ids of what it answers and passes on."""
    return [id_ for id_ in (item.reply_to_external_id, item.reshare_of_external_id) if id_]


def _imported(
    item: feed_pb2.ImportedPost,
    people: Mapping[str, UUID],
    known: Mapping[str, Post],
    reshared: set[tuple[UUID, UUID]],
) -> Post:
    """The post; `reshared` are the (author, original) pairs of plain reshares, to which it is added if it is one."""
    if not 0 <= item.create_time.seconds + item.create_time.nanos / 1e9 <= now().timestamp():
        raise BadInput("IMPOSSIBLE_TIME", "It was written after 1970 and before now.", field="create_time")
    written = item.create_time.ToDatetime(tzinfo=UTC)
    parent, original = (
        _known(known, getattr(item, field), field) for field in ("reply_to_external_id", "reshare_of_external_id")
    )
    group = wire.group_id(item.audience.group, "audience.group")
    draft = drafted(item.text, item.audience.kinds, group, is_reply=bool(parent), is_reshare=bool(original))
    if original is not None:
        _check_original(original)
        check_reshare(original, original.audience, draft.audience)
    id_ = id_at(written, item.external_id)
    post = draft.by(wire.person_id(item.author), id_, written, people, parent, original=original)
    if post.is_plain_reshare and original is not None:
        if (post.author, original.id) in reshared:
            raise AlreadyExists("RESHARED", "Its author reshared that already.")
        reshared.add((post.author, original.id))
    return post


def _known(known: Mapping[str, Post], external_id: str, field: str) -> Post | None:
    if external_id and external_id not in known:
        raise BadInput("UNKNOWN_PARENT", "What it answers or passes on is not there.", field=field)
    return known[external_id] if external_id else None


def _check_original(original: Post) -> None:
    if not original.is_root or original.is_plain_reshare:
        sentence = "Only a post of its own is passed on, and no plain reshare."
        raise BadInput("NO_ORIGINAL", sentence, field="reshare_of_external_id")


def _tell(answer: feed_pb2.ImportActivityResponse, sentence: str) -> None:
    if len(answer.problems) < MOST_PROBLEMS:
        answer.problems.append(sentence)
