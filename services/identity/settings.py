"""The settings that only identity reads."""

from pathlib import Path

from pydantic import Field

from chassis.settings import MailSettings


class IdentitySettings(MailSettings):
    """docs/operating.md describes each."""

    signing_keys_dir: Path
    access_token_seconds: int = Field(300, ge=30, le=3600)
    session_days: int = Field(30, ge=1, le=400)
    link_hours: int = Field(72, ge=1, le=720)
