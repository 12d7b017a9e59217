"""Pages of which readers may not see everything: they are full, and they do not tell that there was more."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from plein.feed.v1 import feed_pb2

from chassis.testing import World
from tests.feed.caller import Caller, Meet, timelines
from tests.feed.importing import bring_in_posts, imported


async def written(world: World, author: Caller, kinds: list[str]) -> None:
    """Posts for these kinds of worker, oldest first, numbered."""
    began = datetime.now(UTC) - timedelta(seconds=10)
    moments = [began + timedelta(milliseconds=number) for number in range(len(kinds))]
    posts = [
        imported(author, str(uuid4()), moment, f"#many {number}", kinds=[kind])
        for number, (moment, kind) in enumerate(zip(moments, kinds, strict=True))
    ]
    await bring_in_posts(world, posts)
    await world.caught_up()


async def test_a_page_is_filled_up_and_the_last_one_knows_that_it_is(meet: Meet, world: World) -> None:
    ada, xavi = [*await meet("ada"), *await meet("xavi", kind="EXTERNAL")]
    await xavi.follow(ada)
    hidden = ["EMPLOYEE"] * 30
    await written(world, ada, [*hidden, "EXTERNAL", "EXTERNAL", *hidden, "EXTERNAL", "EXTERNAL", *hidden])
    for method, request in timelines(xavi, ada).values():
        request.page_size = 3
        first = await method(request)
        assert [post.text for post in first.posts] == ["#many 63", "#many 62", "#many 31"]
        request.page_token = first.next_page_token
        second = await method(request)
        assert [post.text for post in second.posts] == ["#many 30"]
        assert not second.next_page_token
        request.page_token, request.page_size = "", 4
        assert not (await method(request)).next_page_token, "nothing that xavi may see is left"


async def test_a_home_from_which_much_was_deleted_goes_on(meet: Meet, world: World) -> None:
    (bob,) = await meet("bob")
    await written(world, bob, ["EMPLOYEE"] * 20)
    names = await bob.home_names()
    for name in names[:16]:
        await bob.delete(name)
    first = await bob.api.ListHomePosts(feed_pb2.ListHomePostsRequest(page_size=3))
    assert [post.name for post in first.posts] == names[16:19]
    assert await bob.home_names() == names[16:]
