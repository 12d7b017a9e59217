"""What feed does when others' events arrive, and its own."""

from services.feed.reactions.fan_out import FanOut
from services.feed.reactions.links import Links

__all__ = ["FanOut", "Links"]
