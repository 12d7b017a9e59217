"""What was reported with images is judged as it was, also when they are gone."""

from asyncio import timeout
from dataclasses import dataclass, field

import pytest
from google.api import httpbody_pb2
from plein.feed.v1 import media_pb2
from plein.moderation.v1 import cases_pb2
from plein.profile.v1 import profile_pb2

from chassis.problems import NotFound
from chassis.testing import World
from services.moderation.service import SERVICE
from tests.conftest import Start
from tests.moderation.caller import Meet, refused
from tests.moderation.judging import Judge
from tests.moderation.owners import Shelf

IMAGE, PHOTO = "/plein.feed.v1.MediaService/GetImageContent", "/plein.profile.v1.ProfileService/GetPhoto"


@dataclass
class Album:
    """The images that feed and profile have."""

    images: dict[str, bytes] = field(default_factory=dict)

    def content(self, request: media_pb2.GetImageContentRequest) -> httpbody_pb2.HttpBody:
        if request.name not in self.images:
            raise NotFound("IMAGE_NOT_FOUND", "There is no {name}.", name=request.name)
        return httpbody_pb2.HttpBody(content_type="image/webp", data=self.images[request.name])


@pytest.fixture(scope="module")
def album() -> Album:
    return Album()


@pytest.fixture(scope="module")
async def world(start: Start, shelf: Shelf, album: Album) -> World:
    pictures = {
        IMAGE: (media_pb2.GetImageContentRequest, album.content),
        PHOTO: (profile_pb2.GetPhotoRequest, album.content),
    }
    return await start(SERVICE, {**shelf.answers, **pictures})


async def kept(judge: Judge, case: str, count: int) -> list[str]:
    """The names of the images, once there are so many."""
    async with timeout(10):
        while len(names := [name for one in (await judge.file(case)).snapshots for name in one.kept_images]) < count:
            pass
    return names


async def seen(judge: Judge, name: str) -> bytes:
    return bytes((await judge.cases.GetCaseImage(cases_pb2.GetCaseImageRequest(name=name))).data)


async def test_images_are_kept_as_they_were(meet: Meet, shelf: Shelf, album: Album) -> None:
    ada, bob = await meet("ada", "bob")
    (mia,) = await meet("mia", roles=["moderator"])
    album.images |= {"images/1/sizes/large": b"one", "images/2/sizes/large": b"two"}
    post = shelf.put(ada, images=["images/1", "images/2", "images/gone"])
    await bob.report(post)
    judge = Judge(mia)
    case = await judge.about(post)
    names = await kept(judge, case.name, 2)
    album.images.clear()
    assert [await seen(judge, name) for name in names] == [b"one", b"two"]


async def test_a_photo_is_kept_too(meet: Meet, shelf: Shelf, album: Album) -> None:
    ada, bob = await meet("ada", "bob")
    (mia,) = await meet("mia", roles=["moderator"])
    photo = f"profiles/{ada.id}/photos/1"
    album.images[photo] = b"face"
    subject = shelf.put(ada, name=f"{ada.name}/photo", images=[photo])
    await bob.report(subject)
    judge = Judge(mia)
    [name] = await kept(judge, (await judge.about(subject)).name, 1)
    assert await seen(judge, name) == b"face"


async def test_who_is_concerned_does_not_see_them(meet: Meet, shelf: Shelf, album: Album) -> None:
    ada, rob, mia = await meet("ada", "rob", "mia", roles=["moderator"])
    album.images["images/3/sizes/large"] = b"three"
    post = shelf.put(ada, images=["images/3"])
    await rob.report(post)
    case = await Judge(mia).about(post)
    [name] = await kept(Judge(mia), case.name, 1)
    for concerned in (ada, rob):
        assert (await refused(seen(Judge(concerned), name))).code == "NOT_FOUND"
    assert (await refused(seen(Judge(mia), f"{case.name}/images/nonsense"))).code == "NOT_FOUND"
