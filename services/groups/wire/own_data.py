"""Erasures as messages."""

from uuid import UUID

from plein.groups.v1 import own_data_pb2

from chassis.moments import timestamp
from chassis.problems import NotFound
from services.groups.domain.erasures import Erasure


def erasure(erasure: Erasure) -> own_data_pb2.Erasure:
    """How far one is."""
    return own_data_pb2.Erasure(
        name=erasure.name,
        person=f"people/{erasure.person}",
        mode=own_data_pb2.ErasureMode.ValueType(erasure.mode),
        counts=erasure.counts,
        create_time=timestamp(erasure.create_time),
        finish_time=timestamp(erasure.finish_time) if erasure.finish_time else None,
    )


def erasure_id(name: str) -> UUID:
    """The id in `erasures/{erasure}`."""
    try:
        return UUID(name.removeprefix("erasures/"))
    except ValueError:
        raise unknown_erasure(name) from None


def unknown_erasure(name: str) -> NotFound:
    return NotFound("ERASURE_NOT_FOUND", "There is no {name}.", name=name)
