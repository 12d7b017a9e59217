"""What moderation reads from its environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from chassis.settings import Settings

# The reasons for reports, in the words of the API.
Wrong = Literal[
    "spam",
    "harassment",
    "hate",
    "threat",
    "sexual",
    "privacy",
    "confidential",
    "impersonation",
    "illegal",
    "self_harm",
    "falsehood",
    "other",
]


class ModerationSettings(Settings):
    """docs/operating.md describes each."""

    reports_an_hour: int = Field(10, ge=1)
    reports_a_day: int = Field(30, ge=1)
    hide_after_reports: int = Field(5, ge=2)
    hide_at_once: frozenset[Wrong] = frozenset({"threat", "privacy"})
    audit_checkpoint_url: str = Field(pattern="^(file|s3)://.")
    audit_checkpoint_seconds: float = Field(60, gt=0, le=3600)
    audit_key_file: Path
    assignment_hours: int = Field(72, ge=1)
    # No shorter than misuse of reports is held against somebody.
    case_retention_days: int = Field(730, ge=90)
    report_smallest_count: int = Field(10, ge=3)
    appeal_days: int = Field(180, ge=1, le=3650)
