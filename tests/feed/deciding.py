"""What moderation decides, in feed and in the model."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.message import Message
from plein.moderation.v1 import events_pb2
from plein.moderation.v1.moderation_pb2 import VERDICT_NO_ACTION, VERDICT_WARN

from tests.feed.modelled import Written
from tests.feed.modelled_articles import Article, Blog, Comment
from tests.feed.publishing import Publishing


@dataclass
class Deciding(Publishing):
    """A decision is `Hidden`, `Removed` or `Restored`; told twice, it is the same."""

    async def moderate(self, nth: int, decision: str) -> None:
        """Any post can be hidden, removed and restored, a deleted one too."""
        if self.model.posts:
            await self.moderate_post(self.model.posts[-1 - nth % len(self.model.posts)], decision)

    async def moderate_in_blog(self, sort: str, nth: int, decision: str) -> None:
        """An article, also one that was taken back: it stays hidden when it comes out again; a comment, or a blog."""
        if sort == "article" and self.articles:
            await self.moderate_article(self.articles[-1 - nth % len(self.articles)], decision)
        elif sort == "comment" and self.comments:
            await self.moderate_comment(self.comments[-1 - nth % len(self.comments)], decision)
        elif sort == "blog":
            await self.moderate_blog(self.blogs[nth % len(self.blogs)], decision)

    async def moderate_post(self, post: Written, decision: str) -> None:
        await self._decide(post.name, decision)
        before = post.hidden, post.removed
        post.hidden, post.removed = decision == "Hidden", decision == "Removed"
        if before != (post.hidden, post.removed):
            self.inboxes.judged(post.author, f"CONTENT_{decision.upper()}", post.name, post.name, post)

    async def moderate_article(self, article: Article, decision: str) -> None:
        await self._decide(article.name, decision)
        before = article.is_hidden, article.is_removed
        article.is_hidden, article.is_removed = decision == "Hidden", decision == "Removed"
        if before != (article.is_hidden, article.is_removed) and not article.withdrawn:
            self.inboxes.judged(article.author, f"CONTENT_{decision.upper()}", article.name, article.name)

    async def moderate_comment(self, comment: Comment, decision: str) -> None:
        """Who wrote it, blog alone knows."""
        await self._decide(comment.name, decision)
        comment.hidden, comment.removed = decision == "Hidden", decision == "Removed"

    async def moderate_blog(self, blog: Blog, decision: str) -> None:
        await self._decide(blog.name, decision)
        blog.hidden, blog.removed = decision == "Hidden", decision == "Removed"

    async def moderate_profile(self, person: int, decision: str, *, photo: bool) -> None:
        """Each time that it is told, since feed does not know how a profile stands."""
        subject = self.callers[person].name + ("/photo" if photo else "")
        await self._decide(subject, decision)
        self.inboxes.judged(person, f"CONTENT_{decision.upper()}", subject, subject)

    async def rule(self, person: int, nth: int, *, warned: bool) -> None:
        """A case about one of somebody's posts is decided; that nothing is to be done is told to nobody."""
        written = [post for post in self.model.posts if post.author == person]
        if written:
            case, post = f"cases/{uuid4()}", written[-1 - nth % len(written)]
            verdict = VERDICT_WARN if warned else VERDICT_NO_ACTION
            names = {"case": case, "subject": post.name, "person": self.callers[person].name}
            await self._tell_moderation(events_pb2.DecisionMade(**names, verdict=verdict))
            if warned:
                self.inboxes.judged(person, "DECISION", case, post.name)

    async def undo_decision(self, person: int, nth: int) -> None:
        """That a decision was a mistake is told to whom it concerned."""
        written = [post for post in self.model.posts if post.author == person]
        if written:
            case, post = f"cases/{uuid4()}", written[-1 - nth % len(written)]
            told = events_pb2.DecisionUndone(case=case, subject=post.name, person=self.callers[person].name)
            await self._tell_moderation(told)
            self.inboxes.judged(person, "DECISION", case, post.name)

    async def rule_on_appeal(self, person: int) -> None:
        case = f"cases/{uuid4()}"
        told = events_pb2.AppealDecided(case=case, person=self.callers[person].name, verdict=VERDICT_NO_ACTION)
        await self._tell_moderation(told)
        self.inboxes.judged(person, "APPEAL_DECIDED", case, "")

    async def silence(self, person: int, *, begins: bool) -> None:
        """Somebody may read and not speak, or speak again."""
        name = self.callers[person].name
        if begins:
            muted = events_pb2.PersonMuted(person=name)
            muted.until.FromDatetime(datetime.now(UTC) + timedelta(days=1))
            await self._tell_moderation(muted)
            self.model.silenced.add(person)
        else:
            await self._tell_moderation(events_pb2.PersonUnmuted(person=name))
            self.model.silenced.discard(person)

    async def _decide(self, subject: str, decision: str) -> None:
        await self._tell_moderation(getattr(events_pb2, f"Subject{decision}")(subject=subject))

    async def _tell_moderation(self, message: Message) -> None:
        await self.world.tell("cases/any", message, source="moderation")
