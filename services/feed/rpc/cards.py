"""Cards: posted and changed by service accounts, read and followed by people."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.feed.v1 import cards_pb2, cards_pb2_grpc, feed_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.once import once
from chassis.problems import NotFound, WrongState
from services.feed import wire
from services.feed.domain.posts import Post
from services.feed.rpc.base import now
from services.feed.rpc.card_writing import CardWriting, Written
from services.feed.store import cards, posts


class Cards(CardWriting, cards_pb2_grpc.CardServiceServicer):
    """The methods of CardService."""

    async def CreateCard(self, request: cards_pb2.CreateCardRequest, context: Any) -> feed_pb2.Post:
        via = await self.identity.account_title(self.account().id)
        added: list[Post] = []
        async with self.database.transaction() as tx:

            async def made() -> feed_pb2.Post:
                added.append(await self.add_card(tx, request, via))
                return wire.post(added[0])

            answer = await once(tx, request, feed_pb2.Post, made)
        for post in added:
            await self.show_card(post, new=True)
        return answer

    async def UpdateOutage(self, request: cards_pb2.UpdateOutageRequest, context: Any) -> feed_pb2.Post:
        async with self.database.transaction() as tx:
            written = await self.update_outage(tx, request)
        return await self._answer(written)

    async def AddOutageUpdate(self, request: cards_pb2.AddOutageUpdateRequest, context: Any) -> feed_pb2.Post:
        told: list[Written] = []
        async with self.database.transaction() as tx:

            async def made() -> feed_pb2.Post:
                told.append(await self.tell_outage(tx, request.name, request.state, request.text))
                return wire.post(told[0].post)

            answer = await once(tx, request, feed_pb2.Post, made)
        for written in told:
            await self.show_card(written.post)
        return answer

    async def CloseVacancy(self, request: cards_pb2.CloseVacancyRequest, context: Any) -> feed_pb2.Post:
        async with self.database.transaction() as tx:
            written = await self.close_vacancy(tx, request.name)
        return await self._answer(written)

    async def ListCards(self, request: cards_pb2.ListCardsRequest, context: Any) -> cards_pb2.ListCardsResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        position = self.pages.position(request)
        before = UUID(bytes=position) if position else None
        async with self.database.snapshot() as tx:
            ids = await cards.visible_cards(tx, sight, wire.asked_states(request), before, size + 1)
            found = await posts.visible_by_ids(tx, sight, ids[:size])
            shown = await self.messages(tx, sight, [found[id_] for id_ in ids[:size]])
        token = self.pages.seal(request, ids[size - 1].bytes) if len(ids) > size else ""
        return cards_pb2.ListCardsResponse(posts=shown, next_page_token=token)

    async def FollowCard(self, request: cards_pb2.FollowCardRequest, context: Any) -> cards_pb2.CardFollow:
        async with self.database.transaction() as tx:
            post = await self._seen(tx, request.name)
            if post.card is None:
                raise WrongState("NO_CARD", "There is nothing to follow in this post.")
            since = await cards.follow(tx, post.id, viewer.person(), now())
        return wire.card_follow(post.id, since)

    async def UnfollowCard(self, request: cards_pb2.UnfollowCardRequest, context: Any) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            await cards.unfollow(tx, wire.post_id(request.name), viewer.person())
        return empty_pb2.Empty()

    async def GetCardFollow(self, request: cards_pb2.GetCardFollowRequest, context: Any) -> cards_pb2.CardFollow:
        async with self.database.snapshot() as tx:
            post = await self._seen(tx, request.name)
            since = await cards.followed_since(tx, post.id, viewer.person())
        if since is None:
            raise NotFound("NOT_FOLLOWED", "You do not follow {name}.", name=request.name)
        return wire.card_follow(post.id, since)

    async def _seen(self, tx: AsyncConnection, name: str) -> Post:
        post = await posts.visible_post(tx, self.access.sight(viewer.person()), wire.post_id(name))
        if post is None or post.delete_time is not None:
            raise wire.unknown_post(name)
        return post

    async def _answer(self, written: Written) -> feed_pb2.Post:
        if written.changed:
            await self.show_card(written.post)
        return wire.post(written.post)
