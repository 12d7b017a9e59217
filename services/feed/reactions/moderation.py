"""What feed does when moderation decides: posts are hidden or shown again, and who is concerned is told."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from google.protobuf.message import Message
from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1 import events_pb2 as feed_events_pb2
from plein.feed.v1 import feed_pb2
from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.cache import CacheUnavailable
from chassis.decisions import DecisionReactions
from chassis.events import append_many, on
from chassis.once import replace_many_answers
from chassis.resources import Resources
from chassis.viewer import ACCOUNTS
from services.feed.domain.decisions import Decision, carry_out
from services.feed.domain.notifications import Entry, Kind
from services.feed.domain.posts import Post
from services.feed.reactions.telling import Telling
from services.feed.store import inbox, posts, subjects
from services.feed.store.homes import homes_of
from services.feed.wire import id_in, stored_post


class Moderation(Telling, DecisionReactions):
    """Nobody is told who reported or decided. The cache shows it at once, or by feed's own log if that fails."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._homes = resources.one(homes_of)
        self._changed: Sequence[Post] = ()

    def _begin_batch(self) -> None:
        super()._begin_batch()
        self._decisions: list[Decision] = []

    async def gather(self, events: Sequence[Event]) -> None:
        await super().gather(events)
        self._changed = ()

    async def finish(self, tx: AsyncConnection) -> None:
        self._changed = await self._decide_on_posts(tx)
        await super().finish(tx)

    async def after_commit(self, events: Sequence[Event]) -> None:
        """What somebody may not see any more does not wait in the cache until the log is dealt with."""
        await super().after_commit(events)
        try:
            await self._homes.put_posts(self._changed)
        except CacheUnavailable:
            self._homes.failed()

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        """Whose it is is told, of a post, article or comment if it was not so already."""
        author = None
        match subject.partition("/")[0]:
            case "posts":
                self._decisions.append(Decision(id_in(subject), hidden, removed, self.event_id, self.moment))
            case "articles" | "comments":
                author = await self._show_other(tx, id_in(subject), hidden=hidden, removed=removed)
            case "blogs":
                await self._show_blog(tx, id_in(subject), hidden=hidden, removed=removed)
            case "people":  # what they tell about themselves, or their photo
                author = id_in("/".join(subject.split("/")[:2]))
        if author is not None:
            self._tell(author, _kind(hidden, removed), subject, subject)

    @on(events_pb2.DecisionMade)
    async def decision_made(self, tx: AsyncConnection, event: events_pb2.DecisionMade) -> None:
        """That reports came to nothing is not told: then there were none, for all that the person knows."""
        if event.person and event.verdict != moderation_pb2.VERDICT_NO_ACTION:
            self._tell(id_in(event.person), Kind.DECISION, event.case, event.subject)

    @on(events_pb2.AppealDecided)
    async def appeal_decided(self, tx: AsyncConnection, event: events_pb2.AppealDecided) -> None:
        self._tell(id_in(event.person), Kind.APPEAL_DECIDED, event.case)

    async def _show_other(self, tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> UUID | None:
        """The author of an article, if it was not so already; who wrote a comment, blog alone knows."""
        if not await subjects.decide(tx, id_, hidden=hidden, removed=removed):
            return None
        self.touch(row.recipient for row in await inbox.told_of(tx, causes=[id_], articles=[id_]))
        article = await subjects.known_article(tx, id_)
        return article.author if article else None

    async def _show_blog(self, tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> None:
        """With a blog what is told of its articles; whose it is, blog alone knows."""
        if await subjects.decide(tx, id_, hidden=hidden, removed=removed):
            ids = await subjects.articles_of_blog(tx, id_)
            self.touch(row.recipient for row in await inbox.told_of(tx, articles=ids))

    async def _decide_on_posts(self, tx: AsyncConnection) -> Sequence[Post]:
        """Carries out a batch of decisions, however many: the posts that changed, those that count them among these."""
        if not self._decisions:
            return ()
        meant = await posts.by_ids(tx, list({decision.post for decision in self._decisions}))
        above = {id_ for post in meant for id_ in (post.id, post.root, post.reply_to, post.reshare_of) if id_}
        before = {post.id: post for post in await posts.locked(tx, list(above))}
        current = dict(before)
        changes = carry_out(self._decisions, current)
        changed = [post for id_, post in current.items() if post is not before[id_]]
        decided = {post.id: current[post.id] for _, post in changes}
        await posts.save_counts(tx, changed)
        await subjects.save_states(tx, list(decided.values()))
        await replace_many_answers(tx, [answer for post in decided.values() for answer in _kept_answers(post)])
        await append_many(tx, [(post.name, post.version, _told(post)) for _, post in changes])
        for decision, post in changes:
            kind = _kind(decision.hidden, decision.removed)
            self.tell(Entry(post.author, kind, decision.cause, post.name, decision.moment, thing=post.name))
        return changed

    def _tell(self, person: UUID, kind: Kind, subject: str, thing: str = "") -> None:
        self.tell(Entry(person, kind, self.event_id, subject, self.moment, thing=thing))


def _told(post: Post) -> Message:
    """Where it is told to look again."""
    if post.removed:
        return feed_events_pb2.PostRemoved(post=post.name)
    return (feed_events_pb2.PostHidden if post.hidden else feed_events_pb2.PostRestored)(post=post.name)


def _kind(hidden: bool, removed: bool) -> Kind:
    return Kind.CONTENT_REMOVED if removed else Kind.CONTENT_HIDDEN if hidden else Kind.CONTENT_RESTORED


def _kept_answers(post: Post) -> Iterator[tuple[str, bytes, bytes]]:
    """What is kept for repeated requests says no more than there is to be seen."""
    beginning = feed_pb2.Post(name=post.name)
    answer = beginning if post.removed else stored_post(post)
    for caller in (f"people/{post.author}", *([f"{ACCOUNTS}{post.card.account}"] if post.card else [])):
        yield caller, beginning.SerializeToString(), answer.SerializeToString()
