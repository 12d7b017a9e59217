"""Publishes articles at their time: once, by whichever process comes first, if who scheduled them still may."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import grpc
from plein.blog.v1 import events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import markdown
from chassis.access import STALE_SECONDS
from chassis.events import append
from chassis.filtering import Filtering
from chassis.looking import keep_looking
from chassis.problems import BadInput
from chassis.resources import Resources
from services.blog.domain.articles import NO_RIGHT, NOTHING_TO_SAY, Article, Published, may_publish
from services.blog.domain.drafts import Draft
from services.blog.domain.images import Upload
from services.blog.neighbours import Identity
from services.blog.store import articles, blogs, drafts, images, publishing

# How late an article may come out.
LATE_SECONDS = 0.5
MOST_AT_ONCE = 50


async def publish_scheduled(resources: Resources) -> None:
    """Runs until it is cancelled."""
    schedule = Schedule(resources)
    what, passing = "Publishing articles at their time", (grpc.aio.AioRpcError,)
    publish, late = schedule.publish_due, LATE_SECONDS
    await keep_looking(resources.database, publish, late, what, passing=passing, idle_seconds=late)


class Schedule:
    """What one process does with the articles whose time has come."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._identity = Identity(resources.neighbours)

    async def publish_due(self) -> None:
        """Publishes all that is due, each in a transaction of its own. What is uncertain waits."""
        if time.monotonic() - self._resources.access.heard_at > STALE_SECONDS:
            return
        async with self._resources.database.snapshot() as tx:
            due = await articles.due(tx, datetime.now(UTC), MOST_AT_ONCE)
        for article in due:
            await self._publish(article)

    async def _publish(self, id_: UUID) -> None:
        """Publishes one article, or makes it a draft again when it cannot be published."""
        async with self._resources.database.snapshot() as tx:
            seen = await articles.any_article(tx, id_)
            if seen is None:
                return
            read, found = await drafts.of_article(tx, id_), await images.of_article(tx, id_)
        published = await self._rendered(seen, read, found)
        async with self._resources.database.transaction() as tx:
            now = datetime.now(UTC)
            article = await articles.locked_if_due(tx, id_, now)
            if article is None or self._is_uncertain(article):
                return
            draft = await drafts.of_article(tx, id_, lock=True)
            if draft.revision != read.revision:
                return
            problem = await self._problem(tx, article, draft)
            if published is None or problem:
                await _give_up(tx, article, problem or NOTHING_TO_SAY)
            else:
                held = self._held(article, published)
                await publishing.release(tx, article, draft, published, now, held=held)

    async def _rendered(self, article: Article, draft: Draft, found: Mapping[UUID, Upload]) -> Published | None:
        """What readers are to see, or None when that cannot be shown."""
        document = await asyncio.to_thread(markdown.parsed, draft.content.text)
        people = await self._people_behind(article, document.handles)
        try:
            return await asyncio.to_thread(publishing.rendered, draft, document, people, found)
        except BadInput:
            return None

    def _held(self, article: Article, published: Published) -> list[UUID]:
        """Because of which filters moderators have to judge it first."""
        filtering = self._resources.one(Filtering)
        return filtering.judge(*published.said, before=article.published.said, warnings_accepted=True)

    def _is_uncertain(self, article: Article) -> bool:
        """Whether it may be that who scheduled it left the group, and this process did not hear of it."""
        hears = self._resources.access.sight(article.scheduled_by or article.author).hears_groups
        return article.audience.group is not None and not hears

    async def _people_behind(self, article: Article, handles: tuple[str, ...]) -> dict[str, UUID]:
        """Handle → person, of those whom who scheduled the article may mention."""
        if article.scheduled_by is None:
            return {}
        sight = self._resources.access.sight(article.scheduled_by)
        found = await self._identity.anybody_behind(handles)
        return {handle: person for handle, person in found.items() if sight.meets(person)}

    async def _problem(self, tx: AsyncConnection, article: Article, draft: Draft) -> str:
        """Why an article cannot be published, or nothing."""
        access, person = self._resources.access, article.scheduled_by
        author = access.person(article.author)
        if person is None or author is None or not author.active or access.muted_until(person):
            return NO_RIGHT
        sight = access.sight(person)
        role = await blogs.role_of(tx, article.blog, person, lock=True)
        allowed = may_publish(role, own=article.author == person)
        if not allowed or await articles.changeable_article(tx, sight, article.id) is None:
            return NO_RIGHT
        return "" if draft.content.is_whole else NOTHING_TO_SAY


async def _give_up(tx: AsyncConnection, before: Article, problem: str) -> None:
    """Makes an article a draft again, and tells who scheduled it."""
    article = before.unscheduled(problem)
    await articles.save(tx, article)
    told = events_pb2.ArticleNotPublished(article=article.name, person=f"people/{before.scheduled_by}")
    await append(tx, article.name, article.version, told)
