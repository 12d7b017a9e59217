"""The domain of groups as messages, and names as ids."""

from services.groups.wire.groups import asked_fields, group, new_group, subject
from services.groups.wire.invitations import invitation, invite_link, link_id, new_link, request
from services.groups.wire.members import ban, membership, place, place_position
from services.groups.wire.names import (
    group_and_person,
    group_id,
    group_id_or_handle,
    group_ids,
    group_in,
    id_in,
    moment_and_id,
    person_id,
    position,
    unknown_group,
    unknown_invitation,
    unknown_link,
    unknown_member,
    unknown_person,
    unknown_request,
)

__all__ = [
    "asked_fields",
    "ban",
    "group",
    "group_and_person",
    "group_id",
    "group_id_or_handle",
    "group_ids",
    "group_in",
    "id_in",
    "invitation",
    "invite_link",
    "link_id",
    "membership",
    "moment_and_id",
    "new_group",
    "new_link",
    "person_id",
    "place",
    "place_position",
    "position",
    "request",
    "subject",
    "unknown_group",
    "unknown_invitation",
    "unknown_link",
    "unknown_member",
    "unknown_person",
    "unknown_request",
]
