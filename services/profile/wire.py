"""Profile's domain as messages, identity's people as profiles, and names as ids."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from plein.chassis.v1 import audience_pb2
from plein.chassis.v1.subjects_pb2 import Subject
from plein.identity.v1 import identity_pb2
from plein.profile.v1 import events_pb2, profile_pb2

from chassis import viewer
from chassis.access import Sight
from chassis.moments import timestamp
from chassis.problems import BadInput, NotFound
from services.profile.domain import Photo, Place, Profile


def profile(domain: Profile, sight: Sight) -> profile_pb2.Profile:
    """A profile as its reader sees it: of a leaver the name alone; no manager whom the reader may not meet."""
    message = profile_pb2.Profile(
        name=domain.name, person=f"people/{domain.id}", display_name=domain.display_name, former=domain.former
    )
    if not domain.former:
        _fill(message, domain)
        if domain.manager and sight.meets(domain.manager):
            message.manager = f"people/{domain.manager}"
    return message


def _fill(message: profile_pb2.Profile, domain: Profile) -> None:
    message.handle = domain.handle
    message.kind = audience_pb2.WorkerKind.ValueType(domain.kind)
    message.employer = domain.employer
    message.department = domain.department
    message.title = domain.title
    message.location = domain.location
    message.phone = domain.phone
    message.email = domain.email
    message.headline = domain.headline
    message.about = domain.about
    message.small_photo = _photo(domain, domain.small_photo)
    message.large_photo = _photo(domain, domain.large_photo)
    message.create_time.CopyFrom(timestamp(domain.create_time))
    message.update_time.CopyFrom(timestamp(domain.update_time))
    message.etag = domain.etag


def from_identity(person: identity_pb2.Person, now: datetime) -> Profile:
    """What HR knows of a person, as a profile in which the person did not tell anything yet."""
    return Profile(
        id=_uuid(person.name, "people/"),
        handle=person.handle,
        given_name=person.given_name,
        family_name=person.family_name,
        kind=person.kind,
        employer=person.employer,
        department=person.department,
        title=person.title,
        manager=_uuid(person.manager, "people/") if person.manager else None,
        location=person.location,
        phone=person.phone,
        email=person.email,
        former=person.status == identity_pb2.PERSON_STATUS_DEPARTED,
        create_time=now,
        update_time=now,
    )


def told(id_: UUID, version: int) -> tuple[str, int, Message]:
    """What the log tells when HR's part of a profile came or changed."""
    name = f"profiles/{id_}"
    created = version == 1
    return name, version, (events_pb2.ProfileCreated if created else events_pb2.ProfileChanged)(profile=name)


def photo_told(id_: UUID, version: int) -> tuple[str, int, Message]:
    """What the log tells when a profile got another photo."""
    name = f"profiles/{id_}"
    return name, version, events_pb2.PhotoChanged(profile=name)


def own_texts(message: profile_pb2.Profile) -> dict[str, str]:
    """The fields that people fill in themselves."""
    return {"headline": message.headline, "about": message.about}


def profile_id(name: str) -> UUID:
    """The id in `profiles/{profile}`; `profiles/me` is the caller's. No id at all is as unknown as nobody's."""
    if name == "profiles/me":
        return viewer.person()
    try:
        return _uuid(name, "profiles/")
    except ValueError:
        raise unknown_profile(name) from None


def known_ids(names: Sequence[str]) -> list[UUID]:
    """The ids in names that are names at all."""
    found = []
    for name in names:
        try:
            found.append(profile_id(name))
        except NotFound:
            continue
    return found


def photo_id(name: str) -> tuple[UUID, str]:
    """Whose photo it is and what it is called, in `profiles/{profile}/photos/{photo}`."""
    _, profile, _, photo = name.split("/")
    try:
        return UUID(profile), photo
    except ValueError:
        raise unknown_photo(name) from None


def person_id(name: str) -> UUID:
    """The id in `people/{person}` of whom HR sent something."""
    try:
        return _uuid(name, "people/")
    except ValueError:
        raise BadInput("BAD_PERSON", "{name} is no person.", field="person", name=name) from None


def known_people(names: Iterable[str]) -> list[UUID]:
    """The ids in names of people that are names at all."""
    found = []
    for name in names:
        try:
            found.append(person_id(name))
        except BadInput:
            continue
    return found


def position(place: Place) -> bytes:
    """Where a list of people goes on."""
    return place.rank.to_bytes(2, "big") + place.id.bytes + place.sort_name.encode()


def place(packed: bytes | None) -> Place | None:
    """The inverse of `position`."""
    if packed is None:
        return None
    return Place(int.from_bytes(packed[:2], "big"), packed[18:].decode(), UUID(bytes=packed[2:18]))


class SubjectName(NamedTuple):
    """What of a person can be reported: the photo, or what the person tells."""

    person: UUID
    photo: bool


def subject_name(name: str) -> SubjectName | None:
    """What `people/{person}` or `people/{person}/photo` names, or None for what is no such name."""
    collection, _, rest = name.partition("/")
    person, _, part = rest.partition("/")
    try:
        return SubjectName(UUID(person), bool(part)) if collection == "people" and part in ("", "photo") else None
    except ValueError:
        return None


def texts_subject(domain: Profile) -> Subject:
    """What a person tells, as moderation sees it."""
    told = [domain.headline, domain.about]
    return _subject(
        domain,
        f"people/{domain.id}",
        text="\n".join(text for text in told if text),
        revision=sha256("\0".join(told).encode()).hexdigest()[:32],
        create_time=timestamp(domain.create_time),
        update_time=timestamp(domain.update_time),
        hidden=domain.hidden,
        removed=domain.removed,
    )


def photo_subject(domain: Profile, photo: Photo) -> Subject:
    """Somebody's photo, as moderation sees it."""
    made = timestamp(photo.import_time)
    return _subject(
        domain,
        f"people/{domain.id}/photo",
        images=[_photo(domain, photo.large)],
        revision=photo.digest.hex()[:32],
        create_time=made,
        update_time=made,
        hidden=photo.hidden,
        removed=photo.removed,
        parent=f"people/{domain.id}",
    )


def _subject(domain: Profile, name: str, **shown: Any) -> Subject:
    person = f"people/{domain.id}"
    return Subject(name=name, author=person, root=person, title=domain.display_name, **shown)


def unknown_profile(name: str) -> NotFound:
    return NotFound("PROFILE_NOT_FOUND", "There is no {name} that you can see.", name=name)


def unknown_photo(name: str) -> NotFound:
    return NotFound("PHOTO_NOT_FOUND", "There is no {name} that you can see.", name=name)


def _uuid(name: str, collection: str) -> UUID:
    return UUID(name.removeprefix(collection))


def _photo(domain: Profile, photo: str) -> str:
    return f"{domain.name}/photos/{photo}" if photo else ""
