"""What is new for one person at the moment in which it is sent: what that person may see then, and nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from plein.identity.v1 import identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Sight
from services.feed.domain.notifications import Kind, Language, Notification, NotificationSettings
from services.feed.domain.posts import Post
from services.feed.neighbours import Identity
from services.feed.store import digests, notifications, posts
from services.feed.wire import wording

EXCERPT_LETTERS = 200
_LANGUAGES = {"nl": Language.NL, "en": Language.EN}


@dataclass(frozen=True, slots=True)
class News:
    """What is unread, newest first; `position` is up to where in the inbox it tells.

    Of what is inside a group nothing leaves the house but that there is something: whether a group is secret is not
    known here.
    """

    found: Sequence[Notification]
    posts: Mapping[UUID, Post]
    inside_groups: Collection[UUID]
    unread_count: int
    position: int

    def actors(self) -> set[UUID]:
        """Whose names are told."""
        return {person for told in self.found if told.id not in self.inside_groups for person in told.people}

    def sentence(self, told: Notification, people: Mapping[UUID, identity_pb2.Person], language: Language) -> str:
        """What happened, in words."""
        words = wording.WORDS[language]
        if told.id in self.inside_groups:
            return words.inside_group
        names = [full_name(people[person]) for person in told.people if person in people]
        return wording.told(words, told.kind, names, told.person_count)

    def excerpt(self, told: Notification) -> str:
        """The beginning of the post that tells it."""
        post = self.posts.get(told.post) if told.post else None
        if post is None or told.id in self.inside_groups:
            return ""
        text = " ".join(post.text.split())
        return text if len(text) <= EXCERPT_LETTERS else text[: EXCERPT_LETTERS - 1].rstrip() + "…"

    def path(self, told: Notification) -> str:
        """Where on the site it is to be seen."""
        if told.post is not None:
            return f"/posts/{told.post}"
        if told.kind is Kind.FOLLOWER and told.people:
            return f"/people/{told.people[0]}"
        return "/"


async def news(tx: AsyncConnection, sight: Sight, after: int, kinds: Sequence[Kind], limit: int) -> News:
    """What is unread of these kinds and came after a position in the viewer's inbox, the newest of it."""
    position = await notifications.newest_position(tx, sight.viewer)
    # No kinds at all would be taken for all kinds.
    found = await notifications.since(tx, sight, after, limit, kinds=kinds) if kinds and position > after else []
    if not found:
        return News((), {}, (), 0, position)
    return News(
        found=found,
        posts=await posts.visible_by_ids(tx, sight, [told.post for told in found if told.post]),
        inside_groups=await digests.inside_groups(tx, found),
        unread_count=await notifications.unread_count(tx, sight),
        position=position,
    )


async def people_of(identity: Identity, person: UUID, actors: Collection[UUID]) -> dict[UUID, identity_pb2.Person]:
    """Those whom identity knows; without the person who is told, unless the person has signed in and may come in."""
    people = await identity.people({person, *actors})
    if person in people and people[person].status != identity_pb2.PERSON_STATUS_ACTIVE:
        del people[person]
    return people


def language_of(settings: NotificationSettings, person: identity_pb2.Person) -> Language:
    """The language that the person chose, or else that in which HR addresses the person."""
    return settings.language if settings.revision else _LANGUAGES.get(person.language, Language.NL)


def full_name(person: identity_pb2.Person) -> str:
    return " ".join(f"{person.given_name} {person.family_name}".split())


def unmuted(kinds: Sequence[Kind], settings: NotificationSettings) -> list[Kind]:
    """Those of the kinds that the person did not mute."""
    return [kind for kind in kinds if kind not in settings.muted_kinds]
