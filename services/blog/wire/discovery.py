"""What was found, what is featured and how much is read, as messages, and where lists go on."""

import struct
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from plein.blog.v1 import articles_pb2, discovery_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.blog.domain.features import Feature
from services.blog.wire.blogs import person_name
from services.blog.wire.names import article_id, moment_of

Ranges = Sequence[tuple[int, int]]
_RANK = struct.Struct(">fq16s")
_PLACE = struct.Struct(">iq16s")


def found_article(
    article: articles_pb2.Article, title: Ranges, excerpt: str, highlights: Ranges
) -> discovery_pb2.FoundArticle:
    """An article with the places of what was asked."""
    return discovery_pb2.FoundArticle(
        article=article, title_highlights=_ranges(title), excerpt=excerpt, excerpt_highlights=_ranges(highlights)
    )


def feature(domain: Feature) -> discovery_pb2.Feature:
    """A feature as editors see it."""
    return discovery_pb2.Feature(
        name=domain.name,
        article=f"articles/{domain.article}",
        position=domain.position,
        begin_time=timestamp(domain.begin_time),
        end_time=timestamp(domain.end_time) if domain.end_time else None,
        editor=person_name(domain.editor),
        create_time=timestamp(domain.create_time),
        etag=domain.etag,
    )


def begin_and_end(message: discovery_pb2.Feature) -> tuple[datetime | None, datetime | None]:
    """The time that an editor asks for; None for what is not set."""
    begin = moment_of(message.begin_time) if message.HasField("begin_time") else None
    return begin, moment_of(message.end_time) if message.HasField("end_time") else None


def changes(request: discovery_pb2.UpdateFeatureRequest) -> dict[str, Any]:
    """What an editor changes: the fields of the mask, or without one those that are set. BadInput for other fields."""
    asked = request.feature
    begin, end = begin_and_end(asked)
    values = {"position": asked.position, "begin_time": begin, "end_time": end}
    paths = list(request.update_mask.paths) or [path for path, value in values.items() if value]
    if strange := sorted(set(paths) - values.keys()):
        sentence = "{path} cannot be changed."
        raise BadInput("UNKNOWN_FIELD", sentence, field="update_mask", path=strange[0])
    if "begin_time" in paths and begin is None:
        raise BadInput("NO_TIME", "A feature begins some time.", field="feature.begin_time")
    return {path: values[path] for path in paths}


def feature_id(name: str) -> UUID:
    """The id in `features/{feature}`. What is no id at all is as unknown as an id of nothing."""
    try:
        return UUID(name.removeprefix("features/"))
    except ValueError:
        raise unknown_feature(name) from None


def article_ids(names: Iterable[str]) -> list[UUID]:
    """The ids in those of these names that have one."""
    ids = []
    for name in names:
        with suppress(NotFound):
            ids.append(article_id(name))
    return ids


def id_of_position(packed: bytes | None) -> UUID | None:
    """Where a list goes on that is in the order of ids."""
    return UUID(bytes=packed) if packed else None


def unknown_feature(name: str) -> NotFound:
    return NotFound("FEATURE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def place_position(place: tuple[int, datetime, UUID]) -> bytes:
    """Where a list of what is featured goes on."""
    return _PLACE.pack(place[0], _micros(place[1]), place[2].bytes)


def place(packed: bytes | None) -> tuple[int, datetime, UUID] | None:
    """The inverse of `place_position`."""
    if packed is None:
        return None
    position, begin, id_ = _PLACE.unpack(packed)
    return position, _moment(begin), UUID(bytes=id_)


def rank_position(rank: float, article: UUID, begun: datetime) -> bytes:
    """Where a list of the best goes on, among those that had come out when it began."""
    return _RANK.pack(rank, _micros(begun), article.bytes)


def rank_and_begun(packed: bytes | None) -> tuple[float, UUID, datetime] | None:
    """The inverse of `rank_position`."""
    if packed is None:
        return None
    rank, begun, article = _RANK.unpack(packed)
    return rank, UUID(bytes=article), _moment(begun)


def _micros(moment: datetime) -> int:
    # Rounded, since a float holds most microseconds a little too low.
    return round(moment.timestamp() * 1_000_000)


def _moment(micros: int) -> datetime:
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def _ranges(places: Ranges) -> list[discovery_pb2.TextRange]:
    return [discovery_pb2.TextRange(start=start, end=end) for start, end in places]
