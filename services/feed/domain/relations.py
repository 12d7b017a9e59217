"""What people may do with each other."""

from uuid import UUID

from chassis.problems import WrongState


def check_block(person: UUID, other: UUID) -> None:
    """Nobody blocks oneself."""
    if person == other:
        raise WrongState("BLOCKS_ONESELF", "You cannot block yourself.")
