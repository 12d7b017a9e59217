"""Blogs and their authors."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.blog.v1 import blog_pb2, blog_pb2_grpc, events_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.access import Sight
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import BadInput, WrongState
from services.blog.domain.blogs import (
    Blog,
    Cover,
    Kind,
    Role,
    check_beginning,
    check_new_role,
    check_owner,
    check_owner_stays,
)
from services.blog.domain.images import cover
from services.blog.rpc.base import Base, check_audience, now
from services.blog.store import blogs, images, subscriptions
from services.blog.wire import blogs as wire
from services.blog.wire.images import image_id
from services.blog.wire.names import author_ids, person_id, role_and_person, role_position, unknown_person

CHANGEABLE = ("title", "description", "cover")


class Blogs(Base, blog_pb2_grpc.BlogServiceServicer):
    """Blogs, and who writes in them."""

    async def GetBlog(self, request: blog_pb2.GetBlogRequest, context: Any) -> blog_pb2.Blog:
        sight = self.sight()
        async with self.database.snapshot() as tx:
            blog = await self.seen_blog(tx, sight, request.name)
            return wire.blog(blog, await blogs.role_of(tx, blog.id, sight.viewer), sight)

    async def ListBlogs(self, request: blog_pb2.ListBlogsRequest, context: Any) -> blog_pb2.ListBlogsResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        author = person_id(request.author) if request.author else None
        if author is not None and not sight.meets(author):
            raise unknown_person(request.author)
        position = self.pages.position(request)
        async with self.database.snapshot() as tx:
            before = UUID(bytes=position) if position else None
            found = await blogs.visible_blogs(tx, sight, author, before, size + 1)
            roles = await blogs.roles_of(tx, [blog.id for blog in found], sight.viewer)
        answer = blog_pb2.ListBlogsResponse(blogs=[wire.blog(blog, roles.get(blog.id), sight) for blog in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def CreateBlog(self, request: blog_pb2.CreateBlogRequest, context: Any) -> blog_pb2.Blog:
        sight, asked = self.sight_of_member(), request.blog
        kind, title = _kind(asked.kind), asked.title.strip()
        audience = wire.asked_audience(asked.audience, "blog.audience")
        check_audience(sight, audience, "blog.audience")
        if not title:
            raise BadInput("NO_TITLE", "A blog needs a title.", field="blog.title")
        async with self.database.transaction() as tx:

            async def begun() -> blog_pb2.Blog:
                check_beginning(kind, viewer.current().roles, await blogs.owned_count(tx, sight.viewer, kind))
                moment, id_ = now(), new_id()
                image = await _cover(tx, sight, id_, asked)
                text = asked.description.strip()
                blog = Blog(id_, kind, sight.viewer, title, text, audience, moment, moment, image)
                await blogs.add(tx, blog)
                await append(tx, blog.name, blog.version, events_pb2.BlogCreated(blog=blog.name))
                return wire.blog(blog, Role.OWNER, sight)

            return await once(tx, request, blog_pb2.Blog, begun)

    async def UpdateBlog(self, request: blog_pb2.UpdateBlogRequest, context: Any) -> blog_pb2.Blog:
        sight, paths = self.sight_of_member(), _paths(request)
        changes: dict[str, Any] = {path: getattr(request.blog, path).strip() for path in paths - {"cover"}}
        async with self.database.transaction() as tx:
            before = await self._owned(tx, sight, request.blog.name)
            if "cover" in paths:
                changes["cover"] = await _cover(tx, sight, before.id, request.blog)
            blog = before.changed(changes, request.blog.etag, now())
            if blog is not before:
                await blogs.save(tx, blog)
                await append(tx, blog.name, blog.version, events_pb2.BlogChanged(blog=blog.name))
            return wire.blog(blog, Role.OWNER, sight)

    async def DeleteBlog(self, request: blog_pb2.DeleteBlogRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            blog = await self._owned(tx, sight, request.name)
            if await blogs.has_articles(tx, blog.id):
                raise WrongState("BLOG_NOT_EMPTY", "There are articles in the blog: delete them first.")
            await images.let_go(tx, blog=blog.id)
            await blogs.delete(tx, blog.id)
            await subscriptions.forget_blog(tx, blog.id)
            await append(tx, blog.name, blog.version + 1, events_pb2.BlogDeleted(blog=blog.name))
        return empty_pb2.Empty()

    async def ListBlogAuthors(
        self, request: blog_pb2.ListBlogAuthorsRequest, context: Any
    ) -> blog_pb2.ListBlogAuthorsResponse:
        sight, size = self.sight(), pages.size(request, 20, 100)
        after = role_and_person(self.pages.position(request))
        async with self.database.snapshot() as tx:
            blog = await self.seen_blog(tx, sight, request.parent)
            role = await blogs.role_of(tx, blog.id, sight.viewer)
            # Owners have to know all to whom they gave a role.
            shown_to = sight.despite_blocks() if role is Role.OWNER else sight
            found = await blogs.visible_authors(tx, shown_to, blog.id, after, size + 1)
        answer = blog_pb2.ListBlogAuthorsResponse(
            authors=[wire.blog_author(row.blog, row.person, row.role, row.create_time) for row in found[:size]]
        )
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, role_position(last.role, last.person))
        return answer

    async def SetBlogRole(self, request: blog_pb2.SetBlogRoleRequest, context: Any) -> blog_pb2.BlogAuthor:
        sight, role = self.sight_of_member(), Role(request.role)
        id_, person = author_ids(request.name)
        async with self.database.transaction() as tx:
            blog = await self._owned(tx, sight, f"blogs/{id_}")
            before = await blogs.role_of(tx, blog.id, person)
            if not (sight.despite_blocks() if before else sight).meets(person):
                raise unknown_person(f"people/{person}")
            owners = await blogs.owners(tx, blog.id)
            check_new_role(role, owners, await blogs.author_count(tx, blog.id), person, before)
            self._check_meant(blog, person, owners)
            row = await blogs.set_role(tx, blog.id, person, role, now())
            await self._tell_authors(tx, blog, person, role)
        return wire.blog_author(row.blog, row.person, row.role, row.create_time)

    async def RemoveBlogAuthor(self, request: blog_pb2.RemoveBlogAuthorRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight()
        id_, person = author_ids(request.name)
        async with self.database.transaction() as tx:
            blog = await self.seen_blog(tx, sight, f"blogs/{id_}", lock=True)
            if person != sight.viewer:
                check_owner(await blogs.role_of(tx, blog.id, sight.viewer))
            if await blogs.role_of(tx, blog.id, person) is not None:
                check_owner_stays(await blogs.owners(tx, blog.id), person)
                await blogs.drop_role(tx, blog.id, person)
                await self._tell_authors(tx, blog, person, None)
        return empty_pb2.Empty()

    async def _owned(self, tx: AsyncConnection, sight: Sight, name: str) -> Blog:
        """A blog that the caller owns, locked."""
        blog = await self.seen_blog(tx, sight, name, lock=True)
        check_owner(await blogs.role_of(tx, blog.id, sight.viewer))
        return blog

    def _check_meant(self, blog: Blog, person: UUID, owners: list[UUID]) -> None:
        """Whether somebody can write in a blog at all: no barrier keeps them from it, or from any who own it."""
        theirs = self.access.sight(person).despite_blocks()
        mask = sum(1 << kind for kind in blog.audience.kinds)
        meant = theirs.sees(blog.owner, mask, blog.audience.group, create_time=now())
        if not (meant or blog.kind is Kind.ORGANISATION) or not all(theirs.meets(owner) for owner in owners):
            raise WrongState("NOT_MEANT_FOR", "The blog is not for that person.")

    async def _tell_authors(self, tx: AsyncConnection, blog: Blog, person: UUID, role: Role | None) -> None:
        """Tells of another role. Who answered for the blog and owns it no more is followed by another owner."""
        owners = await blogs.owners(tx, blog.id)
        changed = blog.owned_by(blog.owner if blog.owner in owners else owners[0])
        await blogs.save(tx, changed)
        event = events_pb2.BlogRoleChanged(
            blog=blog.name, person=f"people/{person}", role=blog_pb2.BlogRole.ValueType(role or 0)
        )
        await append(tx, blog.name, changed.version, event)


async def _cover(tx: AsyncConnection, sight: Sight, blog: UUID, asked: blog_pb2.Blog) -> Cover | None:
    """The cover that a blog is to have, which then stands above it."""
    wanted = image_id(asked.cover.image) if asked.HasField("cover") else None
    found = await images.take_above_blog(tx, blog, sight.viewer, wanted, now())
    if not asked.HasField("cover"):
        return None
    return cover(found, wanted, asked.cover.image, asked.cover.alt_text, "blog.cover.image")


def _kind(asked: int) -> Kind:
    if not asked:
        raise BadInput("NO_KIND", "Say whose blog it is.", field="blog.kind")
    return Kind(asked)


def _paths(request: blog_pb2.UpdateBlogRequest) -> set[str]:
    """The fields to change; without a mask those that are not empty (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(CHANGEABLE):
        sentence = "{path} cannot be changed, only {changeable}."
        facts = {"path": min(unknown), "changeable": ", ".join(CHANGEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.blog.ListFields()} & set(CHANGEABLE)
