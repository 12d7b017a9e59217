"""Devices to which notifications are pushed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PushSubscription:
    """A device of somebody's: `endpoint` is the push service's address for it, `public_key` (65 bytes) and `auth` (16
    bytes) encrypt what only the device reads. `position` is up to where in the inbox it was told."""

    id: UUID
    person: UUID
    endpoint: str
    public_key: bytes
    auth: bytes
    device: str
    create_time: datetime
    position: int = 0
