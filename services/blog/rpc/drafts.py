"""Drafts: saving them, looking at them, and sharing them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.blog.v1 import drafts_pb2, drafts_pb2_grpc

from chassis import pages
from chassis.problems import BadInput
from services.blog.domain.articles import State
from services.blog.domain.drafts import SHARED_DAYS, check_shares, normalised
from services.blog.rpc.base import now
from services.blog.rpc.revisions import Revisions
from services.blog.store import drafts, images
from services.blog.wire import articles as article_wire
from services.blog.wire import drafts as wire
from services.blog.wire.names import article_id, person_id, unknown_article, unknown_person

EVERY_BLOG = "blogs/-"
SAVEABLE = ("title", "text", "summary", "cover")


class Drafts(Revisions, drafts_pb2_grpc.DraftServiceServicer):
    """All methods of drafts. All of it is for who may change the article; previews are for more."""

    async def GetDraft(self, request: drafts_pb2.GetDraftRequest, context: Any) -> drafts_pb2.Draft:
        async with self.database.snapshot() as tx:
            article, _ = await self.article_at_work(tx, self.sight(), request.name, own_too=True, lock=False)
            return wire.draft(article, await drafts.of_article(tx, article.id))

    async def UpdateDraft(self, request: drafts_pb2.UpdateDraftRequest, context: Any) -> drafts_pb2.Draft:
        sight, asked, paths = self.sight_of_member(), request.draft, _paths(request)
        changes: dict[str, Any] = {path: normalised(getattr(asked, path)) for path in paths - {"cover"}}
        if "cover" in paths:
            changes["cover"] = None
        cover = asked.cover if "cover" in paths and asked.HasField("cover") else None
        async with self.database.transaction() as tx:
            article, _ = await self.article_at_work(tx, sight, asked.name)
            before = await drafts.of_article(tx, article.id, lock=True)
            before.check_read(asked.etag)
            said = replace(before.content, **changes)
            said = await self.with_images(tx, sight, article.id, said, cover, "draft.cover.image")
            draft = before.saved(said, sight.viewer, now())
            if draft is not before:
                if draft.keep_time != before.keep_time:
                    await drafts.keep(tx, before)
                await drafts.save(tx, draft)
            return wire.draft(article, draft)

    async def PreviewDraft(self, request: drafts_pb2.PreviewDraftRequest, context: Any) -> drafts_pb2.Preview:
        async with self.database.snapshot() as tx:
            article = await drafts.previewed_article(tx, self.sight(), article_id(request.name), now())
            if article is None:
                raise unknown_article(request.name)
            draft, found = await drafts.of_article(tx, article.id), await images.of_article(tx, article.id)
        shown = replace(article, published=await self.rendered(draft, found), state=State.PUBLISHED)
        return drafts_pb2.Preview(name=f"{article.name}/draft", article=article_wire.article(shown))

    async def ListDrafts(self, request: drafts_pb2.ListDraftsRequest, context: Any) -> drafts_pb2.ListDraftsResponse:
        sight, size, position = self.sight(), pages.size(request, 20, 100), self.pages.position(request)
        async with self.database.snapshot() as tx:
            blog = None if request.parent == EVERY_BLOG else (await self.seen_blog(tx, sight, request.parent)).id
            before = UUID(bytes=position) if position else None
            found = await drafts.changeable_of_blog(tx, sight, blog, before, size + 1)
        answer = drafts_pb2.ListDraftsResponse(
            drafts=[wire.draft(article, draft, whole=False) for article, draft in found[:size]]
        )
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1][0].id.bytes)
        return answer

    async def ShareDraft(self, request: drafts_pb2.ShareDraftRequest, context: Any) -> drafts_pb2.DraftShare:
        sight, person, moment = self.sight_of_member(), person_id(request.person), now()
        until = moment + timedelta(days=request.days or SHARED_DAYS)
        async with self.database.transaction() as tx:
            article, _ = await self.article_at_work(tx, sight, request.name)
            if not sight.meets(person) or not self.access.sight(person).meets(article.author):
                raise unknown_person(request.person)
            others = set(await drafts.shared_with(tx, article.id, moment)) - {person}
            check_shares(len(others))
            await drafts.share(tx, article.id, person, until)
        return wire.share(article.id, person, until)

    async def UnshareDraft(self, request: drafts_pb2.UnshareDraftRequest, context: Any) -> empty_pb2.Empty:
        sight, person = self.sight(), person_id(request.person)
        async with self.database.transaction() as tx:
            article, _ = await self.article_at_work(tx, sight, request.name)
            await drafts.unshare(tx, article.id, person)
        return empty_pb2.Empty()

    async def ListDraftShares(
        self, request: drafts_pb2.ListDraftSharesRequest, context: Any
    ) -> drafts_pb2.ListDraftSharesResponse:
        sight, size, position = self.sight(), pages.size(request, 20, 100), self.pages.position(request)
        async with self.database.snapshot() as tx:
            article, _ = await self.article_at_work(tx, sight, request.parent, lock=False)
            after = UUID(bytes=position) if position else None
            found = await drafts.visible_shares(tx, sight, article.id, now(), after, size + 1)
        answer = drafts_pb2.ListDraftSharesResponse(
            shares=[wire.share(row.article, row.person, row.expire_time) for row in found[:size]]
        )
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].person.bytes)
        return answer


def _paths(request: drafts_pb2.UpdateDraftRequest) -> set[str]:
    """The fields to save; without a mask those that are not empty (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(SAVEABLE):
        sentence = "{path} cannot be saved, only {saveable}."
        facts = {"path": min(unknown), "saveable": ", ".join(SAVEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.draft.ListFields()} & set(SAVEABLE)
