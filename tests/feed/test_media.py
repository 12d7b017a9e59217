"""Images come in clean, are in one post of who brought them, are seen by whoever sees it, and go with it."""

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import grpc
import pytest
import sqlalchemy as sa
from google.api import httpbody_pb2
from PIL import Image
from plein.feed.v1 import media_pb2

from chassis.media import Media
from chassis.testing import World
from services.feed.domain import images as rules
from services.feed.jobs.images import remove_due
from services.feed.tables.media import images as table
from tests.feed.caller import Caller, Meet, refused
from tests.feed.pictures import api, content, file_of, illustrated, stored, uploaded

UNKNOWN_IMAGE = "images/01993e54-0000-7000-8000-000000000000"


async def removed(world: World) -> None:
    """Does what is done by the clock, beside the job of the service itself."""
    resources = world.server.resources
    await remove_due(resources.database, Media(resources.settings.media_url, "feed"))


async def later(world: World, image: str, **ago: float) -> None:
    """Lets an image have come so long before."""
    changed = sa.update(table).where(table.c.id == image.removeprefix("images/"))
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(changed.values(remove_time=table.c.remove_time - timedelta(**ago)))


async def test_an_image_comes_in_small_clean_and_in_two_sizes(meet: Meet) -> None:
    [ada] = await meet("ada")
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    image = await uploaded(ada, file_of("red", (3200, 1000), exif=exif))
    assert (image.width, image.height) == (1600, 500)
    left = image.expire_time.ToDatetime(UTC) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(days=1)
    for size, expected in {"large": (1600, 500), "small": (480, 150)}.items():
        made = await content(ada, image.name, size)
        assert b"Secret" not in made
        with Image.open(BytesIO(made)) as opened:
            assert (opened.format, opened.size) == ("WEBP", expected)


@pytest.mark.parametrize("file", [b"", b"%PDF-1.7 no image", file_of()[:200]])
async def test_what_is_no_image_is_refused(meet: Meet, file: bytes) -> None:
    [ada] = await meet("ada")
    refusal = await refused(uploaded(ada, file))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("file",))


async def test_an_image_of_more_than_five_mebibytes_is_refused(meet: Meet) -> None:
    [ada] = await meet("ada")
    refusal = await refused(uploaded(ada, file_of() + bytes(5 * 1024 * 1024)))
    assert (refusal.reason, refusal.fields) == ("IMAGE_TOO_LARGE", ("file",))


async def test_the_content_type_of_the_file_decides_nothing(meet: Meet) -> None:
    [ada] = await meet("ada")
    file = httpbody_pb2.HttpBody(content_type="text/html", data=file_of("red", kind="PNG"))
    assert await api(ada).UploadImage(media_pb2.UploadImageRequest(file=file))


async def test_the_same_request_twice_brings_one_image(meet: Meet) -> None:
    [ada] = await meet("ada")
    request_id = str(uuid4())
    first, second = await asyncio.gather(*(uploaded(ada, request_id=request_id) for _ in range(2)))
    assert first == second
    other = await refused(uploaded(ada, file_of("blue"), request_id))
    assert other.reason == "REQUEST_ID_USED"


