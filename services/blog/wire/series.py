"""Series as messages."""

from collections.abc import Sequence
from uuid import UUID

from plein.blog.v1 import series_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.series import Series


def series(domain: Series, articles: Sequence[UUID] = ()) -> series_pb2.Series:
    """A series with those of its articles that are to be told."""
    return series_pb2.Series(
        name=domain.name,
        title=domain.title,
        description=domain.description,
        articles=[f"articles/{article}" for article in articles],
        create_time=timestamp(domain.create_time),
        etag=domain.etag,
    )


def series_ids(name: str) -> tuple[UUID, UUID]:
    """The ids in `blogs/{blog}/series/{series}`."""
    _, blog, _, found = name.split("/")
    try:
        return UUID(blog), UUID(found)
    except ValueError:
        raise unknown_series(name) from None


def unknown_series(name: str) -> NotFound:
    return NotFound("SERIES_NOT_FOUND", "There is no {name} that you can see.", name=name)
