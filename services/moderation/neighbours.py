"""The calls that moderation makes to other services."""

from datetime import UTC, datetime
from uuid import UUID

import grpc
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.feed.v1 import media_pb2, media_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc
from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.moments import timestamp
from chassis.resources import Resources
from chassis.subjects import SUBJECT_API
from services.moderation.domain.subjects import Subject

CALLS = ("blog", "feed", "groups", "identity", "profile")

# The first part of a resource name → whose it is.
_OWNERS = {
    "articles": "blog",
    "blogs": "blog",
    "comments": "blog",
    "images": "feed",
    "groups": "groups",
    "people": "profile",
    "posts": "feed",
}
# There is nothing of that name, or its owner has nothing that can be reported.
_UNKNOWN = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED)


class Owners:
    """The services that own what is reported, asked in moderation's own name."""

    def __init__(self, resources: Resources) -> None:
        neighbours = resources.neighbours
        channels = {
            "blog": lambda: neighbours.as_service("blog", SUBJECT_API),
            "feed": lambda: neighbours.as_service("feed", SUBJECT_API),
            "groups": lambda: neighbours.as_service("groups", SUBJECT_API),
            "profile": lambda: neighbours.as_service("profile", SUBJECT_API),
        }
        # An installation can do without some of them.
        present = [name for name in channels if name in resources.settings.neighbours]
        self._stubs = {name: subjects_pb2_grpc.SubjectServiceStub(channels[name]()) for name in present}

    async def subject(self, name: str, viewer: UUID | None = None) -> Subject | None:
        """A subject as it stands, or as somebody sees it now; None when there is none, or that person sees none.

        Who answers for the group that it is in, groups alone knows.
        """
        found = await self._shown(name, viewer)
        if found is None or not found.group or found.group == found.name:
            return found
        group = await self._shown(found.group)
        return found.in_group_of(group.concerned if group else ())

    async def _shown(self, name: str, viewer: UUID | None = None) -> Subject | None:
        name = _reported_name(name)
        stub = self._stubs.get(_OWNERS.get(name.partition("/")[0], ""))
        if stub is None:
            return None
        request = subjects_pb2.GetSubjectRequest(name=name, viewer=f"people/{viewer}" if viewer else "")
        try:
            return _subject(await stub.GetSubject(request, timeout=2))
        except grpc.aio.AioRpcError as error:
            if error.code() not in _UNKNOWN:
                raise
            return None


def _reported_name(name: str) -> str:
    """What is reported: of a profile or a photo whose name people see, the person's."""
    match name.split("/"):
        case ["profiles", person]:
            return f"people/{person}"
        case ["profiles", person, "photos", _]:
            return f"people/{person}/photo"
    return name


def _subject(message: subjects_pb2.Subject) -> Subject:
    return Subject(
        name=message.name,
        author=_person(message.author),
        root=message.root,
        parent=message.parent,
        group=message.group,
        concerned=tuple(_person(name) for name in message.concerned),
        title=message.title,
        text=message.text,
        images=tuple(message.images),
        revision=message.revision,
        update_time=message.update_time.ToDatetime(tzinfo=UTC) if message.HasField("update_time") else None,
        hidden=message.hidden,
        removed=message.removed,
    )


def _person(name: str) -> UUID:
    return UUID(name.removeprefix("people/"))


class Pictures:
    """The services that have images, asked in moderation's own name: they show those that are hidden too."""

    def __init__(self, resources: Resources) -> None:
        neighbours = resources.neighbours
        media = media_pb2.DESCRIPTOR.services_by_name["MediaService"]
        profiles = profile_pb2.DESCRIPTOR.services_by_name["ProfileService"]
        self._feed = media_pb2_grpc.MediaServiceStub(neighbours.as_service("feed", media))
        self._profile = profile_pb2_grpc.ProfileServiceStub(neighbours.as_service("profile", profiles))

    async def content(self, image: str) -> tuple[str, bytes] | None:
        """The content type and the bytes of an image, or None when there is none of that name."""
        try:
            if image.startswith("images/"):
                asked = media_pb2.GetImageContentRequest(name=f"{image}/sizes/large")
                found = await self._feed.GetImageContent(asked, timeout=2)
            elif image.startswith("profiles/"):
                found = await self._profile.GetPhoto(profile_pb2.GetPhotoRequest(name=image), timeout=2)
            else:
                return None
        except grpc.aio.AioRpcError as error:
            if error.code() not in _UNKNOWN:
                raise
            return None
        return found.content_type, found.data


class Refused(Exception):
    """What identity says against keeping somebody out."""


class Identity:
    """Identity, told by moderation itself whom to keep out."""

    def __init__(self, resources: Resources) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._stub = identity_pb2_grpc.IdentityServiceStub(resources.neighbours.as_service("identity", api))

    async def hold(self, person: UUID, until: datetime | None) -> None:
        """Keeps a person out until a moment, or no more. Refused for who does not exist, or has to stay."""
        request = identity_pb2.HoldPersonRequest(name=f"people/{person}")
        if until is not None:
            request.until.CopyFrom(timestamp(until))
        try:
            await self._stub.HoldPerson(request, timeout=1)
        except grpc.aio.AioRpcError as error:
            if error.code() not in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION):
                raise
            raise Refused(error.details()) from error