async def test_nobody_stores_images_for_later(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    [ada, bob] = await meet("ada", "bob")
    monkeypatch.setattr(rules, "MOST_UNUSED", 2)
    first, _ = await uploaded(ada), await uploaded(ada)
    assert (await refused(uploaded(ada))).code == "RESOURCE_EXHAUSTED"
    await uploaded(bob)
    await illustrated(ada, first.name)
    await uploaded(ada)


async def test_a_post_shows_its_images_in_their_order_without_a_text(meet: Meet) -> None:
    [ada, bob] = await meet("ada", "bob")
    await bob.follow(ada)
    images = [await uploaded(ada, file_of("red", (200, 100 + number))) for number in range(4)]
    post = await illustrated(ada, *(image.name for image in images), alt_text=" Een rood vlak ")
    shown = [(image.image, image.width, image.height, image.alt_text) for image in post.images]
    assert shown == [(image.name, 200, image.height, "Een rood vlak") for image in images]
    assert await bob.read(post.name) == post
    assert [found for found in await bob.home() if found.name == post.name] == [post]


async def test_a_post_needs_a_text_or_an_image_and_has_four_at_most(meet: Meet) -> None:
    [ada] = await meet("ada")
    assert (await refused(illustrated(ada))).reason == "EMPTY_POST"
    names = [(await uploaded(ada)).name for _ in range(5)]
    assert (await refused(illustrated(ada, *names))).fields == ("post.images",)


async def test_only_who_brought_an_image_can_show_it(meet: Meet) -> None:
    [ada, bob] = await meet("ada", "bob")
    own, others = (await uploaded(bob)).name, (await uploaded(ada)).name
    theirs = await refused(illustrated(bob, own, others, text="Kijk"))
    assert (theirs.code, theirs.reason, theirs.fields) == (
        "INVALID_ARGUMENT",
        "UNKNOWN_IMAGE",
        ("post.images[1].image",),
    )
    for unknown in (UNKNOWN_IMAGE, "images/nothing"):
        nothing = await refused(illustrated(bob, own, unknown, text="Kijk"))
        assert nothing.without(unknown) == theirs.without(others)
    assert (await illustrated(bob, own)).images[0].image == own


async def test_an_image_is_in_one_post(meet: Meet) -> None:
    [ada] = await meet("ada")
    shown, fresh = (await uploaded(ada)).name, (await uploaded(ada)).name
    await illustrated(ada, shown)
    again = await refused(illustrated(ada, fresh, shown))
    assert (again.reason, again.fields) == ("IMAGE_IN_USE", ("post.images[1].image",))
    twice = await refused(illustrated(ada, fresh, fresh))
    assert (twice.reason, twice.fields) == ("IMAGE_IN_USE", ("post.images[1].image",))
    await illustrated(ada, fresh)


async def test_of_posts_that_want_the_same_image_at_once_one_gets_it(meet: Meet) -> None:
    [ada] = await meet("ada")
    one, two = (await uploaded(ada)).name, (await uploaded(ada)).name
    asked = [illustrated(ada, *pair) for pair in [(one, two), (two, one)] * 4]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len([answer for answer in answers if not isinstance(answer, BaseException)]) == 1


async def unseen(caller: Caller, image: str, size: str = "large") -> Any:
    """How the caller is refused, without the name."""
    refusal = await refused(content(caller, image, size))
    assert refusal.code == "NOT_FOUND"
    return refusal.without(f"{image}/sizes/{size}")


async def test_an_image_is_seen_by_whoever_sees_its_post(meet: Meet, world: World) -> None:
    [ada, bob, yusuf] = await meet("ada", "bob", "yusuf")
    await world.access(yusuf.person, kind="EXTERNAL")
    image = (await uploaded(ada)).name
    for other in (bob, yusuf):
        assert await unseen(other, image) == await unseen(other, UNKNOWN_IMAGE)
    assert await content(ada, image)
    await illustrated(ada, image, kinds=["EMPLOYEE"])
    assert await content(bob, image) == await content(ada, image)
    assert await unseen(yusuf, image, "small") == await unseen(yusuf, UNKNOWN_IMAGE)
    for size in ("medium", "", "width"):
        if size:
            assert await unseen(ada, image, size) == await unseen(ada, UNKNOWN_IMAGE)


async def test_an_image_of_a_reply_is_decided_on_the_root(meet: Meet, world: World) -> None:
    [ada, bob] = await meet("ada", "bob")
    [yusuf] = await meet("yusuf", kind="EXTERNAL")
    root = await ada.post(kinds=["EMPLOYEE"])
    image = (await uploaded(bob)).name
    reply = await illustrated(bob, image, reply_to=root.name)
    assert reply.images[0].image == image
    assert await content(ada, image)
    assert await unseen(yusuf, image) == await unseen(yusuf, UNKNOWN_IMAGE)


async def test_an_image_behind_a_barrier_is_as_no_image(meet: Meet, world: World) -> None:
    [ada] = await meet("ada", segments=["network"])
    [sanne] = await meet("sanne", segments=["retail"])
    image = (await uploaded(ada)).name
    await illustrated(ada, image)
    assert await content(sanne, image)
    await world.bar(("network", "retail"))
    assert await unseen(sanne, image) == await unseen(sanne, UNKNOWN_IMAGE)
    await world.bar()


async def test_a_browser_may_keep_an_image_for_its_owner_alone(meet: Meet) -> None:
    [ada] = await meet("ada")
    image = (await uploaded(ada)).name
    call = api(ada).GetImageContent(media_pb2.GetImageContentRequest(name=f"{image}/sizes/small"))
    await call
    assert dict(await call.initial_metadata())["cache-control"].startswith("private, ")
    denied = api(ada).GetImageContent(media_pb2.GetImageContentRequest(name=f"{UNKNOWN_IMAGE}/sizes/small"))
    with pytest.raises(grpc.aio.AioRpcError):
        await denied
    assert "cache-control" not in dict(await denied.initial_metadata())


async def test_an_image_in_no_post_is_gone_after_a_day(meet: Meet, world: World) -> None:
    [ada] = await meet("ada")
    await tidied(world)
    before = stored(world)
    old, young, shown = [(await uploaded(ada, file_of(colour))).name for colour in ("teal", "navy", "pink")]
    await illustrated(ada, shown)
    await later(world, old, days=1)
    await later(world, young, hours=23)
    assert await unseen(ada, old) == await unseen(ada, UNKNOWN_IMAGE)
    assert (await refused(illustrated(ada, old))).reason == "IMAGE_IN_USE"
    kept = await content(ada, young), await content(ada, shown)
    await let_checks_be_due(world)
    await asyncio.gather(*(removed(world) for _ in range(3)))
    assert await unseen(ada, old) == await unseen(ada, UNKNOWN_IMAGE)
    assert (await content(ada, young), await content(ada, shown)) == kept
    assert len(stored(world)) == len(before) + 2


async def let_checks_be_due(world: World) -> None:
    """Lets what was stored a moment ago have been stored an hour before."""
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text("UPDATE image_contents SET check_time = now() WHERE check_time IS NOT NULL"))


