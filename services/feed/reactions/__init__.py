"""What feed does when others' events arrive, and its own."""

from services.feed.reactions.fan_out import FanOut
from services.feed.reactions.inbox import Inbox
from services.feed.reactions.links import Links
from services.feed.reactions.people import People

__all__ = ["FanOut", "Inbox", "Links", "People"]
