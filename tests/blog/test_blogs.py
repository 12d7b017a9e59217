"""Blogs, and who may do what in them."""

from uuid import uuid4

from plein.blog.v1 import blog_pb2

from chassis.testing import World
from tests.blog.caller import UNKNOWN_BLOG, Meet, kinds_told, leave, new_group, refused, walked


async def test_everybody_begins_one_blog_of_their_own(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    blog = await ada.begin_blog("Ada writes", "PERSON")
    assert (blog.title, blog.owner, blog.viewer_role) == ("Ada writes", ada.name, blog_pb2.BLOG_ROLE_OWNER)
    assert (await refused(ada.begin_blog("Again", "PERSON"))).reason == "TOO_MANY_BLOGS"
    assert await kinds_told(world, blog.name) == ["BlogCreated"]


async def test_a_repeated_request_begins_one_blog(meet: Meet) -> None:
    [ada] = await meet("ada")
    request_id = str(uuid4())
    first, again = [await ada.begin_blog(request_id=request_id) for _ in range(2)]
    assert first == again
    request = blog_pb2.ListBlogsRequest(author="people/me")
    assert [blog.name for blog in await walked(ada.blogs.ListBlogs, request)] == [first.name]


async def test_the_organisation_speaks_through_editors(meet: Meet) -> None:
    [ada] = await meet("ada")
    [ed] = await meet("ed", roles=["editor"])
    assert (await refused(ada.begin_blog("News", "ORGANISATION"))).reason == "NOT_A_SPEAKER"
    news = await ed.begin_blog("News", "ORGANISATION")
    assert (await ada.read_blog(news.name)).title == "News"


async def test_a_blog_for_others_is_as_one_that_does_not_exist(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    [ext] = await meet("ext", kind="EXTERNAL")
    group = await new_group(world, ada, bob)
    ours = await ada.begin_blog(group=group)
    staff = await ada.begin_blog(kinds=["EMPLOYEE"])
    assert (await bob.read_blog(ours.name)).audience.group == group
    unknown = (await refused(ext.read_blog(UNKNOWN_BLOG))).without(UNKNOWN_BLOG)
    for name in (ours.name, staff.name):
        assert (await refused(ext.read_blog(name))).without(name) == unknown
    await leave(world, group, bob)
    assert (await refused(bob.read_blog(ours.name))).without(ours.name) == unknown


async def test_a_barrier_keeps_blogs_apart_but_not_those_of_the_organisation(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"], roles=["editor"])
    [ria] = await meet("ria", segments=["retail"])
    team, news = await ned.begin_blog(), await ned.begin_blog("News", "ORGANISATION")
    await world.bar(("network", "retail"))
    assert (await refused(ria.read_blog(team.name))).code == "NOT_FOUND"
    assert (await ria.read_blog(news.name)).title == "News"
    assert await walked(ria.blogs.ListBlogAuthors, blog_pb2.ListBlogAuthorsRequest(parent=news.name)) == []
    assert (await refused(ned.give_role(news.name, ria, "AUTHOR"))).code == "NOT_FOUND"
    await world.bar()


async def test_owners_give_roles_and_the_last_one_stays(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    blog = await ada.begin_blog()
    assert (await refused(bob.give_role(blog.name, bob, "AUTHOR"))).reason == "NOT_AN_OWNER"
    assert (await refused(ada.take_role(blog.name, ada))).reason == "LAST_OWNER"
    assert (await refused(ada.give_role(blog.name, ada, "EDITOR"))).reason == "LAST_OWNER"
    await ada.give_role(blog.name, eve, "AUTHOR")
    await ada.give_role(blog.name, bob, "OWNER")
    await ada.take_role(blog.name, ada)
    assert (await eve.read_blog(blog.name)).owner == bob.name
    assert (await refused(ada.give_role(blog.name, ada, "OWNER"))).reason == "NOT_AN_OWNER"
    authors = await walked(bob.blogs.ListBlogAuthors, blog_pb2.ListBlogAuthorsRequest(parent=blog.name, page_size=1))
    assert [(author.person, author.role) for author in authors] == [(bob.name, 1), (eve.name, 3)]


async def test_owners_change_a_blog_that_they_have_read(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await ada.begin_blog("Old")
    change = blog_pb2.Blog(name=blog.name, title="New", etag=blog.etag)
    assert (await refused(bob.blogs.UpdateBlog(blog_pb2.UpdateBlogRequest(blog=change)))).reason == "NOT_AN_OWNER"
    assert (await ada.blogs.UpdateBlog(blog_pb2.UpdateBlogRequest(blog=change))).title == "New"
    assert (await refused(ada.blogs.UpdateBlog(blog_pb2.UpdateBlogRequest(blog=change)))).reason == "BLOG_CHANGED"


async def test_a_blog_with_articles_is_not_deleted(meet: Meet) -> None:
    [ada] = await meet("ada")
    full, empty = await ada.begin_blog(), await ada.begin_blog()
    article = await ada.begin(full.name)
    request = blog_pb2.DeleteBlogRequest(name=full.name)
    assert (await refused(ada.blogs.DeleteBlog(request))).reason == "BLOG_NOT_EMPTY"
    await ada.blogs.DeleteBlog(blog_pb2.DeleteBlogRequest(name=empty.name))
    assert (await refused(ada.read_blog(empty.name))).code == "NOT_FOUND"
    assert (await ada.read(article.name)).title == "First"
