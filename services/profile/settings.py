"""What profile reads from its environment."""

from pydantic import Field

from chassis.settings import Settings


class ProfileSettings(Settings):
    """Those of all services; photos have to lie somewhere."""

    media_url: str = Field(pattern="^(file|s3)://.")
