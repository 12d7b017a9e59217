"""What feed does when moderation decides: posts are hidden or shown again, and who is concerned is told."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import Message
from plein.chassis.v1.event_log_pb2 import Event
from plein.feed.v1 import events_pb2 as feed_events_pb2
from plein.feed.v1 import feed_pb2
from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.cache import CacheUnavailable
from chassis.decisions import DecisionReactions
from chassis.events import append, on
from chassis.once import replace_answers
from chassis.resources import Resources
from chassis.viewer import ACCOUNTS
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
        self._changed: list[Post] = []

    async def gather(self, events: Sequence[Event]) -> None:
        await super().gather(events)
        self._changed = []

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
                changed = await _show_post(tx, id_in(subject), hidden=hidden, removed=removed)
                self._changed += changed
                author = changed[0].author if changed else None
            case "articles" | "comments":
                author = await self._show_other(tx, id_in(subject), hidden=hidden, removed=removed)
            case "people":  # what they tell about themselves, or their photo
                author = id_in("/".join(subject.split("/")[:2]))
        if author is not None:
            kind = Kind.CONTENT_REMOVED if removed else Kind.CONTENT_HIDDEN if hidden else Kind.CONTENT_RESTORED
            self._tell(author, kind, subject, subject)

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

    def _tell(self, person: UUID, kind: Kind, subject: str, thing: str = "") -> None:
        self.tell(Entry(person, kind, self.event_id, subject, self.moment, thing=thing))


async def _show_post(tx: AsyncConnection, id_: UUID, *, hidden: bool, removed: bool) -> list[Post]:
    """The post and those that count it, as they are now, or nothing when it was so already or is unknown.

    What others may not see is not counted either.
    """
    seen = {
        found for post in await posts.by_ids(tx, [id_]) for found in (id_, post.root, post.reply_to, post.reshare_of)
    }
    current = {post.id: post for post in await posts.locked(tx, [found for found in seen if found])}
    before = current.pop(id_, None)
    post = before.moderated(hidden=hidden, removed=removed) if before else None
    if before is None or post is None or post is before:
        return []
    change = post.is_counted - before.is_counted
    counting = [other.counting(post, change) for other in current.values()] if change else []
    await posts.save(tx, post)
    await posts.save_counts(tx, counting)
    await _answer_repetitions(tx, post)
    await append(tx, post.name, post.version, _told(post))
    return [post, *counting]


def _told(post: Post) -> Message:
    """Where it is told to look again."""
    if post.removed:
        return feed_events_pb2.PostRemoved(post=post.name)
    return (feed_events_pb2.PostHidden if post.hidden else feed_events_pb2.PostRestored)(post=post.name)


async def _answer_repetitions(tx: AsyncConnection, post: Post) -> None:
    """What is kept for repeated requests says no more than there is to be seen."""
    beginning = feed_pb2.Post(name=post.name)
    answer = beginning if post.removed else stored_post(post)
    callers = [f"people/{post.author}", *([f"{ACCOUNTS}{post.card.account}"] if post.card else [])]
    for caller in callers:
        await replace_answers(tx, caller, beginning.SerializeToString(), answer.SerializeToString())
