"""What may become a post."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, WrongState
from services.feed.domain.polls import Poll
from services.feed.domain.posts import EVERYONE, Audience, Image, Mention, Post
from services.feed.domain.texts import Text, recognised

ANNOUNCERS = frozenset({"editor", "community-manager", "administrator"})


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody would write, checked as far as that goes without knowing what stands above it.

    Because of the filters `held_by` moderators have to judge it before others see it.
    """

    content: Text
    audience: Audience = EVERYONE
    reply_rule: int = 0
    poll: Poll | None = None
    announcement: bool = False
    held_by: tuple[UUID, ...] = ()

    def by(
        self,
        author: UUID,
        post_id: UUID,
        now: datetime,
        people: Mapping[str, UUID],
        parent: Post | None = None,
        *,
        original: Post | None = None,
        images: tuple[Image, ...] = (),
    ) -> Post:
        """The post; `people` are those behind the handles. A reply has its root's audience and no own."""
        self._check(parent, now)
        return Post(
            id=post_id,
            author=author,
            text=self.content.text,
            root=parent.root if parent else post_id,
            reply_to=parent.id if parent else None,
            mentions=mentioned(self.content, people),
            tags=self.content.tags,
            audience=self.audience,
            reply_rule=self.reply_rule,
            reshare_of=original.id if original else None,
            images=images,
            poll=self.poll,
            announcement=self.announcement,
            hidden=bool(self.held_by),
            create_time=now,
        )

    def check_announcer(self, roles: Collection[str]) -> None:
        """Whether somebody with these roles may write it, if it is an announcement."""
        if self.announcement and ANNOUNCERS.isdisjoint(roles):
            sentence = "Only editors, community managers and administrators announce."
            raise NotAllowed("NO_ANNOUNCER", sentence, field="post.announcement")

    def _check(self, parent: Post | None, now: datetime) -> None:
        if self.poll is not None:
            self.poll.check_end(now)
        if parent is None:
            return
        if self.audience != EVERYONE:
            raise BadInput("REPLY_HAS_AUDIENCE", "A reply has the audience of its thread.", field="post.audience")
        if parent.delete_time is not None:
            raise WrongState("POST_DELETED", "A deleted post cannot be answered.")


def drafted(
    text: str,
    kinds: Sequence[int] = (),
    group: UUID | None = None,
    *,
    is_reply: bool = False,
    is_reshare: bool = False,
) -> Draft:
    """Checks a text and for whom it is."""
    draft = Draft(recognised(text), Audience(tuple(sorted(set(kinds))), group))
    return whole(draft, is_reply=is_reply, is_reshare=is_reshare)


def whole(draft: Draft, *, is_reply: bool = False, is_reshare: bool = False, has_images: bool = False) -> Draft:
    """Checks that what a post carries goes together."""
    if not draft.content.text and not has_images:
        if not is_reshare:
            raise BadInput("EMPTY_POST", "A post needs a text or an image.", field="post.text")
        _check_bare(draft, "PLAIN_RESHARE", "A reshare without a comment carries nothing else.")
    if is_reply:
        _check_bare(draft, "ROOTS_ONLY", "A reply cannot have it.")
        if is_reshare:
            raise BadInput("ROOTS_ONLY", "A reply cannot reshare.", field="post.reshare_of")
    if draft.announcement and (is_reply or draft.audience.group):
        sentence = "An announcement is no reply and is for no group."
        raise NotAllowed("NO_ANNOUNCEMENT", sentence, field="post.announcement")
    return draft


def mentioned(content: Text, people: Mapping[str, UUID]) -> tuple[Mention, ...]:
    """Whom a text mentions; a handle of nobody stays text."""
    return tuple(Mention(people[handle], handle) for handle in content.handles if handle in people)


def _check_bare(draft: Draft, reason: str, sentence: str) -> None:
    for field, is_set in (("post.poll", draft.poll is not None), ("post.reply_rule", bool(draft.reply_rule))):
        if is_set:
            raise BadInput(reason, sentence, field=field)
