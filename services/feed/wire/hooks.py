"""Incoming webhooks as messages, and what they tell as the requests that it stands for."""

from uuid import UUID

from google.protobuf import json_format
from plein.feed.v1 import card_pb2, cards_pb2, hooks_pb2

from chassis import shape
from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from chassis.viewer import ACCOUNTS
from services.feed.domain.hooks import IncomingHook
from services.feed.wire.cards import unknown_account


def hook(domain: IncomingHook, public_url: str) -> hooks_pb2.IncomingHook:
    """A webhook, without its secrets."""
    overlap = domain.previous_expire_time
    return hooks_pb2.IncomingHook(
        name=domain.name,
        title=domain.title,
        account=f"{ACCOUNTS}{domain.account}",
        uri=f"{public_url.rstrip('/')}/v1/hooks/{domain.id}",
        previous_secret_expire_time=timestamp(overlap) if overlap else None,
        create_time=timestamp(domain.create_time),
    )


def hook_id(name: str) -> UUID | None:
    """The id in `incomingHooks/{hook}` or `hooks/{hook}`, or None when there is none in it."""
    try:
        return UUID(name.rpartition("/")[2])
    except ValueError:
        return None


def account_id(name: str) -> UUID:
    """The id in `serviceAccounts/{account}`."""
    try:
        return UUID(name.removeprefix(ACCOUNTS))
    except ValueError:
        raise unknown_account(name) from None


def hook_event(body: bytes) -> hooks_pb2.HookEvent:
    """What a body tells."""
    event = hooks_pb2.HookEvent()
    try:
        json_format.Parse(body, event)
    except (json_format.ParseError, ValueError, RecursionError) as error:
        sentence = "The body is no HookEvent: {problem}"
        raise BadInput("UNREADABLE_EVENT", sentence, field="body", problem=str(error)[:200]) from error
    shape.check(event)
    return event


def new_card(event: hooks_pb2.HookEvent) -> cards_pb2.CreateCardRequest:
    """The request for a new card that an event stands for."""
    card = card_pb2.Card(external_id=event.key)
    if event.HasField("create_outage"):
        card.outage.CopyFrom(event.create_outage)
    else:
        card.vacancy.CopyFrom(event.create_vacancy)
    audience = event.audience if event.HasField("audience") else None
    return cards_pb2.CreateCardRequest(card=card, audience=audience, announcement=event.announcement)


def changed_card(event: hooks_pb2.HookEvent, name: str) -> cards_pb2.UpdateOutageRequest:
    """The request for a change that an event stands for."""
    change = event.change_outage
    return cards_pb2.UpdateOutageRequest(name=name, outage=change.outage, update_mask=change.update_mask)


def unknown_hook(name: str) -> NotFound:
    return NotFound("HOOK_NOT_FOUND", "There is no {name}.", name=name)


def unknown_key(key: str) -> NotFound:
    return NotFound("CARD_NOT_FOUND", "This account has no card {key}.", key=key)
