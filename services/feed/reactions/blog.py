"""What feed does when blog tells of articles and comments: it tells people what concerns them."""

from collections.abc import Iterable
from uuid import UUID

from plein.blog.v1 import events_pb2
from plein.chassis.v1 import audience_pb2
from plein.chassis.v1.events_pb2 import SubjectHeld
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Root, kinds_mask
from chassis.events import on
from services.feed.domain.notifications import Entry, Kind
from services.feed.reactions.telling import Telling
from services.feed.store import inbox, subjects
from services.feed.wire import id_in


class Blog(Telling):
    """Keeps who may see an article, since all that is told of it is decided on that."""

    source = "blog"
    may_be_absent = True

    @on(events_pb2.ArticlePublished)
    async def article_published(self, tx: AsyncConnection, event: events_pb2.ArticlePublished) -> None:
        article, author = id_in(event.article), id_in(event.author)
        blog = id_in(event.blog) if event.blog else None
        row = await subjects.keep_article(tx, article, author, *_audience(event.audience), self.moment, blog)
        told = [(Kind.MENTION, event.article, name) for name in event.mentioned]
        told += [(Kind.ARTICLE, event.blog, name) for name in event.subscribers]
        await self._tell(tx, row, article, author, event.article, told)

    @on(events_pb2.ArticleEdited)
    async def article_edited(self, tx: AsyncConnection, event: events_pb2.ArticleEdited) -> None:
        """Whom it mentions only now is told, as if it had done so from the beginning."""
        row = await subjects.known_article(tx, id_in(event.article))
        if row is not None:
            told = [(Kind.MENTION, event.article, name) for name in event.newly_mentioned]
            await self._tell(tx, row, row.id, row.author, event.article, told)

    @on(events_pb2.ArticleAudienceChanged)
    async def article_audience_changed(self, tx: AsyncConnection, event: events_pb2.ArticleAudienceChanged) -> None:
        await subjects.change_audience(tx, id_in(event.article), *_audience(event.audience))

    @on(events_pb2.ArticleWithdrawn)
    async def article_withdrawn(self, tx: AsyncConnection, event: events_pb2.ArticleWithdrawn) -> None:
        """What is withdrawn and what was under it is no longer told."""
        article = id_in(event.article)
        await subjects.drop_article(tx, article)
        found = await inbox.told_of(tx, articles=[article])
        self.take_back((row.recipient, row.cause) for row in found)
        self.forget([article])

    @on(events_pb2.CommentCreated)
    async def comment_created(self, tx: AsyncConnection, event: events_pb2.CommentCreated) -> None:
        row = await subjects.known_article(tx, id_in(event.article))
        if row is None:
            return
        told = [(Kind.COMMENT_REPLY, event.article, event.reply_to_author)] if event.reply_to_author else []
        told += [(Kind.MENTION, event.article, name) for name in event.mentioned]
        told += [(Kind.COMMENT, event.article, f"people/{row.author}")]
        await self._tell(tx, row, id_in(event.comment), id_in(event.author), event.comment, told)

    @on(events_pb2.CommentEdited)
    async def comment_edited(self, tx: AsyncConnection, event: events_pb2.CommentEdited) -> None:
        row = await subjects.known_article(tx, id_in(event.article))
        if row is not None:
            told = [(Kind.MENTION, event.article, name) for name in event.newly_mentioned]
            await self._tell(tx, row, id_in(event.comment), id_in(event.author), event.comment, told)

    @on(SubjectHeld)
    async def subject_held(self, tx: AsyncConnection, event: SubjectHeld) -> None:
        """A comment that a filter holds is told to nobody until moderators have judged it, as moderation then tells."""
        comment = id_in(event.subject)
        if event.subject.startswith("comments/") and await subjects.decide(tx, comment, hidden=True, removed=False):
            self.touch(row.recipient for row in await inbox.told_of(tx, causes=[comment]))

    @on(events_pb2.CommentDeleted)
    async def comment_deleted(self, tx: AsyncConnection, event: events_pb2.CommentDeleted) -> None:
        comment = id_in(event.comment)
        self.take_back((row.recipient, row.cause) for row in await inbox.told_of(tx, causes=[comment]))
        self.forget([comment])

    @on(events_pb2.ContributionAnswered)
    async def contribution_answered(self, tx: AsyncConnection, event: events_pb2.ContributionAnswered) -> None:
        row = await subjects.known_article(tx, id_in(event.article))
        if row is not None:
            told = [(Kind.CONTRIBUTION_ANSWERED, event.article, event.contributor)]
            await self._tell(tx, row, self.event_id, id_in(event.answerer), event.comment, told)

    @on(events_pb2.ConsultationSummarised)
    async def consultation_summarised(self, tx: AsyncConnection, event: events_pb2.ConsultationSummarised) -> None:
        """The article that sums a consultation up is an answer to everyone who contributed."""
        row = await subjects.known_article(tx, id_in(event.article))
        if row is not None:
            told = [(Kind.CONTRIBUTION_ANSWERED, event.article, name) for name in event.contributors]
            await self._tell(tx, row, self.event_id, id_in(event.person), event.summary, told)

    async def _tell(
        self,
        tx: AsyncConnection,
        article: subjects.Row,
        cause: UUID,
        actor: UUID,
        thing: str,
        told: Iterable[tuple[Kind, str, str]],
    ) -> None:
        """Tells people of something about an article: kind, subject and `people/{person}` each."""
        hidden, removed = await subjects.article_state(tx, article)
        kinds = kinds_mask(article.kinds)
        root = Root(article.author, kinds, article.group_id, hidden, article.create_time, removed)
        for kind, subject, person in told:
            entry = Entry(id_in(person), kind, cause, subject, self.moment, actor, article=article.id, thing=thing)
            self.tell(entry, decisive=(root, article.author, False, False))


def _audience(audience: audience_pb2.Audience) -> tuple[list[int], UUID | None]:
    return sorted(audience.kinds), id_in(audience.group) if audience.group else None
