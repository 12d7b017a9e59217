"""What groups does when others' events arrive."""

from services.groups.reactions.attendances import Attendances
from services.groups.reactions.moderation import Moderation
from services.groups.reactions.people import People

__all__ = ["Attendances", "Moderation", "People"]
