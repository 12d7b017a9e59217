"""Images stand in articles and above blogs, are seen by who sees these, and go with them."""

from io import BytesIO
from pathlib import Path
from urllib.request import url2pathname

import sqlalchemy as sa
from google.api import httpbody_pb2
from PIL import Image
from plein.blog.v1 import blog_pb2, images_pb2

from chassis.media import Media
from chassis.testing import World
from services.blog.jobs.images import remove_due
from tests.blog.caller import Caller, Meet, refused


def file_of(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


async def uploaded(caller: Caller, colour: str = "red") -> str:
    """The name of an image that the caller took in."""
    request = images_pb2.UploadArticleImageRequest(file=httpbody_pb2.HttpBody(data=file_of(colour)))
    return (await caller.images.UploadArticleImage(request)).name


async def looked_at(caller: Caller, image: str) -> httpbody_pb2.HttpBody:
    return await caller.images.GetArticleImageContent(
        images_pb2.GetArticleImageContentRequest(name=f"{image}/sizes/small")
    )


def covered(image: str, alt_text: str = "") -> blog_pb2.Cover:
    return blog_pb2.Cover(image=image, alt_text=alt_text)


async def test_an_image_is_seen_by_who_may_see_what_it_stands_in(meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    image, top = await uploaded(ada), await uploaded(ada, "blue")
    assert (await looked_at(ada, image)).content_type == "image/webp"
    blog = (await ada.begin_blog()).name
    article = await ada.begin(blog, text=f"![A map]({image})", cover=covered(top, "The sea"))
    await ada.share(article.name, bob)
    assert f'<img src="/{image}/large" alt="A map" width="64" height="48"' in (await bob.preview(article.name)).html
    for seen in (image, top):
        await looked_at(bob, seen)
        assert (await refused(looked_at(eve, seen))).code == "NOT_FOUND"
    await ada.publish(article.name)
    assert (await eve.read(article.name)).cover == blog_pb2.Cover(image=top, alt_text="The sea", width=64, height=48)
    for seen in (image, top):
        await looked_at(eve, seen)
    await ada.unpublish(article.name)
    assert (await refused(looked_at(eve, image))).code == "NOT_FOUND"


async def test_what_stands_only_in_the_draft_readers_do_not_see(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    old, new = await uploaded(ada), await uploaded(ada, "blue")
    article = await ada.write((await ada.begin_blog()).name, text=f"![Old]({old})")
    await ada.save(article.name, text=f"![New]({new})")
    await looked_at(eve, old)
    assert (await refused(looked_at(eve, new))).code == "NOT_FOUND"
    await ada.publish(article.name)
    await looked_at(eve, new)
    assert (await refused(looked_at(eve, old))).code == "NOT_FOUND"
    await looked_at(ada, old)


async def test_nobody_shows_others_images(meet: Meet) -> None:
    ada, eve = await meet("ada", "eve")
    image = await uploaded(ada)
    blog = (await eve.begin_blog()).name
    article = await eve.write(blog, text=f"![Taken]({image})")
    assert "<img" not in article.html
    refusal = await refused(eve.save(article.name, cover=covered(image)))
    assert (refusal.reason, refusal.fields) == ("UNKNOWN_IMAGE", ("draft.cover.image",))
    mine = (await ada.begin((await ada.begin_blog()).name, text=f"![Mine]({image})")).name
    other = await ada.write((await ada.begin_blog()).name, text=f"![Mine too]({image})")
    assert "<img" not in other.html
    assert "<img" in (await ada.preview(mine)).html


async def test_a_blog_shows_one_cover_to_who_sees_it(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ext] = await meet("ext", kind="EXTERNAL")
    first, second = await uploaded(ada), await uploaded(ada, "blue")
    open_one, staff = await ada.begin_blog(), await ada.begin_blog(kinds=["EMPLOYEE"])
    for blog, image in ((open_one, first), (staff, second)):
        changed = blog_pb2.Blog(name=blog.name, cover=covered(image, "Us"))
        answer = await ada.blogs.UpdateBlog(blog_pb2.UpdateBlogRequest(blog=changed))
        assert answer.cover.image == image
    await looked_at(ext, first)
    assert (await refused(looked_at(ext, second))).code == "NOT_FOUND"
    changed = blog_pb2.Blog(name=open_one.name, cover=covered(second))
    request = blog_pb2.UpdateBlogRequest(blog=changed)
    assert (await refused(ada.blogs.UpdateBlog(request))).fields == ("blog.cover.image",)


def stored(world: World) -> set[str]:
    """The names of all contents that lie in the store."""
    folder = Path(url2pathname(world.server.resources.settings.media_url.removeprefix("file://")))
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_images_go_when_nothing_shows_them(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    in_article, left_over = await uploaded(ada, "green"), await uploaded(ada, "yellow")
    article = await ada.begin((await ada.begin_blog()).name, text=f"![x]({in_article})")
    resources = world.server.resources

    async def removed() -> set[str]:
        """What the job removes from the store, as if an hour had passed."""
        before = stored(world)
        async with resources.database.transaction() as tx:
            await tx.execute(sa.text("UPDATE images SET remove_time = now() WHERE remove_time IS NOT NULL"))
            await tx.execute(sa.text("UPDATE image_contents SET check_time = now()"))
        media = Media(resources.settings.media_url, "blog")
        await remove_due(resources.database, media)
        return before - stored(world)

    await removed()
    await looked_at(ada, in_article)
    assert (await refused(looked_at(ada, left_over))).code == "NOT_FOUND"
    await ada.delete(article.name)
    assert len(await removed()) >= 1
    assert (await refused(looked_at(ada, in_article))).code == "NOT_FOUND"
