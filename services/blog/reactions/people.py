"""What blog does when identity tells of people."""

from chassis.audience import AccessReactions


class People(AccessReactions):
    """Keeps what decides who may see what."""
