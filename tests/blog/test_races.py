"""What several do at the same moment ends as if they had done it one after the other."""

from asyncio import gather
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from plein.blog.v1 import blog_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from tests.blog.caller import Meet, kinds_told, refusal, refused, walked


async def outcomes(*calls: Awaitable[Any]) -> list[str]:
    """The reasons of the refusals among some calls that are made at once, and "done" for the others."""
    found = await gather(*calls, return_exceptions=True)
    assert all(isinstance(one, grpc.aio.AioRpcError) for one in found if isinstance(one, BaseException))
    return sorted(refusal(one).reason if isinstance(one, grpc.aio.AioRpcError) else "done" for one in found)


async def test_of_two_owners_who_leave_at_once_one_stays(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    for _ in range(5):
        blog = (await ada.begin_blog()).name
        await ada.give_role(blog, bob, "OWNER")
        assert await outcomes(ada.take_role(blog, ada), bob.take_role(blog, bob)) == ["LAST_OWNER", "done"]
        found = await walked(ada.blogs.ListBlogAuthors, blog_pb2.ListBlogAuthorsRequest(parent=blog))
        [left] = found
        assert (await ada.read_blog(blog)).owner == left.person


async def test_nobody_begins_two_blogs_of_their_own_at_once(meet: Meet) -> None:
    [ada] = await meet("ada")
    found = await outcomes(*(ada.begin_blog("Mine", "PERSON") for _ in range(6)))
    assert found == ["TOO_MANY_BLOGS"] * 5 + ["done"]


async def test_an_article_that_several_publish_at_once_comes_out_once(world: World, meet: Meet) -> None:
    ada, ed = await meet("ada", "ed")
    blog = (await ada.begin_blog()).name
    await ada.give_role(blog, ed, "EDITOR")
    article = await ada.begin(blog)
    found = await outcomes(*(person.publish(article.name) for person in (ada, ed) * 3))
    assert found == ["NOTHING_NEW"] * 5 + ["done"]
    assert await kinds_told(world, article.name) == ["ArticlePublished"]


async def test_what_is_published_is_what_was_read_or_nothing(meet: Meet) -> None:
    [ada] = await meet("ada")
    article = await ada.begin((await ada.begin_blog()).name, text="0")
    for number in range(1, 6):
        read = (await ada.draft(article.name)).etag
        await outcomes(ada.save(article.name, read, text=f"{number}"), ada.publish(article.name, read))
        seen = await ada.read(article.name)
        assert seen.html in ("", f"<p>{seen.text}</p>\n")
        assert (await ada.draft(article.name)).text == f"{number}"


async def test_a_muted_person_reads_and_does_not_speak(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await ada.begin((await ada.begin_blog()).name)
    theirs = await bob.write((await bob.begin_blog()).name)
    muted = moderation_pb2.PersonMuted(person=ada.name)
    muted.until.FromDatetime(datetime.now(UTC) + timedelta(days=1))
    await world.tell(ada.name, muted, source="moderation")
    for call in (ada.publish(article.name), ada.schedule(article.name, 60), ada.begin_blog()):
        assert (await refused(call)).reason == "MUTED"
    assert (await ada.read(theirs.name)).name == theirs.name
    assert (await ada.save(article.name, text="For myself")).text == "For myself"
