"""The inbox as messages."""

from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any
from uuid import UUID

from plein.feed.v1 import feed_pb2, notifications_pb2

from chassis import viewer
from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.feed.domain.notifications import Digest, Kind, Language, Notification, NotificationSettings, QuietHours

_SETTINGS = "/notificationSettings"


def notification(domain: Notification, posts: Mapping[UUID, feed_pb2.Post]) -> notifications_pb2.Notification:
    """A notification as its recipient sees it; `posts` holds those that the notifications of a page tell of."""
    post = posts.get(domain.post) if domain.post else None
    return notifications_pb2.Notification(
        name=domain.name,
        kind=_kind(domain.kind),
        subject=domain.subject,
        people=[f"people/{person}" for person in domain.people],
        person_count=domain.person_count,
        entry_count=domain.entry_count,
        post=post,
        newest=domain.thing or (post.name if post else ""),
        update_time=timestamp(domain.update_time),
        read=domain.read,
        position=domain.position,
    )


def notification_id(name: str) -> UUID | None:
    """The id in `notifications/{notification}`, or None for what is no id at all."""
    try:
        return UUID(name.removeprefix("notifications/"))
    except ValueError:
        return None


def own_settings(name: str) -> UUID:
    """The caller, if these are the caller's settings: others' are as unknown as those of nobody."""
    person = viewer.person()
    if name not in {f"people/me{_SETTINGS}", f"people/{person}{_SETTINGS}"}:
        raise NotFound("SETTINGS_NOT_FOUND", "There is no {name} that you can see.", name=name)
    return person


def settings(domain: NotificationSettings) -> notifications_pb2.NotificationSettings:
    """How somebody wants to be told."""
    quiet = domain.quiet_hours
    return notifications_pb2.NotificationSettings(
        name=f"people/{domain.person}{_SETTINGS}",
        muted_kinds=[_kind(kind) for kind in domain.muted_kinds],
        quiet_hours=_quiet_message(quiet) if quiet else None,
        digest=notifications_pb2.DigestFrequency.ValueType(domain.digest),
        language=notifications_pb2.NotificationLanguage.ValueType(domain.language),
        push_kinds=[_kind(kind) for kind in domain.push_kinds],
        mail_kinds=[_kind(kind) for kind in domain.mail_kinds],
        etag=domain.etag,
    )


def settings_fields(message: notifications_pb2.NotificationSettings, paths: Sequence[str]) -> dict[str, Any]:
    """What is to be changed: the fields in the mask's `paths`, or without any, those that are not empty.

    A field that is named and empty gets its default.
    """
    for path in paths:
        if path not in _FIELDS:
            sentence = "{path} is not a field that can be changed."
            raise BadInput("UNKNOWN_FIELD", sentence, field="update_mask", path=path)
    given = {field.name for field, _ in message.ListFields()}
    chosen = paths or [name for name in _FIELDS if name in given]
    return {name: _FIELDS[name](message) for name in chosen}


def _kind(kind: Kind) -> notifications_pb2.NotificationKind.ValueType:
    return notifications_pb2.NotificationKind.ValueType(kind)


def _kinds(numbers: Sequence[int]) -> tuple[Kind, ...]:
    return tuple(sorted(Kind(number) for number in numbers))


def _quiet_message(quiet: QuietHours) -> notifications_pb2.QuietHours:
    begin, end = (moment.isoformat("minutes") for moment in (quiet.begin, quiet.end))
    return notifications_pb2.QuietHours(begin=begin, end=end, time_zone=quiet.time_zone)


def _quiet(message: notifications_pb2.NotificationSettings) -> QuietHours | None:
    if not message.HasField("quiet_hours"):
        return None
    quiet = message.quiet_hours
    return QuietHours(time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end), quiet.time_zone)


_FIELDS: dict[str, Callable[[notifications_pb2.NotificationSettings], Any]] = {
    "muted_kinds": lambda message: _kinds(message.muted_kinds),
    "quiet_hours": _quiet,
    "digest": lambda message: Digest(message.digest or Digest.WEEKLY),
    "language": lambda message: Language(message.language or Language.NL),
    "push_kinds": lambda message: _kinds(message.push_kinds),
    "mail_kinds": lambda message: _kinds(message.mail_kinds),
}
