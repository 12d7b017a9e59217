"""What drafts said before: listed, compared, restored."""

import asyncio
from typing import Any
from uuid import UUID

from fast_diff_match_patch import diff
from plein.blog.v1 import drafts_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from services.blog.domain.articles import Content
from services.blog.domain.drafts import Revision
from services.blog.rpc.base import now
from services.blog.rpc.publishing import Working
from services.blog.store import drafts
from services.blog.wire import drafts as wire
from services.blog.wire.names import article_id

# For a text; after that the rest is told as one piece removed and one added.
COMPARING_SECONDS = 0.5


class Revisions(Working):
    """For who may change the article."""

    async def ListRevisions(
        self, request: drafts_pb2.ListRevisionsRequest, context: Any
    ) -> drafts_pb2.ListRevisionsResponse:
        size, position = pages.size(request, 20, 100), self.pages.position(request)
        before = int.from_bytes(position, "big") if position else None
        async with self.database.snapshot() as tx:
            article, _ = await self.article_at_work(tx, self.sight(), request.parent, own_too=True, lock=False)
            found = await drafts.newest_revisions(tx, article.id, before, size + 1)
        answer = drafts_pb2.ListRevisionsResponse(
            revisions=[wire.revision(revision, whole=False) for revision in found[:size]]
        )
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].number.to_bytes(4, "big"))
        return answer

    async def GetRevision(self, request: drafts_pb2.GetRevisionRequest, context: Any) -> drafts_pb2.Revision:
        async with self.database.snapshot() as tx:
            article, _ = await self.article_at_work(tx, self.sight(), request.name, own_too=True, lock=False)
            return wire.revision(await _revision(tx, article.id, request.name))

    async def CompareRevisions(
        self, request: drafts_pb2.CompareRevisionsRequest, context: Any
    ) -> drafts_pb2.CompareRevisionsResponse:
        async with self.database.snapshot() as tx:
            article, _ = await self.article_at_work(tx, self.sight(), request.name, own_too=True, lock=False)
            one = (await _revision(tx, article.id, request.name)).content
            if request.other:
                other = (await _revision(tx, article.id, request.other)).content
            else:
                other = (await drafts.of_article(tx, article.id)).content
        return await asyncio.to_thread(_compared, one, other)

    async def RestoreRevision(self, request: drafts_pb2.RestoreRevisionRequest, context: Any) -> drafts_pb2.Draft:
        sight = self.sight_of_member()
        async with self.database.transaction() as tx:
            article, _ = await self.article_at_work(tx, sight, request.name)
            before = await drafts.of_article(tx, article.id, lock=True)
            before.check_read(request.draft_etag)
            then = await _revision(tx, article.id, request.name)
            draft = before.restored(then.content, sight.viewer, now())
            if draft is not before:
                await drafts.keep(tx, before)
                await drafts.save(tx, draft)
            return wire.draft(article, draft)


async def _revision(tx: AsyncConnection, article: UUID, name: str) -> Revision:
    """A revision of an article that the caller may change, or NotFound."""
    number = wire.revision_number(name)
    found = await drafts.revision(tx, article, number) if article_id(name) == article else None
    if found is None:
        raise wire.unknown_revision(name)
    return found


def _compared(one: Content, other: Content) -> drafts_pb2.CompareRevisionsResponse:
    return drafts_pb2.CompareRevisionsResponse(
        title=wire.differences(_differences(one.title, other.title)),
        summary=wire.differences(_differences(one.summary, other.summary)),
        text=wire.differences(_differences(one.text, other.text)),
        cover_changed=one.cover != other.cover,
    )


def _differences(one: str, other: str) -> list[tuple[str, str]]:
    """Pieces as (sign, text), in pieces that people can read."""
    found: list[tuple[str, str]] = diff(
        one, other, timelimit=COMPARING_SECONDS, cleanup="Semantic", counts_only=False, as_patch=False
    )
    return found
