"""Drafts and revisions as messages."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from plein.blog.v1 import articles_pb2, drafts_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.articles import Article
from services.blog.domain.drafts import Draft, Revision
from services.blog.wire.blogs import cover, person_name

_KINDS = {
    "=": drafts_pb2.DIFFERENCE_KIND_SAME,
    "+": drafts_pb2.DIFFERENCE_KIND_ADDED,
    "-": drafts_pb2.DIFFERENCE_KIND_REMOVED,
}


def draft(article: Article, domain: Draft, *, whole: bool = True) -> drafts_pb2.Draft:
    """A draft; without its text unless it is wanted `whole`."""
    content = domain.content
    return drafts_pb2.Draft(
        name=f"{article.name}/draft",
        title=content.title,
        text=content.text if whole else "",
        summary=content.summary,
        cover=cover(content.cover),
        etag=domain.etag,
        person=person_name(domain.person),
        update_time=timestamp(domain.update_time),
        state=articles_pb2.ArticleState.ValueType(article.state),
        changed=not article.is_out or domain.revision != article.published_revision,
        author=person_name(article.author),
    )


def share(article: UUID, person: UUID, until: datetime) -> drafts_pb2.DraftShare:
    """That somebody may look at a draft."""
    return drafts_pb2.DraftShare(
        name=f"articles/{article}/draft/shares/{person}",
        person=f"people/{person}",
        expire_time=timestamp(until),
        path=f"/articles/{article}/preview",
    )


def revision(domain: Revision, *, whole: bool = True) -> drafts_pb2.Revision:
    """What a draft said; without its text unless it is wanted `whole`."""
    content = domain.content
    message = drafts_pb2.Revision(
        name=f"articles/{domain.article}/revisions/{domain.number}",
        person=person_name(domain.person),
        create_time=timestamp(domain.create_time),
        title=content.title,
        text=content.text if whole else "",
        summary=content.summary,
        cover=cover(content.cover),
    )
    if domain.publish_time:
        message.publish_time.CopyFrom(timestamp(domain.publish_time))
    return message


def differences(found: Iterable[tuple[str, str]]) -> list[drafts_pb2.Difference]:
    """Pieces of a comparison, as (sign, text)."""
    return [drafts_pb2.Difference(kind=_KINDS[sign], text=text) for sign, text in found]


def revision_number(name: str) -> int:
    """The number in `articles/{article}/revisions/{revision}`; what is none is as unknown as one of nothing."""
    number = name.rpartition("/")[2]
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise unknown_revision(name)
    return int(number)


def unknown_revision(name: str) -> NotFound:
    return NotFound("REVISION_NOT_FOUND", "There is no {name} that you can see.", name=name)
