"""The domain of groups as messages, and names as ids."""

from services.groups.wire.groups import asked_fields, group, new_group
from services.groups.wire.names import (
    group_id,
    group_id_or_handle,
    group_ids,
    id_in,
    person_id,
    unknown_group,
    unknown_person,
)

__all__ = [
    "asked_fields",
    "group",
    "group_id",
    "group_id_or_handle",
    "group_ids",
    "id_in",
    "new_group",
    "person_id",
    "unknown_group",
    "unknown_person",
]
