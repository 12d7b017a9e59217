"""What feed does when moderation decides: posts are hidden or shown again, and who is concerned is told."""

from uuid import UUID

from plein.feed.v1 import events_pb2 as feed_events_pb2
from plein.moderation.v1 import events_pb2, moderation_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.decisions import DecisionReactions
from chassis.events import append, on
from services.feed.domain.notifications import Entry, Kind
from services.feed.reactions.telling import Telling
from services.feed.store import inbox, posts, subjects
from services.feed.wire import id_in


class Moderation(Telling, DecisionReactions):
    """Nobody is told who reported or decided. The cache is brought in line by the reactions to feed's own events."""

    async def subject_decided(self, tx: AsyncConnection, subject: str, *, hidden: bool, removed: bool) -> None:
        """The author of a post, article or comment is told, if it was not so already."""
        author = None
        match subject.partition("/")[0]:
            case "posts":
                author = await _show_post(tx, id_in(subject), hidden)
            case "articles" | "comments":
                author = await self._show_other(tx, id_in(subject), hidden)
        if author is not None:
            self._tell(author, Kind.CONTENT_HIDDEN if hidden else Kind.CONTENT_RESTORED, subject, subject)

    @on(events_pb2.DecisionMade)
    async def decision_made(self, tx: AsyncConnection, event: events_pb2.DecisionMade) -> None:
        """That reports came to nothing is not told: then there were none, for all that the person knows."""
        if event.person and event.verdict != moderation_pb2.VERDICT_NO_ACTION:
            self._tell(id_in(event.person), Kind.DECISION, event.case, event.subject)

    @on(events_pb2.AppealDecided)
    async def appeal_decided(self, tx: AsyncConnection, event: events_pb2.AppealDecided) -> None:
        self._tell(id_in(event.person), Kind.APPEAL_DECIDED, event.case)

    async def _show_other(self, tx: AsyncConnection, id_: UUID, hidden: bool) -> UUID | None:
        """The author of an article, if it was not so already; who wrote a comment, blog alone knows."""
        if not await subjects.hide(tx, id_, hidden):
            return None
        self.touch(row.recipient for row in await inbox.told_of(tx, causes=[id_], articles=[id_]))
        article = await subjects.known_article(tx, id_)
        return article.author if article else None

    def _tell(self, person: UUID, kind: Kind, subject: str, thing: str = "") -> None:
        self.tell(Entry(person, kind, self.event_id, subject, self.moment, thing=thing))


async def _show_post(tx: AsyncConnection, id_: UUID, hidden: bool) -> UUID | None:
    """Its author, or None when it was so already or is unknown."""
    for before in await posts.locked(tx, [id_]):
        if before.hidden != hidden:
            post = before.hidden_or_shown(hidden)
            await posts.save(tx, post)
            event = feed_events_pb2.PostHidden if hidden else feed_events_pb2.PostRestored
            await append(tx, post.name, post.version, event(post=post.name))
            return post.author
    return None
