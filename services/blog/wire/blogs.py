"""Blogs as messages."""

from datetime import datetime
from uuid import UUID

from plein.blog.v1 import blog_pb2
from plein.chassis.v1 import audience_pb2

from chassis.access import Sight
from chassis.moments import timestamp
from services.blog.domain.blogs import Audience, Blog, Cover, Role
from services.blog.domain.erasures import is_stand_in
from services.blog.wire.names import group_id


def blog(domain: Blog, role: Role | None, sight: Sight) -> blog_pb2.Blog:
    """A blog as somebody sees it who has this role in it."""
    met = (sight.despite_blocks() if role is Role.OWNER else sight).meets(domain.owner)
    return blog_pb2.Blog(
        name=domain.name,
        title=domain.title,
        kind=blog_pb2.BlogKind.ValueType(domain.kind),
        description=domain.description,
        owner=person_name(domain.owner) if met else "",
        audience=audience(domain.audience),
        cover=cover(domain.cover),
        viewer_role=blog_pb2.BlogRole.ValueType(role or 0),
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=domain.etag,
    )


def blog_author(blog: UUID, person: UUID, role: int, since: datetime) -> blog_pb2.BlogAuthor:
    """That somebody has a role in a blog."""
    return blog_pb2.BlogAuthor(
        name=f"blogs/{blog}/authors/{person}",
        person=f"people/{person}",
        role=blog_pb2.BlogRole.ValueType(role),
        create_time=timestamp(since),
    )


def audience(domain: Audience) -> audience_pb2.Audience:
    """Who may see a root."""
    return audience_pb2.Audience(
        kinds=[audience_pb2.WorkerKind.ValueType(kind) for kind in domain.kinds],
        group=f"groups/{domain.group}" if domain.group else "",
    )


def asked_audience(message: audience_pb2.Audience, field: str) -> Audience:
    """The inverse of `audience`; BadInput for a group of which the name is none."""
    return Audience(tuple(sorted(set(message.kinds))), group_id(message.group, f"{field}.group"))


def cover(domain: Cover | None) -> blog_pb2.Cover | None:
    """An image at the top."""
    if domain is None:
        return None
    return blog_pb2.Cover(
        image=f"articleImages/{domain.image}", alt_text=domain.alt_text, width=domain.width, height=domain.height
    )


def person_name(person: UUID) -> str:
    """The name of a person, empty for one who was erased."""
    return "" if is_stand_in(person) else f"people/{person}"
