"""Publishing, as methods and the job do it: what readers see is stored, kept as a revision, and told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from plein.blog.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append, append_many
from chassis.filtering import tell_held
from chassis.markdown import Document, Source
from chassis.problems import BadInput
from services.blog.domain.articles import Article, Published, reading_minutes
from services.blog.domain.drafts import Draft, image_ids
from services.blog.domain.images import Upload
from services.blog.domain.subscriptions import targets_of
from services.blog.store import articles, drafts, images, subscriptions
from services.blog.wire import events

# Some hundred bytes of Markdown can say much HTML: every reader would have to take it.
MOST_HTML_BYTES = 1_000_000


def rendered(draft: Draft, document: Document, people: Mapping[str, UUID], found: Mapping[UUID, Upload]) -> Published:
    """What readers would see of a draft: `people` by the handles of whom it may mention, `found` its images.

    It may take a second, so it belongs into a thread and before the transaction.
    """
    shown = {upload.name: Source(upload.path, upload.width, upload.height) for upload in found.values()}
    html = document.html(people={handle: str(person) for handle, person in people.items()}, images=shown)
    if len(html.encode()) > MOST_HTML_BYTES:
        sentence = "The marks in the text make {bytes} bytes of HTML, and {most} is the most."
        raise BadInput("TOO_MANY_MARKS", sentence, field="draft.text", bytes=len(html.encode()), most=MOST_HTML_BYTES)
    mentions = tuple(dict.fromkeys(people[handle] for handle in document.handles if handle in people))
    minutes = reading_minutes(document.words)
    return Published(draft.content, html, document.plain, document.tags, mentions, minutes)


async def release(
    tx: AsyncConnection,
    before: Article,
    draft: Draft,
    published: Published,
    now: datetime,
    *,
    held: Sequence[UUID] = (),
) -> Article:
    """Publishes an article that the transaction has locked, with what was `rendered` of its draft before.

    Because of the filters `held` moderators judge it first.
    """
    before.check_release(draft.content)
    article = before.released(published, draft.revision, now, held=bool(held))
    await articles.save(tx, article)
    await drafts.keep(tx, draft, now)
    cover = [draft.content.cover.image] if draft.content.cover else []
    await images.show_in_article(tx, article.id, [*image_ids(draft.content.text), *cover])
    await _tell(tx, before, article)
    if article.hidden and not before.hidden:
        await append(tx, article.name, article.version, events_pb2.ArticleHidden(article=article.name))
    await tell_held(tx, article.name, article.version, held)
    return article


async def _tell(tx: AsyncConnection, before: Article, article: Article) -> None:
    """Tells that an article came out, or reads otherwise. That it came out again subscribers are not told."""
    if before.is_out:
        await append(tx, article.name, article.version, events.edited(article, before.published.mentions))
        return
    told = events.published(article, [] if before.publish_time else await subscribers(tx, article))
    await append_many(tx, [(article.name, article.version, event) for event in told])


async def subscribers(tx: AsyncConnection, article: Article) -> Sequence[UUID]:
    """Whom an article is announced to besides those whom it mentions: each once."""
    targets = targets_of(article.blog, article.author, article.published.tags)
    return await subscriptions.subscribers(tx, targets, article.audience.group)


async def withdraw(tx: AsyncConnection, before: Article) -> Article:
    """Takes an article back that the transaction has locked."""
    article = before.withdrawn()
    await articles.save(tx, article)
    await images.show_in_article(tx, article.id, [])
    await append(tx, article.name, article.version, events.withdrawn(article))
    return article


async def remove(tx: AsyncConnection, article: Article) -> None:
    """Deletes an article that the transaction has locked, and all that hangs under it."""
    await images.let_go(tx, article=article.id)
    await articles.delete(tx, article.id)
    await append(tx, article.name, article.version + 1, events.withdrawn(article))
