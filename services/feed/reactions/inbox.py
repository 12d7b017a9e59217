"""What people are told of posts, reactions and follows: feed follows its own log a second time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from plein.feed.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Root, kinds_mask
from chassis.audience import members
from chassis.events import on
from services.feed import wire
from services.feed.domain import telling
from services.feed.domain.notifications import Entry, Kind
from services.feed.domain.posts import Post
from services.feed.domain.texts import mentions_group
from services.feed.reactions.telling import Decisive, Telling
from services.feed.store import cards, follows, groups, inbox, marks, posts


class Inbox(Telling):
    """Brings inboxes in line with what happened.

    An event only says where to look, as for the homes: what is told is what stands when the batch is dealt with. So a
    post that was deleted meanwhile, or a reaction that was taken back, is not told at all.
    """

    source = "feed"
    name = "feed/inbox"
    pace_seconds = 0.1

    def _begin_batch(self) -> None:
        super()._begin_batch()
        self._created: set[UUID] = set()
        self._changed: set[UUID] = set()
        # Post → whom it mentions since it was edited.
        self._edited: dict[UUID, set[UUID]] = {}
        self._polls: set[UUID] = set()
        # The change, when it happened, and the post.
        self._cards: list[tuple[UUID, datetime, UUID]] = []
        # Whether it may be told, since it was not brought in.
        self._reacted: dict[tuple[UUID, UUID], bool] = {}
        self._followed: dict[tuple[UUID, UUID], bool] = {}

    @on(events_pb2.PostCreated)
    async def post_created(self, tx: AsyncConnection, event: events_pb2.PostCreated) -> None:
        # Of a post that neither addresses nor follows on anything, nobody is told.
        if not event.imported and (event.mentioned or event.reply_to or event.reshare_of or event.group):
            self._created.add(wire.post_id(event.post))

    @on(events_pb2.PostEdited)
    async def post_edited(self, tx: AsyncConnection, event: events_pb2.PostEdited) -> None:
        mentioned = self._edited.setdefault(wire.post_id(event.post), set())
        mentioned.update(wire.person_id(name) for name in event.newly_mentioned)

    @on(events_pb2.PollEnded)
    async def poll_ended(self, tx: AsyncConnection, event: events_pb2.PollEnded) -> None:
        self._polls.add(wire.post_id(event.post))

    @on(events_pb2.CardChanged)
    async def card_changed(self, tx: AsyncConnection, event: events_pb2.CardChanged) -> None:
        if event.notifies:
            self._cards.append((self.event_id, self.moment, wire.post_id(event.post)))

    @on(events_pb2.PostHidden, events_pb2.PostRemoved)
    async def post_moderated(self, tx: AsyncConnection, event: events_pb2.PostHidden) -> None:
        """With a post goes all that was told of its thread, and of those who passed it on."""
        self.touch(await inbox.recipients_of(tx, wire.post_id(event.post)))

    @on(events_pb2.PostRestored)
    async def post_restored(self, tx: AsyncConnection, event: events_pb2.PostRestored) -> None:
        """What was held from the beginning is told now; what was told before is not told again."""
        await self.post_moderated(tx, events_pb2.PostHidden(post=event.post))
        self._created.add(wire.post_id(event.post))

    @on(events_pb2.PostDeleted)
    async def post_deleted(self, tx: AsyncConnection, event: events_pb2.PostDeleted) -> None:
        self._changed.add(wire.post_id(event.post))

    @on(events_pb2.PostReactedTo)
    async def post_reacted_to(self, tx: AsyncConnection, event: events_pb2.PostReactedTo) -> None:
        self._reacted[wire.post_id(event.post), wire.person_id(event.person)] = not event.imported

    @on(events_pb2.ReactionRemoved)
    async def reaction_removed(self, tx: AsyncConnection, event: events_pb2.ReactionRemoved) -> None:
        self._reacted.setdefault((wire.post_id(event.post), wire.person_id(event.person)), False)

    @on(events_pb2.PersonFollowed)
    async def person_followed(self, tx: AsyncConnection, event: events_pb2.PersonFollowed) -> None:
        self._followed[wire.person_id(event.follower), wire.person_id(event.followee)] = not event.imported

    @on(events_pb2.PersonUnfollowed)
    async def person_unfollowed(self, tx: AsyncConnection, event: events_pb2.PersonUnfollowed) -> None:
        self._followed.setdefault((wire.person_id(event.follower), wire.person_id(event.followee)), False)

    async def finish(self, tx: AsyncConnection) -> None:
        touched = self._created | self._changed | self._edited.keys() | self._polls
        touched |= {post for _, _, post in self._cards}
        found = await _with_context(tx, touched | {post for post, _ in self._reacted})
        await self._tell_of_posts(tx, found)
        await self._tell_of_edits(tx, found)
        await self._tell_of_polls(tx, found)
        await self._tell_of_cards(tx, found)
        await self._tell_of_reactions(tx, found)
        await self._tell_of_follows(tx)
        await super().finish(tx)

    async def _tell_of_posts(self, tx: AsyncConnection, found: Mapping[UUID, Post]) -> None:
        gone = [id_ for id_ in self._created | self._changed if not _stands(found.get(id_))]
        for row in await inbox.told_of(tx, causes=gone, posts=gone):
            self.take_back([(row.recipient, row.cause)])
        new = [found[id_] for id_ in sorted(self._created) if _stands(found.get(id_))]
        wrote = await posts.wrote_before(tx, [post for post in new if not post.is_root])
        for post in new:
            self._tell_of(found, telling.of_post(post, found, wrote.get(post.id, ())))
        await self._tell_of_group_mentions(tx, found, new)

    async def _tell_of_group_mentions(
        self, tx: AsyncConnection, found: Mapping[UUID, Post], new: Sequence[Post]
    ) -> None:
        """All members are told, as they are in this transaction, if it is one of the group's keepers who wrote it."""
        roots = {post.id: found.get(post.root) for post in new if mentions_group(post.text)}
        placed = [(post, root.audience.group) for post in new if (root := roots.get(post.id)) and root.audience.group]
        kept = await groups.kept(tx, {(group, post.author) for post, group in placed})
        for post, group in placed:
            if (group, post.author) in kept:
                told = await members(tx, group)
                self._tell_of(found, telling.of_group_mention(post, group, told))

    async def _tell_of_edits(self, tx: AsyncConnection, found: Mapping[UUID, Post]) -> None:
        standing = {id_: found[id_] for id_ in self._edited if _stands(found.get(id_))}
        mentioned = {(id_, mention.person) for id_, post in standing.items() for mention in post.mentions}
        for row in await inbox.told_of(tx, causes=list(standing)):
            if row.kind == Kind.MENTION and (row.cause, row.recipient) not in mentioned:
                self.take_back([(row.recipient, row.cause)])
        for id_ in standing.keys() - self._created:
            entries = telling.of_mentions(found[id_])
            self._tell_of(found, (entry for entry in entries if entry.recipient in self._edited[id_]))

    async def _tell_of_polls(self, tx: AsyncConnection, found: Mapping[UUID, Post]) -> None:
        ended = [id_ for id_ in self._polls if _stands(found.get(id_))]
        voters = await marks.voters(tx, ended)
        for id_ in ended:
            self._tell_of(found, telling.of_poll(found[id_], voters.get(id_, ())))

    async def _tell_of_cards(self, tx: AsyncConnection, found: Mapping[UUID, Post]) -> None:
        followers = await cards.followers_of_cards(tx, {post for _, _, post in self._cards})
        for change, moment, id_ in self._cards:
            if _stands(found.get(id_)):
                self._tell_of(found, telling.of_card(found[id_], followers.get(id_, ()), change, moment))

    async def _tell_of_reactions(self, tx: AsyncConnection, found: Mapping[UUID, Post]) -> None:
        gone = set(self._reacted)
        for row in await marks.versions(tx, list(self._reacted)) if self._reacted else []:
            post = found.get(row.post)
            if row.reaction and post is not None and _stands(post):
                gone.discard((row.post, row.person))
                if self._reacted[row.post, row.person]:
                    self._tell_of(found, [telling.of_reaction(post, row.person, row.react_time)])
        causes = [telling.reaction_cause(*pair) for pair in gone]
        self.take_back([(row.recipient, row.cause) for row in await inbox.told_of(tx, causes=causes)])

    async def _tell_of_follows(self, tx: AsyncConnection) -> None:
        gone = set(self._followed)
        for row in await follows.standing(tx, list(self._followed)) if self._followed else []:
            gone.discard((row.follower, row.followee))
            if self._followed[row.follower, row.followee]:
                self.tell(telling.of_follow(row.follower, row.followee, row.create_time))
        self.take_back([(followee, telling.follow_cause(follower, followee)) for follower, followee in gone])

    def _tell_of(self, found: Mapping[UUID, Post], entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.post is not None and (decisive := _decisive(found, found[entry.post])):
                self.tell(entry, decisive=decisive)


async def _with_context(tx: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Post]:
    """These posts, and what they answer, stand under and pass on."""
    if not ids:
        return {}
    found = {post.id: post for post in await posts.by_ids(tx, list(ids))}
    above = {id_ for post in found.values() for id_ in (post.root, post.reply_to, post.reshare_of) if id_}
    return found | {post.id: post for post in await posts.by_ids(tx, list(above - found.keys()))}


def _stands(post: Post | None) -> bool:
    return post is not None and post.delete_time is None


def _decisive(found: Mapping[UUID, Post], post: Post) -> Decisive | None:
    """What decides who sees a post; None for one whose root is gone, which nobody sees."""
    root = found.get(post.root)
    if root is None:
        return None
    audience = root.audience
    kinds = kinds_mask(audience.kinds)
    decides = Root(root.author, kinds, audience.group, root.hidden, root.create_time, root.removed)
    return decides, post.author, post.hidden, post.removed
