"""HR's photos come in: what a thousand cost the processor, the service and who sends them together."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import date

from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.testing import World
from deploy.demo import company
from deploy.demo.faces import face
from tests.bench.figures import Figure, Figures

PHOTOS = 1000


async def measure(world: World, names: Sequence[str], found: Figures) -> None:
    """Gives a photo to the first of these people, `people/…`; then the same photos again, which changes nothing."""
    staff = company.company(PHOTOS, today=date(2026, 3, 2)).people
    photos = {name: face(person) for name, person in zip(names, staff, strict=False)}
    began, worked = time.perf_counter(), time.process_time()
    await _send(world, photos, changed=True)
    found["1,000 photos in, processor time"] = Figure(time.process_time() - worked, "s", 8)
    found["1,000 photos in"] = Figure(time.perf_counter() - began, "s")
    worked = time.process_time()
    await _send(world, photos, changed=False)
    found["the same 1,000 photos again, processor time"] = Figure(time.process_time() - worked, "s", 1)


async def _send(world: World, photos: dict[str, bytes], *, changed: bool) -> None:
    async def requests() -> AsyncIterator[profile_pb2.ImportPhotosRequest]:
        for name, image in photos.items():
            yield profile_pb2.ImportPhotosRequest(person=name, image=image)

    channel = world.channel("operator")
    answers = [answer async for answer in profile_pb2_grpc.ProfileServiceStub(channel).ImportPhotos(requests())]
    await channel.close()
    assert [answer.changed for answer in answers] == [changed] * len(photos)
