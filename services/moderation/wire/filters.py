"""Filters as messages."""

from uuid import UUID

from plein.moderation.v1 import filters_pb2

from chassis.filters import Match
from chassis.moments import timestamp
from chassis.problems import NotFound
from services.moderation.domain.filters import Rule


def rule(domain: Rule) -> filters_pb2.Filter:
    """A filter as those see it who set it."""
    return filters_pb2.Filter(
        name=domain.name,
        kind=filters_pb2.FilterKind.ValueType(domain.kind),
        text=domain.text,
        effect=filters_pb2.FilterEffect.ValueType(domain.effect),
        note=domain.note,
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=domain.etag,
    )


def applied(domain: Rule) -> filters_pb2.Filter:
    """A filter as services apply it."""
    return filters_pb2.Filter(
        name=domain.name,
        kind=filters_pb2.FilterKind.ValueType(domain.kind),
        text=domain.text,
        effect=filters_pb2.FilterEffect.ValueType(domain.effect),
    )


def match(found: Match, of: Rule, text: str) -> filters_pb2.FilterMatch:
    """What a filter found in a text."""
    return filters_pb2.FilterMatch(filter=rule(of), found=text[found.start : found.end], start=found.start)


def filter_id(name: str) -> UUID:
    """The id in `filters/{filter}`."""
    try:
        return UUID(name.split("/")[-1])
    except ValueError:
        raise unknown_filter(name) from None


def unknown_filter(name: str) -> NotFound:
    return NotFound("FILTER_NOT_FOUND", "There is no {name}.", name=name)
