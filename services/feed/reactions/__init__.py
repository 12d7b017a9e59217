"""What feed does when others' events arrive, and its own."""

from services.feed.reactions.blog import Blog
from services.feed.reactions.fan_out import FanOut
from services.feed.reactions.groups import Groups
from services.feed.reactions.inbox import Inbox
from services.feed.reactions.moderation import Moderation
from services.feed.reactions.outcomes import Outcomes
from services.feed.reactions.people import People

__all__ = ["Blog", "FanOut", "Groups", "Inbox", "Moderation", "Outcomes", "People"]
