"""What the log tells of articles."""

from collections.abc import Collection, Sequence
from uuid import UUID

from plein.blog.v1 import events_pb2

from services.blog.domain.articles import Article
from services.blog.wire.blogs import audience

MOST_SUBSCRIBERS = 500


def published(article: Article, subscribers: Sequence[UUID]) -> list[events_pb2.ArticlePublished]:
    """An article that came out: one event, and one more for each 500 subscribers after the first 500."""
    told = []
    for first in range(0, max(1, len(subscribers)), MOST_SUBSCRIBERS):
        event = events_pb2.ArticlePublished(
            article=article.name,
            blog=f"blogs/{article.blog}",
            author=f"people/{article.author}",
            audience=audience(article.audience),
            subscribers=_names(subscribers[first : first + MOST_SUBSCRIBERS]),
            mentioned=[] if first else _names(article.published.mentions),
        )
        told.append(event)
    return told


def edited(article: Article, mentioned_before: Collection[UUID]) -> events_pb2.ArticleEdited:
    """An article that reads otherwise than before."""
    new = [person for person in article.published.mentions if person not in mentioned_before]
    return events_pb2.ArticleEdited(article=article.name, blog=f"blogs/{article.blog}", newly_mentioned=_names(new))


def withdrawn(article: Article) -> events_pb2.ArticleWithdrawn:
    """An article that was taken back or deleted."""
    return events_pb2.ArticleWithdrawn(article=article.name)


def audience_changed(article: Article) -> events_pb2.ArticleAudienceChanged:
    """A published article that others may see than before."""
    return events_pb2.ArticleAudienceChanged(article=article.name, audience=audience(article.audience))


def _names(people: Collection[UUID]) -> list[str]:
    return [f"people/{person}" for person in people]
