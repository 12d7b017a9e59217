"""Consultations: making an article ask for opinions, and summing up what was said."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.blog.v1 import consultations_pb2, consultations_pb2_grpc, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from chassis.events import append
from chassis.once import once
from chassis.problems import AlreadyExists, BadInput, WrongState
from services.blog.domain.articles import Article
from services.blog.domain.consultations import Consultation, planned
from services.blog.rpc.base import now
from services.blog.rpc.contribution_exports import ContributionExports
from services.blog.rpc.discussing import check_author
from services.blog.store import articles, comments, consultations
from services.blog.wire import consultations as wire
from services.blog.wire.names import article_id, unknown_article

CHANGEABLE = ("open_time", "close_time", "summary")
TOLD_AT_ONCE = 500


class Consultations(ContributionExports, consultations_pb2_grpc.ConsultationServiceServicer):
    """The article's authors decide about them, also before the article is published."""

    async def GetConsultation(
        self, request: consultations_pb2.GetConsultationRequest, context: Any
    ) -> consultations_pb2.Consultation:
        sight = self.sight()
        async with self.database.snapshot() as tx:
            article, found = await self.seen_consultation(tx, sight, request.name)
            return await self._told(tx, sight, article, found)

    async def CreateConsultation(
        self, request: consultations_pb2.CreateConsultationRequest, context: Any
    ) -> consultations_pb2.Consultation:
        sight, asked = self.sight_of_member(), request.consultation
        close_time = wire.moment(asked, "close_time")
        if close_time is None:
            raise BadInput("CLOSE_TIME_MISSING", "It needs an end.", field="consultation.close_time")
        async with self.database.transaction() as tx:

            async def made() -> consultations_pb2.Consultation:
                article = await self._own_article(tx, sight, request.parent)
                if await consultations.consultation(tx, article.id):
                    sentence = "The article asks for opinions already."
                    raise AlreadyExists("CONSULTATION_EXISTS", sentence, field="parent")
                new = planned(article.id, wire.moment(asked, "open_time"), close_time, now())
                await consultations.add(tx, new)
                await append(tx, new.name, new.version, events_pb2.ConsultationCreated(article=article.name))
                return await self._told(tx, sight, article, new)

            return await once(tx, request, consultations_pb2.Consultation, made)

    async def UpdateConsultation(
        self, request: consultations_pb2.UpdateConsultationRequest, context: Any
    ) -> consultations_pb2.Consultation:
        sight, asked, paths = self.sight_of_member(), request.consultation, _paths(request)
        changes: dict[str, Any] = {path: wire.moment(asked, path) for path in paths - {"summary"}}
        if None in changes.values():
            raise BadInput("MOMENT_MISSING", "Both moments have to be set.", field="consultation")
        async with self.database.transaction() as tx:
            article = await self._own_article(tx, sight, asked.name)
            before = await self._held(tx, article, asked.name)
            if "summary" in paths:
                changes["summary"] = await self._summary(tx, sight, article, asked.summary)
            after = before.changed(changes, asked.etag, now())
            if after is not before:
                await consultations.save(tx, after)
                await append(tx, after.name, after.version, events_pb2.ConsultationChanged(article=article.name))
                if after.summary and after.summary != before.summary:
                    await _tell_contributors(tx, after, sight.viewer)
            return await self._told(tx, sight, article, after)

    async def DeleteConsultation(
        self, request: consultations_pb2.DeleteConsultationRequest, context: Any
    ) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            article = await self._own_article(tx, sight, request.name)
            found = await self._held(tx, article, request.name)
            if await consultations.has_contributions(tx, article.id):
                raise WrongState("HAS_CONTRIBUTIONS", "Somebody contributed: it can be closed, and not taken back.")
            await consultations.delete(tx, article.id)
            await append(tx, found.name, found.version + 1, events_pb2.ConsultationDeleted(article=article.name))
        return empty_pb2.Empty()

    async def _own_article(self, tx: AsyncConnection, sight: Sight, name: str) -> Article:
        """An article of which the viewer is one of the authors, published or not, whose discussion is held."""
        article = await articles.known_article(tx, sight, article_id(name))
        if article is None:
            raise unknown_article(name)
        await check_author(tx, article, sight.viewer)
        await comments.discussion(tx, article.id, lock=True)
        return article

    async def _held(self, tx: AsyncConnection, article: Article, name: str) -> Consultation:
        found = await consultations.consultation(tx, article.id, lock=True)
        if found is None:
            raise wire.unknown_consultation(name)
        return found

    async def _summary(self, tx: AsyncConnection, sight: Sight, article: Article, name: str) -> UUID | None:
        """The id of the article that is to sum up: another one that is published in the same blog."""
        if not name:
            return None
        found = await articles.visible_article(tx, sight, article_id(name))
        if found is None or found.blog != article.blog or found.id == article.id:
            sentence = "The summary is another article that is published in the same blog."
            raise BadInput("NO_SUMMARY", sentence, field="consultation.summary")
        return found.id

    async def _told(
        self, tx: AsyncConnection, sight: Sight, article: Article, found: Consultation
    ) -> consultations_pb2.Consultation:
        ledger = await consultations.ledger(tx, sight, article.id)
        seen = await articles.visible_article(tx, sight, found.summary) if found.summary else None
        return wire.consultation(found, ledger, now(), summary_seen=seen is not None)


async def _tell_contributors(tx: AsyncConnection, summed_up: Consultation, person: UUID) -> None:
    told = events_pb2.ConsultationSummarised(article=f"articles/{summed_up.article}", person=f"people/{person}")
    told.summary = f"articles/{summed_up.summary}"
    people = [f"people/{contributor}" for contributor in await consultations.contributors(tx, summed_up.article)]
    for start in range(0, len(people), TOLD_AT_ONCE):
        told.contributors[:] = people[start : start + TOLD_AT_ONCE]
        await append(tx, summed_up.name, summed_up.version, told)


def _paths(request: consultations_pb2.UpdateConsultationRequest) -> set[str]:
    """The fields to change; without a mask those that are set (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(CHANGEABLE):
        sentence = "{path} cannot be changed, only {changeable}."
        facts = {"path": min(unknown), "changeable": ", ".join(CHANGEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.consultation.ListFields()} & set(CHANGEABLE)
