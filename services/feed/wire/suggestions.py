"""Suggestions as messages."""

from uuid import UUID

from plein.feed.v1 import relations_pb2

from services.feed.domain.suggestions import Suggestion


def suggested(suggestion: Suggestion) -> relations_pb2.SuggestedPerson:
    """Somebody whom the caller may want to follow, and why."""
    return relations_pb2.SuggestedPerson(
        person=f"people/{suggestion.person}",
        followed_by_count=suggestion.followed_by_count,
        followed_by=[f"people/{person}" for person in suggestion.followed_by],
        shared_groups=[f"groups/{group}" for group in suggestion.shared_groups],
        shared_tags=[f"tags/{tag}" for tag in suggestion.shared_tags],
        same_department=suggestion.same_department,
    )


def suggestion_position(suggestion: Suggestion) -> bytes:
    """Where a list of suggestions goes on."""
    return suggestion.strength.to_bytes(8, "big") + suggestion.person.bytes


def strength_and_person(packed: bytes | None) -> tuple[int, UUID] | None:
    """The inverse of `suggestion_position`."""
    return None if packed is None else (int.from_bytes(packed[:8], "big"), UUID(bytes=packed[8:]))
