"""What moderation does when others' events arrive."""

from chassis.audience import AccessReactions


class People(AccessReactions):
    """Keeps who may come in, and who must not meet whom."""
