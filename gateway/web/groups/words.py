"""What numbers of groups' API are called, and how what is planned and shared looks, in English."""

import unicodedata
from hashlib import sha256

from plein.chassis.v1 import audience_pb2
from plein.groups.v1 import files_pb2, gatherings_pb2, groups_pb2

OPEN, CLOSED, SECRET = (
    groups_pb2.GROUP_VISIBILITY_OPEN,
    groups_pb2.GROUP_VISIBILITY_CLOSED,
    groups_pb2.GROUP_VISIBILITY_SECRET,
)
MEMBER, KEEPER, OWNER = groups_pb2.GROUP_ROLE_MEMBER, groups_pb2.GROUP_ROLE_KEEPER, groups_pb2.GROUP_ROLE_OWNER
PLANNED, CANCELLED = gatherings_pb2.GROUP_EVENT_STATE_PLANNED, gatherings_pb2.GROUP_EVENT_STATE_CANCELLED

LISTS = {"mine": "Mine", "popular": "Popular", "new": "New", "suggested": "For you"}
NOTHING_LISTED = {
    "mine": "You are in no group yet.",
    "popular": "There are no groups yet.",
    "new": "There are no groups yet.",
    "suggested": "There is nothing to suggest at the moment.",
}
VISIBILITIES = {OPEN: "Open group", CLOSED: "Closed group", SECRET: "Secret group"}
WHO_FINDS = {
    OPEN: "Everyone sees it and joins.",
    CLOSED: "Everyone sees that it exists, and asks to join.",
    SECRET: "It does not exist for anyone but its members.",
}
HISTORIES = {
    groups_pb2.GROUP_HISTORY_ALL: "All that was written before they came",
    groups_pb2.GROUP_HISTORY_SINCE_JOINING: "Only what is written from then on",
}
ROLES = {MEMBER: "Member", KEEPER: "Keeper", OWNER: "Owner"}
GIVE_ROLE = {MEMBER: "Make this a member", KEEPER: "Make this a keeper", OWNER: "Make this an owner"}
KINDS = {
    audience_pb2.WORKER_KIND_EMPLOYEE: "On the payroll",
    audience_pb2.WORKER_KIND_EXTERNAL: "External",
    audience_pb2.WORKER_KIND_FREELANCER: "Freelancer",
}
ANSWERS = {
    gatherings_pb2.EVENT_ANSWER_YES: "I am coming",
    gatherings_pb2.EVENT_ANSWER_MAYBE: "Perhaps",
    gatherings_pb2.EVENT_ANSWER_NO: "I am not coming",
}
# What an answer became; the answer that is shown as given is beside it.
ATTENDANCES = {
    gatherings_pb2.ATTENDANCE_GOING: "Coming",
    gatherings_pb2.ATTENDANCE_WAITING: "On the waiting list",
    gatherings_pb2.ATTENDANCE_MAYBE: "Perhaps",
    gatherings_pb2.ATTENDANCE_DECLINED: "Not coming",
}
ANSWERED = {
    gatherings_pb2.ATTENDANCE_GOING: gatherings_pb2.EVENT_ANSWER_YES,
    gatherings_pb2.ATTENDANCE_WAITING: gatherings_pb2.EVENT_ANSWER_YES,
    gatherings_pb2.ATTENDANCE_MAYBE: gatherings_pb2.EVENT_ANSWER_MAYBE,
    gatherings_pb2.ATTENDANCE_DECLINED: gatherings_pb2.EVENT_ANSWER_NO,
}
FILE_STATES = {
    files_pb2.GROUP_FILE_STATE_SCANNING: "Is being scanned",
    files_pb2.GROUP_FILE_STATE_INFECTED: "Not safe: nobody gets it",
}
# What groups refuses, so that the sentence is there in every language.
REFUSALS = (
    "The group is closed: ask to be let in.",
    "The keepers of the group decided against it.",
    "An information barrier does not allow this membership.",
    "The last owner of a group has to make somebody else its owner first.",
    "You are a member already.",
    "You are invited: come in.",
    "The group is open: come in.",
    "The person is a member already.",
    "The person asked to be let in, and waits for an answer.",
    "A group needs a title.",
    "The group is archived: it can be read, and nothing else.",
    "The group is deleted. Bring it back first.",
    "Moderation hides the group. Nothing can be changed until it is decided.",
    "Who brought a file changes it, and keepers of the group.",
    "Who planned an event changes it, and keepers of the group.",
    "The event was called off.",
    "The event is over.",
)
COLOURS = 6


def colour(name: str) -> int:
    """The colour of a group without a cover, from 0; always the same one."""
    return sha256(name.encode()).digest()[0] % COLOURS


def letter(title: str) -> str:
    """What stands for a group that has no cover: its first letter or digit."""
    return next((sign.upper() for sign in title if unicodedata.category(sign)[0] in "LN"), "·")


def size(count: int) -> str:
    """How large a file is, in units of 1000 bytes."""
    if count < 1000:
        return f"{count} B"
    if count < 1000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1000_000:.1f} MB"
