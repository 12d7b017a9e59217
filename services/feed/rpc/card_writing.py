"""How cards are written, by whichever way a system asks for it."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from plein.feed.v1 import cards_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.access import AccountAccess
from chassis.events import append
from chassis.ids import new_id
from chassis.problems import AlreadyExists, NotAllowed, Stale, Unavailable
from chassis.resources import Resources
from services.feed import wire
from services.feed.domain.cards import Card, OutageState, Vacancy, check_announcement
from services.feed.domain.posts import Audience, Post
from services.feed.rpc.base import Base, now
from services.feed.store import cards, posts

ANNOUNCING = "cards.announce"


class Written(NamedTuple):
    """A card's post, and whether it changed: then others have to be shown it."""

    post: Post
    changed: bool


class CardWriting(Base):
    """Each takes the transaction in which it happens; `show_card` comes after it."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._zone = ZoneInfo(self.settings.organisation_time_zone)

    async def add_card(self, tx: AsyncConnection, request: cards_pb2.CreateCardRequest, via: str) -> Post:
        """The post of a new card. The caller is a service account, and `via` is what that is called."""
        account, moment = self.account(), now()
        content = wire.new_content(request.card, self._zone, moment)
        audience = self._audience(request, account.owner, moment)
        if audience.group is not None:
            await self.check_group_open(tx, audience.group)
        if request.announcement:
            check_announcement(content, for_group=audience.group is not None)
            if ANNOUNCING not in viewer.current().scopes:
                sentence = "Announcing needs the scope {scope}."
                raise NotAllowed("NOT_YOUR_SCOPE", sentence, scope=ANNOUNCING)
        card = Card(account.id, via, content, moment, request.card.external_id)
        post = Post.of_card(card, new_id(), account.owner, audience, announcement=request.announcement)
        close_time = content.closes_at(self._zone) if isinstance(content, Vacancy) else None
        await posts.add(tx, post)
        if not await cards.add(tx, post, card, close_time):
            sentence = "You posted a card with the external id {id} before."
            raise AlreadyExists("CARD_EXISTS", sentence, field="card.external_id", id=card.external_id)
        await append(tx, post.name, post.version, wire.created(post))
        return post

    async def update_outage(self, tx: AsyncConnection, request: cards_pb2.UpdateOutageRequest) -> Written:
        """An outage that says something else of itself."""

        def changed(card: Card) -> Card:
            content = wire.changed_outage(request.outage, request.update_mask.paths, card.outage, now())
            return card.with_content(content, now())

        return await self._changed(tx, request.name, changed, notifies=False, etag=request.etag)

    async def tell_outage(self, tx: AsyncConnection, name: str, state: int, text: str) -> Written:
        """An outage about which something was told."""

        def changed(card: Card) -> Card:
            moment = now()
            told = card.outage.told(OutageState(state) if state else None, text.strip(), moment)
            return card.with_content(told, moment)

        return await self._changed(tx, name, changed, notifies=True)

    async def close_vacancy(self, tx: AsyncConnection, name: str) -> Written:
        """A vacancy for which nobody can apply any more."""

        def changed(card: Card) -> Card:
            return card.with_content(card.vacancy.closed(), now())

        return await self._changed(tx, name, changed, notifies=True)

    async def show_card(self, post: Post, *, new: bool = False) -> None:
        """Shows a written card at once."""
        await self.shown(self._put_card(post, new))

    async def _put_card(self, post: Post, new: bool) -> None:
        if new:
            self.reader.building.expect_change(post.author)
        await self.homes.put_posts([post])
        if new:
            await self.homes.push(post.id, [post.author.bytes])

    def account(self) -> AccountAccess:
        """The service account that calls, of which this process must have heard."""
        account = self.access.account(viewer.current().account)
        if account is None:
            raise Unavailable("ACCESS_UNCERTAIN", "This account is so new that this has to wait for a moment.")
        return account

    def _audience(self, request: cards_pb2.CreateCardRequest, owner: UUID, moment: datetime) -> Audience:
        """Who may see it: a group only if the owner is in it."""
        group = wire.group_id(request.audience.group, "audience.group")
        if group and not self.sight_of_member(owner).sees(owner, group=group, create_time=moment):
            raise wire.closed_group(request.audience.group, "audience.group")
        return Audience(tuple(sorted(request.audience.kinds)), group)

    async def _changed(
        self, tx: AsyncConnection, name: str, change: Callable[[Card], Card], *, notifies: bool, etag: str = ""
    ) -> Written:
        before, card = await self._own(tx, name)
        if etag not in ("", before.etag):
            raise Stale("POST_CHANGED", "It was changed since you read it.")
        after = change(card)
        if after is card:
            return Written(before, False)
        post = before.with_card(after)
        await posts.save(tx, post)
        await cards.save(tx, post, after)
        await append(tx, post.name, post.version, wire.card_changed(post, after, notifies=notifies))
        return Written(post, True)

    async def _own(self, tx: AsyncConnection, name: str) -> tuple[Post, Card]:
        """A card that the caller may change, locked: an account its own, a person those in their own name."""
        caller, post_id = viewer.current(), wire.post_id(name)
        if caller.person and not await posts.visible_post(tx, self.access.sight(caller.person), post_id):
            raise wire.unknown_post(name)
        post = next(iter(await posts.locked(tx, [post_id])), None)
        if (
            post is None
            or post.removed
            or post.card is None
            or (caller.account and post.card.account != caller.account)
        ):
            raise wire.unknown_post(name)
        if caller.person and post.author != caller.person:
            raise NotAllowed("NOT_YOUR_CARD", "Only who answers for it can change a card.")
        return post, post.card
