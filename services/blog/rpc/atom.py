"""The addresses at which programs read articles, and what they read there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from plein.blog.v1 import subscriptions_pb2, subscriptions_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.calls import refuse_ended
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import NotFound, NotSignedIn
from chassis.resources import Resources
from chassis.sealing import Addresses
from chassis.settings import sealing_key
from chassis.viewer import Viewer
from services.blog.domain.articles import Article
from services.blog.domain.blogs import Blog
from services.blog.domain.erasures import is_stand_in
from services.blog.domain.subscriptions import Address, Sort, Target, check_address_count, is_unchanged, last_modified
from services.blog.rpc.base import now
from services.blog.rpc.subscriptions import Targets
from services.blog.store import addresses, articles, blogs
from services.blog.wire import atom_feeds
from services.blog.wire import subscriptions as wire
from services.blog.wire.atom import CONTENT_TYPE, document, etag

MOST_ENTRIES = 50
# Kept by the one program that reads, and asked about each time: what one may see changes.
CACHE_CONTROL = "private, no-cache"

Found = tuple[Address, Blog | None, Sequence[Article]]


class Atom(Targets, subscriptions_pb2_grpc.AtomServiceServicer):
    """All methods of the AtomService."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._tokens = Addresses(sealing_key(self.settings.sealing_key_file), b"atom")
        self._home = self.settings.public_url.rstrip("/")

    async def CreateAtomAddress(
        self, request: subscriptions_pb2.CreateAtomAddressRequest, context: Any
    ) -> subscriptions_pb2.AtomAddress:
        sight, target = self.sight_of_member(), wire.target(request.atom_address.target, "atom_address.target")
        async with self.database.transaction() as tx:

            async def made() -> subscriptions_pb2.AtomAddress:
                await self.check_seen(tx, sight, target)
                check_address_count(await addresses.locked_count(tx, sight.viewer))
                address = Address(new_id(), sight.viewer, target, now())
                await addresses.add(tx, address)
                return wire.atom_address(address)

            answer = await once(tx, request, subscriptions_pb2.AtomAddress, made)
        return self._with_url(answer)

    async def ListAtomAddresses(
        self, request: subscriptions_pb2.ListAtomAddressesRequest, context: Any
    ) -> subscriptions_pb2.ListAtomAddressesResponse:
        position, size = self.pages.position(request), pages.size(request, 20, 100)
        async with self.database.snapshot() as tx:
            before = UUID(bytes=position) if position else None
            found = await addresses.addresses_of(tx, self.sight().viewer, before, size + 1)
        shown = [self._with_url(wire.atom_address(address)) for address in found[:size]]
        token = self.pages.seal(request, found[size - 1].id.bytes) if len(found) > size else ""
        return subscriptions_pb2.ListAtomAddressesResponse(atom_addresses=shown, next_page_token=token)

    async def DeleteAtomAddress(
        self, request: subscriptions_pb2.DeleteAtomAddressRequest, context: Any
    ) -> empty_pb2.Empty:
        id_ = wire.address_id(request.name)
        async with self.database.transaction() as tx:
            if not await addresses.revoke(tx, self.sight().viewer, id_):
                raise wire.unknown_address()
        return empty_pb2.Empty()

    async def ReadAtom(self, request: subscriptions_pb2.ReadAtomRequest, context: Any) -> httpbody_pb2.HttpBody:
        address, blog, found = await self._found(request.token)
        content = await self._document(address, blog, found)
        tag, moment = etag(content), now()
        modified = last_modified(await self._changed(address, tag, moment), moment)
        asked = {key: str(value) for key, value in context.invocation_metadata() or ()}
        since = wire.moment_in(asked.get("if-modified-since"))
        unchanged = is_unchanged(tag, modified, asked.get("if-none-match"), since)
        headers = [("etag", tag), ("cache-control", CACHE_CONTROL)]
        headers += [("last-modified", wire.http_date(modified))] if modified else []
        headers += [("x-not-modified", str(len(content)))] if unchanged else []
        await context.send_initial_metadata(tuple(headers))
        return httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=b"" if unchanged else content)

    async def _found(self, token: str) -> Found:
        """What is to be read with a token, with the rights that its person has now; else the one NotFound."""
        id_ = self._tokens.id(token)
        async with self.database.snapshot() as tx:
            address = await addresses.address(tx, id_) if id_ else None
            if address is None:
                raise wire.unknown_address()
            sight = self._sight_of(address.person)
            blog = await self._target(tx, sight, address)
            return address, blog, await self._newest(tx, sight, address.target)

    def _sight_of(self, person: UUID) -> Sight:
        """What somebody may see who is not here: nothing while it is not certain that the person may come in."""
        known = self.access.person(person)
        try:
            refuse_ended(self.access, Viewer(person=person, epoch=known.epoch if known else 0))
        except NotSignedIn:
            raise wire.unknown_address() from None
        return self.access.sight(person)

    async def _target(self, tx: AsyncConnection, sight: Sight, address: Address) -> Blog | None:
        """The blog of which the address is, if it is of one that the person still sees."""
        try:
            await self.check_seen(tx, sight, address.target)
        except NotFound:
            raise wire.unknown_address() from None
        return await blogs.visible_blog(tx, sight, address.target.id) if address.target.sort is Sort.BLOG else None

    async def _newest(self, tx: AsyncConnection, sight: Sight, target: Target) -> list[Article]:
        """What the viewer may read of a target, that came out last first."""
        return await articles.visible_articles(
            tx,
            sight,
            blog=target.id if target.sort is Sort.BLOG else None,
            author=target.id if target.sort is Sort.AUTHOR else None,
            tag=target.value if target.sort is Sort.TAG else None,
            before=None,
            limit=MOST_ENTRIES,
        )

    async def _document(self, address: Address, blog: Blog | None, found: Sequence[Article]) -> bytes:
        asked = {address.person, *(article.author for article in found)}
        if address.target.sort is Sort.AUTHOR:
            asked.add(address.target.id)
        people = await self.identity.people({person for person in asked if not is_stand_in(person)})
        url = self._url(address.id)
        return document(atom_feeds.feed(address, url, self._home, blog, found, people))

    async def _changed(self, address: Address, tag: str, moment: datetime) -> datetime:
        """Since when a document is as it is, as far as it was read. Only one that is another is noted."""
        if address.etag == tag and address.change_time is not None:
            return address.change_time
        async with self.database.transaction() as tx:
            return await addresses.note_change(tx, address.id, tag, moment) or moment

    def _with_url(self, answer: subscriptions_pb2.AtomAddress) -> subscriptions_pb2.AtomAddress:
        answer.url = self._url(wire.address_id(answer.name))
        return answer

    def _url(self, address: UUID) -> str:
        return f"{self._home}{wire.PATH}?token={self._tokens.token(address)}"
