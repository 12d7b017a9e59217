"""Webhooks as messages, and what they are sent (docs/webhooks.md)."""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message_factory import GetMessageClass
from plein.chassis.v1 import event_log_pb2
from plein.feed.v1 import delivery_pb2, events_pb2

from chassis.events.chain import erased
from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.feed.domain.deliveries import Delivery, State
from services.feed.domain.webhooks import Webhook, WebhookState, checked_event_types

SECRET_PURPOSE = b"outgoing webhook"
_EVENTS = {
    descriptor.full_name: GetMessageClass(descriptor)
    for descriptor in events_pb2.DESCRIPTOR.message_types_by_name.values()
}
# What other systems may hear of.
EVENT_TYPES = frozenset(
    {
        "PostCreated", "PostEdited", "PostPreviewed", "PostDeleted", "PostHidden", "PostRemoved", "PostRestored",
        "PollEnded",
        "PostAnonymised", "PostReactedTo", "ReactionRemoved", "PersonFollowed", "PersonUnfollowed", "CardChanged",
    }
)  # fmt: skip
# What is for Plein's own services alone: who blocks whom, follows which tag; that somebody votes or bookmarks.
KEPT_TYPES = frozenset(
    {
        "PollVoted", "BookmarksChanged", "MeetingChanged", "TagFollowed", "TagUnfollowed", "GroupFollowed",
        "GroupUnfollowed", "PersonErased", "IncomingHookCreated", "IncomingHookSecretRotated", "IncomingHookDeleted",
    }
)  # fmt: skip


def webhook(domain: Webhook) -> delivery_pb2.OutgoingWebhook:
    """A webhook as administrators see it: without its secret."""
    return delivery_pb2.OutgoingWebhook(
        name=domain.name,
        title=domain.title,
        url=domain.url,
        event_types=domain.event_types,
        state=delivery_pb2.OutgoingWebhookState.ValueType(domain.state),
        creator=f"people/{domain.creator}",
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        etag=domain.etag,
    )


def webhook_id(name: str) -> UUID:
    """The id in `outgoingWebhooks/{outgoing_webhook}`."""
    try:
        return UUID(name.removeprefix("outgoingWebhooks/"))
    except ValueError:
        raise unknown(name) from None


def delivery_ids(name: str) -> tuple[UUID, UUID]:
    """The ids in `outgoingWebhooks/{outgoing_webhook}/deliveries/{delivery}`."""
    of_webhook, _, id_ = name.partition("/deliveries/")
    try:
        return webhook_id(of_webhook), UUID(id_)
    except (ValueError, NotFound):
        raise unknown(name) from None


def unknown(name: str) -> NotFound:
    return NotFound("WEBHOOK_NOT_FOUND", "There is no {name}.", name=name)


def webhook_fields(message: delivery_pb2.OutgoingWebhook, paths: Sequence[str]) -> dict[str, Any]:
    """What is to be changed: the fields in the mask's `paths`, or without any, those that are not empty."""
    for path in paths:
        if path not in _FIELDS:
            sentence = "{path} is not a field that can be changed."
            raise BadInput("UNKNOWN_FIELD", sentence, field="update_mask", path=path)
    given = {field.name for field, _ in message.ListFields()}
    chosen = paths or [name for name in _FIELDS if name in given]
    return {name: _FIELDS[name](message) for name in chosen}


def webhook_delivery(domain: Delivery) -> delivery_pb2.WebhookDelivery:
    """An event on its way."""
    states = delivery_pb2.WebhookDeliveryState
    state = State.FAILED if domain.state is State.DROPPED else domain.state
    return delivery_pb2.WebhookDelivery(
        name=f"outgoingWebhooks/{domain.recipient}/deliveries/{domain.id}",
        event_type=domain.kind,
        body=domain.content,
        state=states.ValueType(state),
        attempt_count=domain.attempts,
        last_status=domain.last_status,
        last_error=domain.last_error,
        create_time=timestamp(domain.create_time),
        next_attempt_time=timestamp(domain.due_time) if domain.state is State.WAITING else None,
        end_time=timestamp(domain.end_time) if domain.end_time else None,
    )


def event_type(event: event_log_pb2.Event) -> str:
    """The name of an event's message, such as `PostCreated`."""
    return event.type.rsplit(".", 1)[1]


def body(event: event_log_pb2.Event) -> str | None:
    """What a webhook is sent of an event: identifiers only, as in the log. None for what is not told, or was erased."""
    kind = _EVENTS.get(event.type)
    if kind is None or event_type(event) not in EVENT_TYPES or erased(event):
        return None
    told = {
        "id": event.event_id,
        "type": event_type(event),
        "time": event.write_time.ToJsonString(),
        "position": event.position,
        "subject": event.aggregate,
        "event": MessageToDict(kind.FromString(event.payload)),
    }
    return orjson.dumps(told).decode()


def headers(delivery: Delivery, secret: bytes, moment: datetime) -> dict[str, str]:
    """What goes with the body: the signature is of this very attempt, the rest of the delivery."""
    seconds = int(moment.timestamp())
    return {
        "content-type": "application/json",
        "user-agent": "Plein/1.0 (webhook)",
        "x-plein-delivery": str(delivery.id),
        "x-plein-event": delivery.kind,
        "x-plein-signature": f"t={seconds},v1={signature(secret, seconds, delivery.content)}",
    }


def signature(secret: bytes, seconds: int, content: str) -> str:
    """HMAC-SHA256 over `t.body`, in hexadecimal."""
    return hmac.new(secret, f"{seconds}.{content}".encode(), "sha256").hexdigest()


def _title(message: delivery_pb2.OutgoingWebhook) -> str:
    if not message.title.strip():
        raise BadInput("EMPTY_TITLE", "A webhook needs a title.", field="outgoing_webhook.title")
    return message.title.strip()


def _event_types(message: delivery_pb2.OutgoingWebhook) -> tuple[str, ...]:
    if not message.event_types:
        sentence = "A webhook hears of at least one kind of event."
        raise BadInput("NO_EVENT_TYPES", sentence, field="outgoing_webhook.event_types")
    return checked_event_types(message.event_types, EVENT_TYPES)


_FIELDS: dict[str, Callable[[delivery_pb2.OutgoingWebhook], Any]] = {
    "title": _title,
    "url": lambda message: message.url,
    "event_types": _event_types,
    "state": lambda message: WebhookState(message.state or WebhookState.ACTIVE),
}
