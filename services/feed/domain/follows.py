"""Who may follow whom."""

from uuid import UUID

from chassis.problems import WrongState


def check_follow(follower: UUID, followee: UUID) -> None:
    """Nobody follows oneself."""
    if follower == followee:
        raise WrongState("FOLLOWS_ONESELF", "Your own posts are in your home already.")
