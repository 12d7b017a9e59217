"""What numbers of the API are called, in English; the catalogue of each language has the rest."""

from collections.abc import Callable, Mapping

from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import card_pb2, notifications_pb2
from plein.profile.v1 import profile_pb2

Translated = Callable[..., str]

KINDS_OF_WORKER = {
    audience_pb2.WORKER_KIND_EXTERNAL: "External",
    audience_pb2.WORKER_KIND_FREELANCER: "Freelancer",
}
OUTAGE_STATES = {
    card_pb2.OUTAGE_STATE_OPEN: "Reported",
    card_pb2.OUTAGE_STATE_INVESTIGATING: "Being worked on",
    card_pb2.OUTAGE_STATE_MONITORING: "Seems to be over",
    card_pb2.OUTAGE_STATE_SOLVED: "Solved",
}
OUTAGE_SEVERITIES = {
    card_pb2.OUTAGE_SEVERITY_MINOR: "Minor outage",
    card_pb2.OUTAGE_SEVERITY_MAJOR: "Major outage",
    card_pb2.OUTAGE_SEVERITY_CRITICAL: "Critical outage",
}
VACANCY_STATES = {card_pb2.VACANCY_STATE_OPEN: "Open", card_pb2.VACANCY_STATE_CLOSED: "Closed"}

# What one person did, and what several did.
TOLD = {
    "MENTION": ("%(person)s mentioned you", "%(people)s mentioned you"),
    "REPLY": ("%(person)s replied to your post", "%(people)s replied to your post"),
    "REPLY_IN_OWN_THREAD": ("%(person)s wrote under your post", "%(people)s wrote under your post"),
    "REPLY_IN_JOINED_THREAD": (
        "%(person)s went on in a conversation of yours",
        "%(people)s went on in a conversation of yours",
    ),
    "REACTION": ("%(person)s reacted to your post", "%(people)s reacted to your post"),
    "RESHARE": ("%(person)s reshared your post", "%(people)s reshared your post"),
    "FOLLOWER": ("%(person)s follows you", "%(people)s follow you"),
    "MEMBERSHIP_REQUEST": (
        "%(person)s asks to be let into a group of yours",
        "%(people)s ask to be let into a group of yours",
    ),
    "GROUP_MENTION": ("%(person)s mentioned a group of yours", "%(people)s mentioned a group of yours"),
    "INVITATION": ("%(person)s invites you into a group", "%(people)s invite you into a group"),
    "COMMENT": ("%(person)s commented on your article", "%(people)s commented on your article"),
    "COMMENT_REPLY": ("%(person)s replied to your comment", "%(people)s replied to your comment"),
}
# What nobody in particular did.
HAPPENED = {
    "POLL_ENDED": "A poll has ended",
    "MEMBERSHIP_BEGUN": "You were let into a group",
    "MEMBERSHIP_ENDED": "You are no longer in a group",
    "GROUP_EVENT": "A group of yours holds an event",
    "GROUP_EVENT_CHANGED": "An event that you answered was moved or called off",
    "GROUP_EVENT_REMINDER": "An event that you answered begins soon",
    "GROUP_EVENT_PLACE": "You have a place at an event for which you waited",
    "ARTICLE": "There is a new article in a blog that you follow",
    "CONTRIBUTION_ANSWERED": "There is an answer to your contribution",
    "CONTENT_HIDDEN": "Something that you wrote is hidden from others",
    "CONTENT_REMOVED": "Something that you wrote was removed by the moderators",
    "CONTENT_RESTORED": "Something that you wrote can be seen again",
    "DECISION": "The moderators have decided",
    "APPEAL_DECIDED": "Your appeal was decided",
    "REPORT_DECIDED": "What you reported was decided",
    "CARD_CHANGED": "There is news about a post that you follow",
}
ANYTHING = "There is something new for you"


def told(
    notification: notifications_pb2.Notification, people: Mapping[str, profile_pb2.Profile], translated: Translated
) -> str:
    """A notification in a sentence, such as “Anna and 11 others reacted to your post”."""
    kind = notifications_pb2.NotificationKind.Name(notification.kind).removeprefix("NOTIFICATION_KIND_")
    one, several = TOLD.get(kind, ("", ""))
    if not one:
        return translated(HAPPENED.get(kind, ANYTHING))
    names = [people[person].display_name if person in people else "" for person in notification.people]
    first = next(iter(names), "") or translated("A colleague")
    others = notification.person_count - 1
    if others < 1:
        return translated(one, person=first)
    if others == 1:
        second = next(iter(names[1:]), "") or translated("1 other")
        return translated(several, people=translated("%(first)s and %(second)s", first=first, second=second))
    return translated(several, people=translated("%(first)s and %(count)s others", first=first, count=others))
