"""What groups reads from its environment."""

from pydantic import Field

from chassis.settings import Settings


class GroupsSettings(Settings):
    """docs/operating.md describes each."""

    groups_owned_per_person: int = Field(50, ge=1)
    groups_founded_per_day: int = Field(10, ge=1)
    group_undelete_days: float = Field(30, ge=0)
