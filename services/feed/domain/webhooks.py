"""Webhooks to other systems, and their rules."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, Stale


class WebhookState(IntEnum):
    """As in the .proto."""

    ACTIVE = 1
    PAUSED = 2
    FAILING = 3


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where another system wants to hear of some events. `secret` is sealed; `revision` counts the changes."""

    id: UUID
    title: str
    url: str
    event_types: tuple[str, ...]
    secret: str
    creator: UUID
    create_time: datetime
    update_time: datetime
    state: WebhookState = WebhookState.ACTIVE
    revision: int = 1

    @property
    def name(self) -> str:
        return f"outgoingWebhooks/{self.id}"

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'

    def changed(self, etag: str, fields: dict[str, Any], moment: datetime) -> "Webhook":
        """The webhook with other fields. Stale when it is no longer the one that the caller saw."""
        if etag and etag != self.etag:
            raise Stale("WEBHOOK_CHANGED", "The webhook changed meanwhile.", etag=self.etag)
        if fields.get("state") is WebhookState.FAILING:
            sentence = "Whether it fails is found out; make it active or pause it."
            raise BadInput("STATE_NOT_CHOSEN", sentence, field="outgoing_webhook.state")
        return replace(self, **fields, update_time=moment, revision=self.revision + 1)

    def marked_failing(self, moment: datetime) -> "Webhook":
        """The webhook when it took nothing for too long."""
        return replace(self, state=WebhookState.FAILING, update_time=moment, revision=self.revision + 1)


def checked_event_types(wanted: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The kinds of event, each once; BadInput for one that feed never tells."""
    for name in wanted:
        if name not in known:
            field = "outgoing_webhook.event_types"
            raise BadInput("UNKNOWN_EVENT_TYPE", "There is no event {name}.", field=field, name=name)
    return tuple(sorted(set(wanted)))
