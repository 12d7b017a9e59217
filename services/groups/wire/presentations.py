"""Pages of groups as messages."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from plein.chassis.v1.subjects_pb2 import Subject
from plein.groups.v1 import events_pb2, pages_pb2

from chassis.moments import timestamp
from services.groups.domain import presentations as domain
from services.groups.domain.presentations import COVER_SIZES, Page
from services.groups.wire.contents import unknown_cover, unknown_post
from services.groups.wire.events import Told
from services.groups.wire.texts import text


def page(found: Page, pins: Sequence[UUID]) -> pages_pb2.GroupPage:
    """A page with those of its pinned posts that the reader sees."""
    return pages_pb2.GroupPage(
        name=found.name,
        description=found.description.markdown,
        description_html=found.description.html,
        rules=found.rules.markdown,
        rules_html=found.rules.html,
        tags=found.tags,
        cover=_cover(found),
        pinned_posts=[f"posts/{post}" for post in pins],
        update_time=timestamp(found.update_time) if found.update_time else None,
        etag=found.etag,
    )


def _cover(found: Page) -> pages_pb2.GroupCover | None:
    cover = found.cover
    return pages_pb2.GroupCover(width=cover.width, height=cover.height, version=str(cover.large)) if cover else None


async def asked_fields(asked: pages_pb2.UpdateGroupPageRequest) -> dict[str, object]:
    """What is to change of a page, by the names that it has in the domain."""
    wanted = asked.group_page
    written = {"description": wanted.description, "rules": wanted.rules, "tags": list(wanted.tags)}
    chosen = domain.wanted_fields(asked.update_mask.paths, written)
    fields: dict[str, object] = {}
    for name in chosen:
        if name == "tags":
            fields[name] = domain.tags(wanted.tags, "group_page.tags")
        else:
            fields[name] = await text(str(written[name]), name)
    return fields


def changed(page: Page) -> Told:
    return page.name, page.revision, events_pb2.GroupPageChanged(page=page.name)


def with_page(group: Subject, page: Page) -> Subject:
    """A group as moderation sees it, with what its page says and shows."""
    group.text = "\n\n".join(filter(None, (page.description.plain, page.rules.plain, " ".join(page.tags))))
    if page.cover:
        group.images.append(f"{page.name}/cover/sizes/large")
    shown = (group.revision, group.text, str(page.cover and page.cover.large))
    group.revision = sha256("\0".join(shown).encode()).hexdigest()[:16]
    return group


def cover_size(name: str) -> str:
    """`large` or `small` in `groups/{group}/page/cover/sizes/{size}`."""
    size = name.rpartition("/")[2]
    if size not in COVER_SIZES:
        raise unknown_cover(name)
    return size


def post_id(name: str) -> UUID:
    """The id in `posts/{post}`."""
    try:
        return UUID(name.removeprefix("posts/"))
    except ValueError:
        raise unknown_post(name) from None
