"""What feed reads from its environment."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from chassis.settings import MailSettings

Sort = Literal["like", "heart", "celebrate", "laugh", "think", "sad"]


class FeedSettings(MailSettings):
    """docs/operating.md describes each."""

    media_url: str = Field(pattern="^(file|s3)://.")
    link_previews: bool = True
    link_preview_allowed_hosts: tuple[str, ...] = ()
    link_preview_seconds: float = Field(5, gt=0, le=30)
    link_preview_hours: float = Field(24, gt=0, le=24 * 365)
    # Up to here pushing is cheaper than asking for one list more at every reading.
    merge_at_read_followers: int = Field(50_000, ge=1)
    # Of all that there are, in the words of the API.
    reactions: frozenset[Sort] = Field(frozenset(get_args(Sort)), min_length=1)
    # What rises is asked often, costs a look at 15 days of posts, and is no other a minute later.
    trend_seconds: int = Field(180, ge=0, le=3600)
    webhook_allowed_hosts: tuple[str, ...] = ()
    push_allowed_hosts: tuple[str, ...] = ()
    vapid_key_file: Path | None = None
    # The edge cuts off a stream that is silent for 75 seconds.
    live_heartbeat_seconds: float = Field(20, ge=0.5, le=25)
