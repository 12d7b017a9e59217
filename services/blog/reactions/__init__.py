"""What blog does when others' events arrive."""

from services.blog.reactions.groups import Groups
from services.blog.reactions.moderation import Moderation
from services.blog.reactions.people import People

__all__ = ["Groups", "Moderation", "People"]
