"""What may be passed on, and to whom: a reshare never reaches somebody for whom the original was not meant."""

from chassis.problems import NotAllowed, WrongState
from services.feed.domain.posts import Audience, Post


def check_reshare(original: Post, meant_for: Audience, audience: Audience) -> None:
    """Whether a post may be passed on to an audience; `meant_for` is that of the original's root.

    What is for a group stays in the group, and what is for certain kinds of worker stays with those or some of them.
    """
    if original.delete_time is not None:
        raise WrongState("POST_DELETED", "A deleted post cannot be reshared.")
    if meant_for.group is not None and audience.group != meant_for.group:
        sentence = "What was written in a group can be reshared in that group alone."
        raise NotAllowed("GROUP_ONLY", sentence, field="post.audience.group")
    if meant_for.kinds and not (audience.kinds and set(audience.kinds) <= set(meant_for.kinds)):
        sentence = "What is for certain kinds of worker can be reshared to those or fewer."
        raise NotAllowed("AUDIENCE_TOO_WIDE", sentence, field="post.audience.kinds")
