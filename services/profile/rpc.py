"""Profile's methods."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from google.api import httpbody_pb2
from plein.profile.v1 import events_pb2, profile_pb2, profile_pb2_grpc

from chassis import media, pages, viewer
from chassis.events import append
from chassis.media import Media
from chassis.problems import BadInput
from chassis.resources import Resources
from services.profile import store, wire
from services.profile.domain import MOST_QUERY_WORDS, own_fields, words

PHOTO_SIZES = (96, 400)
MOST_PHOTOS_AT_ONCE = 4

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Profiles(profile_pb2_grpc.ProfileServiceServicer):
    """Profiles, the directory and photos."""

    def __init__(self, resources: Resources) -> None:
        self.database = resources.database
        self.access = resources.access
        self.pages = resources.pages
        self.media = Media(resources.settings.media_url)

    async def GetProfile(self, request: profile_pb2.GetProfileRequest, context: Any) -> profile_pb2.Profile:
        sight = self.access.sight(viewer.person())
        async with self.database.snapshot() as tx:
            profile = await store.visible_profile(tx, sight, wire.profile_id(request.name))
        if profile is None:
            raise wire.unknown_profile(request.name)
        return wire.profile(profile, sight)

    async def BatchGetProfiles(
        self, request: profile_pb2.BatchGetProfilesRequest, context: Any
    ) -> profile_pb2.BatchGetProfilesResponse:
        sight, ids = self.access.sight(viewer.person()), wire.known_ids(request.names)
        async with self.database.snapshot() as tx:
            found = await store.visible_profiles(tx, sight, ids)
        shown = [wire.profile(found[id_], sight) for id_ in ids if id_ in found]
        return profile_pb2.BatchGetProfilesResponse(profiles=shown)

    async def UpdateProfile(self, request: profile_pb2.UpdateProfileRequest, context: Any) -> profile_pb2.Profile:
        person, asked = viewer.person(), request.profile
        own = own_fields(request.update_mask.paths, wire.own_texts(asked))
        sight = self.access.sight(person)
        async with self.database.transaction() as tx:
            seen = await store.visible_profile(tx, sight, wire.profile_id(asked.name), lock=True)
            if seen is None:
                raise wire.unknown_profile(asked.name)
            profile = seen.told_by(person, asked.etag, own, now())
            if profile.version > seen.version:
                await store.save_own(tx, profile)
                await append(tx, profile.name, profile.version, events_pb2.ProfileChanged(profile=profile.name))
        return wire.profile(profile, sight)

    async def SearchProfiles(
        self, request: profile_pb2.SearchProfilesRequest, context: Any
    ) -> profile_pb2.SearchProfilesResponse:
        sight, size = self.access.sight(viewer.person()), pages.size(request, 20, 100)
        after = wire.place(self.pages.position(request))
        typed = words(request.query)[:MOST_QUERY_WORDS]
        if request.query.strip() and not typed:
            return profile_pb2.SearchProfilesResponse()
        async with self.database.snapshot() as tx:
            if typed:
                found = await store.visible_found(tx, sight, typed, request.department, after, size + 1)
            else:
                found = await store.visible_listed(tx, sight, request.department, after, size + 1)
        shown = [wire.profile(profile, sight) for _, profile in found[:size]]
        answer = profile_pb2.SearchProfilesResponse(profiles=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.position(found[size - 1][0]))
        return answer

    async def GetPhoto(self, request: profile_pb2.GetPhotoRequest, context: Any) -> httpbody_pb2.HttpBody:
        sight = self.access.sight(viewer.person())
        person, photo = wire.photo_id(request.name)
        async with self.database.snapshot() as tx:
            visible = await store.photo_visible(tx, sight, person, photo)
        if not visible:
            raise wire.unknown_photo(request.name)
        return httpbody_pb2.HttpBody(content_type=media.CONTENT_TYPE, data=await self.media.content(photo))

    async def ImportPhotos(
        self, request_iterator: AsyncIterator[profile_pb2.ImportPhotosRequest], context: Any
    ) -> AsyncIterator[profile_pb2.ImportPhotosResponse]:
        async for answer in as_answered(request_iterator, self._photo_imported, MOST_PHOTOS_AT_ONCE):
            yield answer

    async def _photo_imported(self, request: profile_pb2.ImportPhotosRequest) -> profile_pb2.ImportPhotosResponse:
        answer = profile_pb2.ImportPhotosResponse(person=request.person)
        try:
            answer.changed = await self._import_photo(wire.person_id(request.person), request.image)
        except BadInput as problem:
            answer.reason = problem.sentence
        return answer

    async def _import_photo(self, person: UUID, image: bytes) -> bool:
        digest = sha256(image).digest()
        async with self.database.snapshot() as tx:
            if await store.photo_digest(tx, person) == digest:
                return False
        small, large = [await self.media.keep(made) for made in await media.squares(image, PHOTO_SIZES, "image")]
        async with self.database.transaction() as tx:
            version = await store.put_photo(tx, person, digest, small, large, now())
            if version is not None:
                name = f"profiles/{person}"
                await append(tx, name, version, events_pb2.PhotoChanged(profile=name))
        return True


async def as_answered(
    requests: AsyncIterator[Request], answer: Callable[[Request], Awaitable[Answer]], most: int
) -> AsyncIterator[Answer]:
    """Answers to a stream, each as soon as it is there, since a sender may wait for it before it sends more.

    At most `most` requests are at work; the others wait in the sender's hands. The first error ends it all.
    """
    answers: asyncio.Queue[Answer | None] = asyncio.Queue()
    room = asyncio.Semaphore(most)

    async def work(request: Request) -> None:
        answers.put_nowait(await answer(request))
        room.release()

    async def read() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                async for request in requests:
                    await room.acquire()
                    group.create_task(work(request))
        finally:
            answers.put_nowait(None)

    reader = asyncio.create_task(read())
    try:
        while (answered := await answers.get()) is not None:
            yield answered
        await reader
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        reader.cancel()


def now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
