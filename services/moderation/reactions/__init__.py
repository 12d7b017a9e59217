"""What moderation does when others' events arrive."""

from chassis.audience import AccessReactions
from services.moderation.reactions.held import HeldInBlog, HeldInFeed

__all__ = ["HeldInBlog", "HeldInFeed", "People"]


class People(AccessReactions):
    """Keeps who may come in, and who must not meet whom."""
