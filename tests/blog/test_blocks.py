"""Who blocks somebody in feed does not meet them in blog either; who keeps order in a blog still sees all of it."""

import pytest
from plein.blog.v1 import blog_pb2, comments_pb2, discovery_pb2

from chassis.testing import World
from tests.blog.atom_reading import address, read
from tests.blog.caller import UNKNOWN_ARTICLE, UNKNOWN_BLOG, Caller, Meet, refused, walked
from tests.blog.publishing import publish
from tests.blog.talking import Talker, published
from tests.blog.test_article_search import found
from tests.blog.test_features import api as front_page
from tests.blog.test_features import feature
from tests.blog.test_subscriptions import subscribe, subscribed


async def blogs_of(reader: Caller, author: Caller) -> list[str]:
    request = blog_pb2.ListBlogsRequest(author=author.name, page_size=2)
    return [blog.name for blog in await walked(reader.blogs.ListBlogs, request)]


async def authors_of(reader: Caller, blog: str) -> set[str]:
    request = blog_pb2.ListBlogAuthorsRequest(parent=blog, page_size=2)
    return {author.person for author in await walked(reader.blogs.ListBlogAuthors, request)}


async def everywhere(reader: Caller, blog: str) -> set[str]:
    """The articles of a blog that somebody meets: lists, the tag's, search and the batch have to agree."""
    listed = {*await reader.listed(parent=blog)}
    assert listed == {*await reader.listed(tag="tags/blokkeren")} == {*await found(reader, "blokkeren")}
    return listed


@pytest.mark.parametrize("author_blocks", [True, False])
async def test_a_block_takes_articles_away_from_both_and_its_end_gives_them_back(
    world: World, meet: Meet, author_blocks: bool
) -> None:
    await world.clean()
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    blog = (await cleo.begin_blog()).name
    for author in (ada, bob):
        await cleo.give_role(blog, author, "AUTHOR")
    by_ada = await publish(world, ada, blog, "Over blokkeren", "#blokkeren")
    by_bob = await publish(world, bob, blog, "Ook over blokkeren", "#blokkeren")
    feed_url = (await address(bob, blog)).url
    pair = (ada.person, bob.person) if author_blocks else (bob.person, ada.person)
    await world.block(*pair)
    assert await everywhere(ada, blog) == {by_ada}
    assert await everywhere(bob, blog) == {by_bob}
    assert await everywhere(cleo, blog) == {by_ada, by_bob}
    assert (await read(world, feed_url)).titles == ["Ook over blokkeren"]
    hidden = await refused(bob.read(by_ada))
    assert hidden.without(by_ada) == (await refused(bob.read(UNKNOWN_ARTICLE))).without(UNKNOWN_ARTICLE)
    for nothing in (bob.listed(author=ada.name), blogs_of(bob, ada), subscribe(bob, ada.name)):
        assert (await refused(nothing)).reason == "PERSON_NOT_FOUND"
    await world.block(*pair, ended=True)
    assert await everywhere(ada, blog) == await everywhere(bob, blog) == {by_ada, by_bob}


