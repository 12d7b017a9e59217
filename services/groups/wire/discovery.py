"""Groups that were found as messages."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from plein.groups.v1 import discovery_pb2

from services.groups.domain.discovery import Reasons
from services.groups.domain.groups import Group
from services.groups.domain.members import Standing
from services.groups.domain.presentations import Page
from services.groups.wire import groups as groups_wire


def found(group: Group, standing: Standing, pages: Mapping[UUID, Page]) -> discovery_pb2.FoundGroup:
    """A group as lists show it; `pages` has that of the group if somebody wrote it."""
    page = pages.get(group.id) or Page(group.id)
    return discovery_pb2.FoundGroup(
        group=groups_wire.group(group, standing),
        summary=page.summary,
        tags=page.tags,
        has_cover=page.cover is not None,
    )


def suggested(shown: discovery_pb2.FoundGroup, reasons: Reasons) -> discovery_pb2.SuggestedGroup:
    """A group with the reasons why it is suggested."""
    return discovery_pb2.SuggestedGroup(
        found=shown,
        fellow_count=reasons.fellow_count,
        fellows=[f"people/{fellow}" for fellow in reasons.fellows],
        shared_tags=reasons.shared_tags,
        colleague_count=reasons.colleague_count,
    )


def position(place: Any, group: UUID) -> bytes:
    """Where a list goes on after a group in a place, which is a number or a text."""
    return json.dumps([place, str(group)]).encode()


def after(sealed: bytes | None) -> Any:
    """What `position` made: (place, id), or None for the first page."""
    if sealed is None:
        return None
    place, id_ = json.loads(sealed)
    return place, UUID(id_)
