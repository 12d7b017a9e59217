"""What feed reads from its environment."""

from pydantic import Field

from chassis.settings import Settings


class FeedSettings(Settings):
    """docs/operating.md describes each."""

    # Up to here pushing is cheaper than asking for one list more at every reading.
    merge_at_read_followers: int = Field(50_000, ge=1)
