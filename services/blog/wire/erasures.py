"""Erasures as messages."""

from uuid import UUID

from plein.blog.v1 import events_pb2, own_data_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.blog.domain.erasures import Erasure

# Field of the event → sort of what was erased.
_TOLD = {"article_count": "articles", "authorship_count": "authorships", "mention_count": "mentions"}


def erasure(domain: Erasure) -> own_data_pb2.Erasure:
    """How far one is."""
    return own_data_pb2.Erasure(
        name=domain.name,
        person=f"people/{domain.person}",
        mode=own_data_pb2.ErasureMode.ValueType(domain.mode),
        counts=domain.counts,
        create_time=timestamp(domain.create_time),
        finish_time=timestamp(domain.finish_time) if domain.finish_time else None,
    )


def erased(domain: Erasure) -> events_pb2.PersonErased:
    """What the log tells when nothing is left of a person."""
    counts = dict(domain.counts)
    told = {field: counts.pop(sort, 0) for field, sort in _TOLD.items()}
    return events_pb2.PersonErased(erasure=domain.name, other_count=sum(counts.values()), **told)


def erasure_id(name: str) -> UUID:
    """The id in `erasures/{erasure}`."""
    try:
        return UUID(name.removeprefix("erasures/"))
    except ValueError:
        raise unknown(name) from None


def unknown(name: str) -> NotFound:
    return NotFound("ERASURE_NOT_FOUND", "There is no {name}.", name=name)
