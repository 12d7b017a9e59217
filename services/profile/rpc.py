"""Profile's methods."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from google.api import httpbody_pb2
from plein.chassis.v1.subjects_pb2 import Subject
from plein.profile.v1 import events_pb2, profile_pb2, profile_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import media, pages, viewer
from chassis.access import Sight
from chassis.events import append, append_many
from chassis.media import Media
from chassis.problems import BadInput
from chassis.resources import Resources
from services.profile import store, wire
from services.profile.domain import MOST_QUERY_WORDS, Photo, own_fields, words

PHOTO_SIZES = (96, 400)
# One transaction takes in so many photos; while it runs, the images of the next are made.
MOST_PHOTOS_AT_ONCE = 16
MOST_BYTES_AT_ONCE = 4 * 1024 * 1024
BATCHES_AT_ONCE = 3
# How long a batch waits for another photo.
PAUSE_SECONDS = 0.005

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
        person, photo = wire.photo_id(request.name)
        async with self.database.snapshot() as tx:
            if viewer.current().service:
                kept = await store.photo_as_it_stands(tx, person)
                visible = kept is not None and photo in (kept.small, kept.large)
            else:
                visible = await store.photo_visible(tx, self.access.sight(viewer.person()), person, photo)
        if not visible:
            raise wire.unknown_photo(request.name)
        return httpbody_pb2.HttpBody(content_type=media.CONTENT_TYPE, data=await self.media.content(photo))

    async def ImportPhotos(
        self, request_iterator: AsyncIterator[profile_pb2.ImportPhotosRequest], context: Any
    ) -> AsyncIterator[profile_pb2.ImportPhotosResponse]:
        async for answers in as_answered(arrived(request_iterator), self._photos_imported, BATCHES_AT_ONCE):
            for answer in answers:
                yield answer

    async def _photos_imported(
        self, requests: Sequence[profile_pb2.ImportPhotosRequest]
    ) -> list[profile_pb2.ImportPhotosResponse]:
        answers = [profile_pb2.ImportPhotosResponse(person=request.person) for request in requests]
        async with self.database.snapshot() as tx:
            digests = await store.photo_digests(tx, wire.known_people(request.person for request in requests))
        turns = zip(requests, answers, strict=True)
        made = await asyncio.gather(*(self._photo_made(request, answer, digests) for request, answer in turns))
        if photos := [photo for photo in made if photo]:
            async with self.database.transaction() as tx:
                changed = await store.put_photos(tx, photos, now())
                await append_many(tx, [wire.photo_told(id_, version) for id_, version in changed])
        return answers

    async def _photo_made(
        self,
        request: profile_pb2.ImportPhotosRequest,
        answer: profile_pb2.ImportPhotosResponse,
        digests: Mapping[UUID, bytes],
    ) -> Photo | None:
        """The photo, its images stored; None when it is the one that is there or, as the answer says, a bad one."""
        try:
            person, digest = wire.person_id(request.person), sha256(request.image).digest()
            if digests.get(person) == digest:
                return None
            images = await media.squares(request.image, PHOTO_SIZES, "image")
        except BadInput as problem:
            answer.reason = problem.sentence
            return None
        small, large = [await self.media.keep(image) for image in images]
        answer.changed = True
        return Photo(person, digest, small, large, now())


async def subject(tx: AsyncConnection, name: str, sight: Sight | None) -> Subject | None:
    """What a person tells, or the person's photo; for others it is gone with a person who left."""
    named = wire.subject_name(name)
    profile = await store.as_it_stands(tx, named.person) if named else None
    if named is None or profile is None or (sight is not None and (profile.former or not sight.meets(profile.id))):
        return None
    if not named.photo:
        return wire.texts_subject(profile)
    photo = await store.photo_as_it_stands(tx, named.person)
    return wire.photo_subject(profile, photo) if photo else None


async def arrived(
    requests: AsyncIterator[profile_pb2.ImportPhotosRequest],
) -> AsyncIterator[list[profile_pb2.ImportPhotosRequest]]:
    """Photos as they come, some at once; never waits long, since a sender may want an answer before it sends more."""
    coming = asyncio.ensure_future(anext(requests, None))
    try:
        while (request := await coming) is not None:
            batch, size = [], 0
            while request is not None:
                batch.append(request)
                size += len(request.image)
                coming = asyncio.ensure_future(anext(requests, None))
                if len(batch) == MOST_PHOTOS_AT_ONCE or size >= MOST_BYTES_AT_ONCE:
                    break
                await asyncio.wait([coming], timeout=PAUSE_SECONDS)
                request = coming.result() if coming.done() else None
            yield batch
    finally:
        coming.cancel()


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
