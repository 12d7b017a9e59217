"""Everything that blog keeps of a person, for the person."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from plein.blog.v1 import own_data_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.calls import refuse_ended
from services.blog.rpc.base import Base, now
from services.blog.store import blogs, comment_reactions, comments, consultations, exporting
from services.blog.store import exporting_outreach as outreach
from services.blog.wire import articles as article_wire
from services.blog.wire import blogs as blog_wire
from services.blog.wire import comments as comment_wire
from services.blog.wire import consultations as consultation_wire
from services.blog.wire import discovery as discovery_wire
from services.blog.wire import drafts as draft_wire
from services.blog.wire import subscriptions as subscription_wire

AT_ONCE = 200
# Of what may have more than a megabyte each: clients take messages of four.
TEXTS_AT_ONCE = 2
COMMENTS_AT_ONCE = 20
Part = own_data_pb2.ExportOwnDataResponse
Found = TypeVar("Found")


class Exports(Base):
    """A page at a time, each in a transaction of its own: however much it is, little of it is held."""

    async def ExportOwnData(self, request: own_data_pb2.ExportOwnDataRequest, context: Any) -> AsyncIterator[Part]:
        person = viewer.person()
        sections = (self._blogs, self._articles, self._around_articles, self._comments, self._decisions, self._outreach)
        for section in sections:
            async for part in section(person):
                refuse_ended(self.access, viewer.current())
                yield part
        yield Part(complete=True)

    async def _blogs(self, person: UUID) -> AsyncIterator[Part]:
        read, sight = exporting.own_blogs, self.access.sight(person)
        async for found in self.exported(lambda tx, after: read(tx, person, after, AT_ONCE), lambda blog: blog.id):
            async with self.database.snapshot() as tx:
                roles = await blogs.roles_of(tx, [blog.id for blog in found], person)
            yield Part(blogs=[blog_wire.blog(blog, roles.get(blog.id), sight) for blog in found])

    async def _articles(self, person: UUID) -> AsyncIterator[Part]:
        read, most = exporting.own_articles, TEXTS_AT_ONCE
        async for found in self.exported(
            lambda tx, after: read(tx, person, after, most), lambda one: one[0].id, at_once=most
        ):
            own = [(article_wire.article(one, working=True), draft_wire.draft(one, draft)) for one, draft in found]
            yield Part(articles=[own_data_pb2.OwnArticle(article=article, draft=draft) for article, draft in own])
        revisions, places = exporting.own_revisions, lambda one: (one.article, one.number)
        async for kept in self.exported(lambda tx, after: revisions(tx, person, after, most), places, at_once=most):
            yield Part(revisions=[draft_wire.revision(revision) for revision in kept])

    async def _around_articles(self, person: UUID) -> AsyncIterator[Part]:
        shares, images, moment = exporting.own_shares, exporting.own_images, now()
        async for rows in self.exported(
            lambda tx, after: shares(tx, person, moment, after, AT_ONCE), lambda row: (row.article, row.person)
        ):
            yield Part(shares=[draft_wire.share(row.article, row.person, row.expire_time) for row in rows])
        async for ids in self.exported(lambda tx, after: images(tx, person, after, AT_ONCE), lambda id_: id_):
            yield Part(images=[f"articleImages/{id_}" for id_ in ids])

    async def _comments(self, person: UUID) -> AsyncIterator[Part]:
        read, react, most = comments.own_comments, comment_reactions.own_reactions, COMMENTS_AT_ONCE
        minutes, sight = self.settings.comment_edit_minutes, self.access.sight(person)
        async for said in self.exported(
            lambda tx, after: read(tx, person, after, most), lambda comment: comment.id, at_once=most
        ):
            yield Part(comments=[comment_wire.own_comment(comment, sight, minutes) for comment in said])
        async for rows in self.exported(lambda tx, after: react(tx, person, after, AT_ONCE), lambda row: row.comment):
            yield Part(comment_reactions=[comment_wire.own_reaction(row) for row in rows])

    async def _decisions(self, person: UUID) -> AsyncIterator[Part]:
        read, sight = consultations.own_changes, self.access.sight(person)
        async for rows in self.exported(
            lambda tx, after: read(tx, person, after, AT_ONCE), lambda row: (row.comment, row.version)
        ):
            yield Part(contribution_changes=[consultation_wire.own_change(row, sight) for row in rows])

    async def _outreach(self, person: UUID) -> AsyncIterator[Part]:
        targets, addresses, features = outreach.own_subscriptions, outreach.own_addresses, outreach.own_features
        async for rows in self.exported(lambda tx, after: targets(tx, person, after, AT_ONCE), lambda row: row.target):
            yield Part(subscriptions=[subscription_wire.subscription(row.target, row.create_time) for row in rows])
        async for own in self.exported(lambda tx, after: addresses(tx, person, after, AT_ONCE), lambda one: one.id):
            yield Part(atom_addresses=[subscription_wire.atom_address(address) for address in own])
        async for made in self.exported(lambda tx, after: features(tx, person, after, AT_ONCE), lambda one: one.id):
            yield Part(features=[discovery_wire.feature(feature) for feature in made])

    async def exported(
        self,
        read: Callable[[AsyncConnection, Any], Awaitable[Sequence[Found]]],
        place: Callable[[Found], Any],
        *,
        at_once: int = AT_ONCE,
    ) -> AsyncIterator[Sequence[Found]]:
        """What `read` finds behind each place, until it finds less than a page of `at_once`."""
        last: Any = None
        while True:
            async with self.database.snapshot() as tx:
                found = await read(tx, last)
            if found:
                yield found
            if len(found) < at_once:
                return
            last = place(found[-1])
