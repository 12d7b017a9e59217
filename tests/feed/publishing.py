"""What blog tells of articles and comments, in feed and in the model."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import uuid4

from google.protobuf.message import Message
from plein.blog.v1 import events_pb2
from plein.chassis.v1 import audience_pb2

from tests.feed.belonging import Belonging
from tests.feed.caller import audience
from tests.feed.modelled_articles import Article, Blog, Comment
from tests.feed.modelled_inbox import About
from tests.feed.playing import AUDIENCES

BLOGS = 2


@dataclass
class Publishing(Belonging):
    """Two blogs, and who writes and comments in them."""

    blogs: list[Blog] = field(default_factory=lambda: [Blog(f"blogs/{uuid4()}") for _ in range(BLOGS)])
    articles: list[Article] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    async def publish(
        self, author: int, blog: int, *, kinds: int, group: int, mentioned: Collection[int], told: Collection[int]
    ) -> None:
        """An article comes out, of which the subscribers are told."""
        if not self.acts(author) or (group >= 0 and (author, group) not in self.model.members):
            return
        article = Article(f"articles/{uuid4()}", self.blogs[blog], author, self.model.moment)
        self._mean(article, kinds, group)
        self.articles.append(article)
        await self.come_out(article, mentioned, told)

    async def publish_again(self, nth: int, mentioned: Collection[int]) -> None:
        """Of an article that was taken back nobody is told for having subscribed."""
        taken_back = [article for article in self.articles if article.withdrawn]
        if taken_back:
            article = taken_back[nth % len(taken_back)]
            article.withdrawn, article.moment = False, self.model.moment
            await self.come_out(article, mentioned, ())

    async def come_out(self, article: Article, mentioned: Collection[int], told: Collection[int]) -> None:
        event = events_pb2.ArticlePublished(
            article=article.name,
            blog=article.blog.name,
            author=self.callers[article.author].name,
            audience=self._audience(article),
            subscribers=self._names(told),
            mentioned=self._names(mentioned),
        )
        await self._tell_of(article, event)
        for person in mentioned:
            self._tell_article(person, "MENTION", article.name, article)
        for person in told:
            self._tell_article(person, "ARTICLE", article.blog.name, article)

    async def mention_in_article(self, nth: int, mentioned: Collection[int]) -> None:
        """It is edited."""
        article = self.article(nth)
        if article:
            names = self._names(mentioned)
            edited = events_pb2.ArticleEdited(article=article.name, blog=article.blog.name, newly_mentioned=names)
            await self._tell_of(article, edited)
            for person in mentioned:
                self._tell_article(person, "MENTION", article.name, article)

    async def change_readers(self, nth: int, kinds: int, group: int) -> None:
        article = self.article(nth)
        if article:
            self._mean(article, kinds, group)
            told = events_pb2.ArticleAudienceChanged(article=article.name, audience=self._audience(article))
            await self._tell_of(article, told)

    async def withdraw(self, nth: int) -> None:
        """It is taken back, with everything under it."""
        article = self.article(nth)
        if article:
            await self._tell_of(article, events_pb2.ArticleWithdrawn(article=article.name))
            article.withdrawn = True
            self.inboxes.take_back(lambda _, entry: entry.about.article is article)
            self.comments = [comment for comment in self.comments if comment.article is not article]

    async def comment(self, author: int, nth: int, above: int, mentioned: Collection[int]) -> None:
        """Says something of an article; with `above` not below 0 it answers another comment on it."""
        article = self.article(nth)
        if article is None or not self.model.sees_root(author, article):
            return
        said = [comment for comment in self.comments if comment.article is article]
        answered = said[above % len(said)] if said and above >= 0 else None
        comment = Comment(f"comments/{uuid4()}", article, author)
        names = {"comment": comment.name, "article": article.name, "author": self.callers[author].name}
        told = events_pb2.CommentCreated(**names, mentioned=self._names(mentioned))
        if answered:
            told.reply_to, told.reply_to_author = answered.name, self.callers[answered.author].name
        await self._tell_of(article, told)
        self.keep_comment(comment, answered, mentioned)

    def keep_comment(self, comment: Comment, answered: Comment | None, mentioned: Collection[int]) -> None:
        """Takes a new comment into the model, and what it tells."""
        self.comments.append(comment)
        if answered:
            self._tell_comment(answered.author, "COMMENT_REPLY", comment)
        for person in mentioned:
            self._tell_comment(person, "MENTION", comment)
        self._tell_comment(comment.article.author, "COMMENT", comment)

    async def mention_in_comment(self, nth: int, mentioned: Collection[int]) -> None:
        """It is edited."""
        if self.comments:
            comment = self.comments[nth % len(self.comments)]
            names = {"comment": comment.name, "article": comment.article.name}
            told = events_pb2.CommentEdited(**names, author=self.callers[comment.author].name)
            told.newly_mentioned.extend(self._names(mentioned))
            await self._tell_of(comment.article, told)
            for person in mentioned:
                self._tell_comment(person, "MENTION", comment)

    async def delete_comment(self, nth: int) -> None:
        if self.comments:
            comment = self.comments.pop(nth % len(self.comments))
            await self._tell_of(comment.article, events_pb2.CommentDeleted(comment=comment.name))
            self.inboxes.take_back(lambda _, entry: entry.about.comment is comment)

    async def answer(self, nth: int) -> None:
        """The article's author says what was done with a contribution."""
        if self.comments:
            comment = self.comments[nth % len(self.comments)]
            article = comment.article
            contributor, answerer = self.callers[comment.author].name, self.callers[article.author].name
            told = events_pb2.ContributionAnswered(comment=comment.name, article=article.name)
            told.contributor, told.answerer = contributor, answerer
            await self._tell_of(article, told)
            about = About(self.model.moment, article=article, thing=comment.name)
            cause = "answer", self.model.moment
            self.inboxes.tell(comment.author, "CONTRIBUTION_ANSWERED", article.name, cause, article.author, about)

    def article(self, nth: int) -> Article | None:
        """One of those that are out."""
        standing = [article for article in self.articles if not article.withdrawn]
        return standing[-1 - nth % len(standing)] if standing else None

    def _mean(self, article: Article, kinds: int, group: int) -> None:
        article.kinds, article.group = frozenset(AUDIENCES[kinds]), group if group >= 0 else None

    def _audience(self, article: Article) -> audience_pb2.Audience:
        meant = audience(sorted(article.kinds))
        meant.group = self.groups[article.group] if article.group is not None else ""
        return meant

    def _names(self, people: Collection[int]) -> list[str]:
        return [self.callers[person].name for person in people]

    def _tell_article(self, person: int, kind: str, subject: str, article: Article) -> None:
        about = About(self.model.moment, article=article, thing=article.name)
        self.inboxes.tell(person, kind, subject, ("thing", article.name), article.author, about)

    def _tell_comment(self, person: int, kind: str, comment: Comment) -> None:
        about = About(self.model.moment, article=comment.article, comment=comment, thing=comment.name)
        cause = "thing", comment.name
        self.inboxes.tell(person, kind, comment.article.name, cause, comment.author, about)

    async def _tell_of(self, article: Article, message: Message) -> None:
        await self.world.tell(article.name, message, source="blog")
