"""What feed does when others' events arrive, and its own."""

from services.feed.reactions.fan_out import FanOut

__all__ = ["FanOut"]
