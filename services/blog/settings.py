"""What blog reads from its environment."""

from pydantic import Field

from chassis.settings import Settings


class BlogSettings(Settings):
    """docs/operating.md describes each."""

    media_url: str = Field(pattern="^(file|s3)://.")
    comment_edit_minutes: int = Field(15, ge=0, le=24 * 60)
