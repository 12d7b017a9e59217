"""Erasing people: what is left of somebody is nothing, or words of a former colleague."""

from uuid import UUID

# The version of an id that an application makes by rules of its own (RFC 9562); people's ids are of others.
_OWN_VERSION = 8


def stand_in(chance: UUID) -> UUID:
    """Who stands in for a person who was erased: nobody, and for each person another one."""
    return UUID(int=chance.int & ~(0xF << 76) | _OWN_VERSION << 76)


def is_stand_in(person: UUID) -> bool:
    """Whether an author is one who was erased."""
    return person.version == _OWN_VERSION