async def test_a_blocked_person_does_not_know_of_the_others_own_blog(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = (await ada.begin_blog(kind="PERSON")).name
    await subscribe(bob, blog)
    mine = await address(bob, blog)
    await world.block(ada.person, bob.person)
    hidden = (await refused(bob.read_blog(blog))).without(blog)
    assert hidden == (await refused(bob.read_blog(UNKNOWN_BLOG))).without(UNKNOWN_BLOG)
    assert await subscribed(bob) == []
    assert (await refused(read(world, mine.url))).reason == (await refused(read(world, f"{mine.url}x"))).reason


async def test_a_blog_of_a_team_outlives_a_block_by_its_owner(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = (await ada.begin_blog(kind="TEAM")).name
    await ada.give_role(blog, bob, "AUTHOR")
    by_bob = await publish(world, bob, blog)
    await world.block(ada.person, bob.person)
    assert (await bob.read_blog(blog)).owner == ""
    assert await bob.listed(parent=blog) == [by_bob]
    assert await authors_of(bob, blog) == {bob.name}
    assert (await ada.read_blog(blog)).owner == ada.name


@pytest.mark.parametrize("owner_blocks", [True, False])
async def test_who_keeps_order_in_a_blog_sees_all_of_it(world: World, meet: Meet, owner_blocks: bool) -> None:
    ada, bob = await meet("ada", "bob")
    blog = (await ada.begin_blog(kind="TEAM")).name
    await ada.give_role(blog, bob, "AUTHOR")
    article = await publish(world, bob, blog)
    await world.block(*((ada.person, bob.person) if owner_blocks else (bob.person, ada.person)))
    assert await authors_of(ada, blog) == {ada.name, bob.name}
    assert await ada.listed(parent=blog) == [article]
    await Talker(ada).close(article)
    await ada.save(article, title="Second")
    await ada.unpublish(article)
    await ada.give_role(blog, bob, "CONTRIBUTOR")
    await ada.take_role(blog, bob)


async def test_nobody_gets_a_role_in_a_blog_from_whom_they_do_not_meet(world: World, meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    blog = (await ada.begin_blog(kind="TEAM")).name
    await ada.give_role(blog, cleo, "OWNER")
    await world.block(bob.person, ada.person)
    assert (await refused(ada.give_role(blog, bob, "AUTHOR"))).reason == "PERSON_NOT_FOUND"
    await cleo.give_role(blog, bob, "AUTHOR")
    assert await authors_of(bob, blog) == {bob.name, cleo.name}


async def test_a_draft_is_not_shown_to_whom_its_author_blocks(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = (await ada.begin((await ada.begin_blog(kind="TEAM")).name)).name
    await ada.share(article, bob)
    assert (await bob.preview(article)).title == "First"
    await world.block(ada.person, bob.person)
    hidden = (await refused(bob.preview(article))).without(article)
    assert hidden == (await refused(bob.preview(UNKNOWN_ARTICLE))).without(UNKNOWN_ARTICLE)
    assert (await refused(ada.share(article, bob))).reason == "PERSON_NOT_FOUND"
    await world.block(ada.person, bob.person, ended=True)
    assert (await bob.preview(article)).title == "First"


async def test_comments_replies_and_reactions_are_kept_from_the_two_alone(world: World, meet: Meet) -> None:
    ada, bob, cleo = (Talker(caller) for caller in await meet("ada", "bob", "cleo"))
    article = await published(cleo.caller)
    top = await cleo.say(article, "What do you think?")
    said = {talker: await talker.say(article, talker.name, to=top.name) for talker in (ada, bob)}
    for talker in (ada, bob):
        await talker.react(top.name)
    await world.block(ada.caller.person, bob.caller.person)
    for talker, expected in ((ada, {ada}), (bob, {bob}), (cleo, {ada, bob})):
        assert {*await talker.replies(top.name)} == {one.name for one in expected}
        assert {*await reacted(talker, top.name)} == {one.name for one in expected}
        assert (await talker.discussion(article)).comment_count == 1 + len(expected)
        names = [said[one].name for one in (ada, bob)]
        batch = await talker.comments.BatchGetComments(comments_pb2.BatchGetCommentsRequest(names=names))
        assert {comment.text for comment in batch.comments} == {one.name for one in expected}
    page = comments_pb2.FindCommentPageRequest(name=said[ada].name)
    assert (await refused(bob.comments.FindCommentPage(page))).reason == "COMMENT_NOT_FOUND"


async def reacted(talker: Talker, comment: str) -> list[str]:
    request = comments_pb2.ListCommentReactionsRequest(parent=comment, page_size=2)
    return [reaction.person for reaction in await walked(talker.comments.ListCommentReactions, request)]


async def test_editors_keep_order_on_the_front_page_though_they_are_blocked(world: World, meet: Meet) -> None:
    await world.clean()
    (ed,), (ada,) = await meet("ed", roles=["editor"]), await meet("ada")
    shown = await feature(ed, await published(ada))
    await world.block(ada.person, ed.person)
    featured = await front_page(ed).ListFeaturedArticles(discovery_pb2.ListFeaturedArticlesRequest())
    assert not featured.articles
    listed = await front_page(ed).ListFeatures(discovery_pb2.ListFeaturesRequest())
    assert [feature.name for feature in listed.features] == [shown.name]
    await front_page(ed).DeleteFeature(discovery_pb2.DeleteFeatureRequest(name=shown.name))
