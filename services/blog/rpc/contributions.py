"""Contributions: what is done with each, by whom, and when it was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from plein.blog.v1 import consultations_pb2, contribution_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.events import append
from chassis.problems import BadInput
from services.blog.domain.articles import Article
from services.blog.domain.comments import Comment
from services.blog.domain.consultations import Consultation, Contribution, State
from services.blog.rpc.base import now
from services.blog.rpc.discussing import Discussing, check_author, fitting, is_author
from services.blog.store import articles, consultations
from services.blog.wire import consultations as wire
from services.blog.wire.comments import comment_id
from services.blog.wire.names import article_id, person_id, unknown_article, unknown_person


class Contributions(Discussing):
    """Everybody who sees the article sees what is done; its authors decide, each on what they have read."""

    async def seen_consultation(self, tx: AsyncConnection, sight: Sight, name: str) -> tuple[Article, Consultation]:
        """The consultation of an article that the viewer sees or writes, or NotFound."""
        article = await articles.known_article(tx, sight, article_id(name))
        found = await consultations.consultation(tx, article.id) if article else None
        if article is None:
            raise unknown_article(name)
        if found is None:
            raise wire.unknown_consultation(name)
        return article, found

    async def ListContributions(
        self, request: consultations_pb2.ListContributionsRequest, context: Any
    ) -> consultations_pb2.ListContributionsResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        position = self.pages.position(request)
        after = UUID(bytes=position) if position else None
        only: dict[str, Any] = {"state": State(request.state) if request.state else None}
        only["owner"] = self._met_person(sight, request.owner) if request.owner else None
        async with self.database.snapshot() as tx:
            article, _ = await self.seen_consultation(tx, sight, request.parent)
            found = await consultations.visible_page(tx, sight, article.id, after, size + 1, **only)
            told = await self.messages(tx, sight, found[:size])
        count = fitting(told)
        answer = consultations_pb2.ListContributionsResponse(comments=told[:count])
        if len(found) > count:
            answer.next_page_token = self.pages.seal(request, found[count - 1].id.bytes)
        return answer

    async def DecideContribution(
        self, request: consultations_pb2.DecideContributionRequest, context: Any
    ) -> contribution_pb2.Contribution:
        sight, moment, state = self.sight_of_member(), now(), State(request.state)
        async with self.database.transaction() as tx:
            comment, _, before = await self._own_contribution(tx, sight, request.name)
            after = before.decided(state, request.reason, sight.viewer, request.etag, moment)
            if after is not before:
                await _keep(tx, after, sight.viewer, moment)
                done = state is not State.OPEN
                told = wire.answered(after, comment.author, sight.viewer) if done else wire.reopened(after)
                await append(tx, after.name, after.version, told)
            return wire.contribution(after, sight)

    async def AssignContribution(
        self, request: consultations_pb2.AssignContributionRequest, context: Any
    ) -> contribution_pb2.Contribution:
        sight, moment = self.sight_of_member(), now()
        async with self.database.transaction() as tx:
            _, article, before = await self._own_contribution(tx, sight, request.name)
            owner = await self._author(tx, sight, article, request.owner) if request.owner else None
            after = before.assigned(owner, request.etag)
            if after is not before:
                await _keep(tx, after, sight.viewer, moment)
                await append(tx, after.name, after.version, wire.assigned(after, sight.viewer))
            return wire.contribution(after, sight)

    async def ListContributionChanges(
        self, request: consultations_pb2.ListContributionChangesRequest, context: Any
    ) -> consultations_pb2.ListContributionChangesResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        position = self.pages.position(request)
        before = int.from_bytes(position, "big") if position else None
        async with self.database.snapshot() as tx:
            comment = await self._seen_contribution(tx, sight, request.parent)
            found = await consultations.changes(tx, comment.id, before, size + 1)
        answer = consultations_pb2.ListContributionChangesResponse(
            changes=[wire.change(row, sight) for row in found[:size]]
        )
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].version.to_bytes(8, "big"))
        return answer

    async def _seen_contribution(self, tx: AsyncConnection, sight: Sight, name: str) -> Comment:
        """A comment that the viewer sees and that is a contribution, or NotFound."""
        comment = await self.seen_comment(tx, sight, name.removesuffix("/contribution"))
        if not await consultations.of_comments(tx, [comment_id(name)]):
            raise wire.unknown_contribution(name)
        return comment

    async def _own_contribution(
        self, tx: AsyncConnection, sight: Sight, name: str
    ) -> tuple[Comment, Article, Contribution]:
        """A contribution on which the viewer may decide, as one of the article's authors; it is locked."""
        comment = await self._seen_contribution(tx, sight, name)
        article = await self.seen_article(tx, sight, f"articles/{comment.article}")
        await check_author(tx, article, sight.viewer)
        found = await consultations.locked_contribution(tx, comment.id)
        if found is None:
            raise wire.unknown_contribution(name)
        return comment, article, found

    async def _author(self, tx: AsyncConnection, sight: Sight, article: Article, name: str) -> UUID:
        """The id of one of the article's authors."""
        person = self._met_person(sight, name)
        if not await is_author(tx, article, person, lock=True):
            raise BadInput("NOT_AN_AUTHOR", "Who takes care of it is one of the article's authors.", field="owner")
        return person

    def _met_person(self, sight: Sight, name: str) -> UUID:
        person = person_id(name)
        if not sight.meets(person):
            raise unknown_person(name)
        return person


async def _keep(tx: AsyncConnection, after: Contribution, person: UUID, moment: datetime) -> None:
    """Stores what was done with a contribution, and that it was."""
    await consultations.save_contribution(tx, after)
    await consultations.keep_change(tx, after, person, moment)
