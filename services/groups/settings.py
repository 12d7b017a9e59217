"""What groups reads from its environment."""

from pydantic import Field

from chassis.settings import Settings


class GroupsSettings(Settings):
    """docs/operating.md describes each."""

    media_url: str = Field(pattern="^(file|s3)://.")
    groups_owned_per_person: int = Field(50, ge=1)
    groups_founded_per_day: int = Field(10, ge=1)
    group_undelete_days: float = Field(30, ge=0)
    group_files_megabytes: int = Field(5 * 1024, ge=1)
    group_events_per_day: int = Field(20, ge=1)
    file_scanner: str = Field("", pattern="^(clamd://.+:[0-9]+|clamd:/.+|command:.+)?$")
    file_scan_seconds: float = Field(120, gt=0, le=900)