async def tidied(world: World) -> None:
    """Removes all that is stored and shown by nothing, be it a moment old."""
    await let_checks_be_due(world)
    await removed(world)


async def test_the_images_of_a_deleted_post_are_gone_at_once_and_then_removed(meet: Meet, world: World) -> None:
    [ada, bob] = await meet("ada", "bob")
    await tidied(world)
    before = stored(world)
    image = (await uploaded(ada, file_of("olive"))).name
    post = await illustrated(ada, image, text="Weg ermee")
    await ada.post(reply_to=post.name)
    await ada.delete(post.name)
    assert not (await bob.read(post.name)).images
    for reader in (ada, bob):
        assert await unseen(reader, image) == await unseen(reader, UNKNOWN_IMAGE)
    assert (await refused(illustrated(ada, image))).reason == "IMAGE_IN_USE"
    await tidied(world)
    assert stored(world) == before


async def test_content_stays_while_another_image_has_it(meet: Meet, world: World) -> None:
    [ada, bob] = await meet("ada", "bob")
    file = file_of("maroon", (700, 500))
    one, other = (await uploaded(ada, file)).name, (await uploaded(bob, file)).name
    post, _ = await illustrated(ada, one), await illustrated(bob, other)
    await ada.delete(post.name)
    await tidied(world)
    assert await content(ada, other, "large")
    assert await content(ada, other, "small")


async def test_what_a_crash_left_in_the_store_is_removed_an_hour_later(meet: Meet, world: World) -> None:
    [ada] = await meet("ada")
    await tidied(world)
    before = stored(world)
    image = (await uploaded(ada, file_of("indigo"))).name
    async with world.server.resources.database.transaction() as tx:  # as if it had ended before this was written
        await tx.execute(sa.delete(table).where(table.c.id == image.removeprefix("images/")))
    await removed(world)
    assert len(stored(world)) == len(before) + 1
    await tidied(world)
    assert stored(world) == before
    again = (await uploaded(ada, file_of("indigo"))).name
    assert await content(ada, again)


async def test_whoever_is_unknown_here_uploads_nothing(world: World) -> None:
    nobody = Caller(world, None)
    assert (await refused(uploaded(nobody))).code == "UNAUTHENTICATED"
    await nobody.channel.close()
