"""Who subscribes to what."""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from plein.blog.v1 import articles_pb2, blog_pb2, events_pb2, subscriptions_pb2, subscriptions_pb2_grpc

from chassis.testing import World
from services.blog.domain.subscriptions import (
    MOST_SUBSCRIPTIONS,
    Sort,
    Target,
)
from services.blog.store import subscriptions
from tests.blog.caller import UNKNOWN_BLOG, Caller, Meet, leave, new_group, refused, walked
from tests.blog.caller import told as told_of

UNKNOWN_PERSON = "people/01993e54-0000-7000-8000-000000000000"


def api(caller: Caller) -> "subscriptions_pb2_grpc.SubscriptionServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return subscriptions_pb2_grpc.SubscriptionServiceStub(caller.channel)


async def subscribe(caller: Caller, target: str) -> subscriptions_pb2.Subscription:
    return await api(caller).Subscribe(subscriptions_pb2.SubscribeRequest(target=target))


async def unsubscribe(caller: Caller, target: str) -> None:
    await api(caller).Unsubscribe(subscriptions_pb2.UnsubscribeRequest(target=target))


async def subscribed(caller: Caller, size: int = 100) -> list[str]:
    request = subscriptions_pb2.ListSubscriptionsRequest(page_size=size)
    return [found.target for found in await walked(api(caller).ListSubscriptions, request)]


async def test_people_subscribe_to_blogs_authors_and_tags(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await bob.begin_blog()
    for target in (blog.name, bob.name, "tags/Koffie"):
        first, again = await subscribe(ada, target), await subscribe(ada, target)
        assert first == again
    assert await subscribed(ada) == await subscribed(ada, size=1) == ["tags/koffie", bob.name, blog.name]
    assert await subscribed(bob) == []
    request = subscriptions_pb2.GetSubscriptionRequest(target="tags/KOFFIE")
    assert (await api(ada).GetSubscription(request)).target == "tags/koffie"
    await unsubscribe(ada, blog.name)
    await unsubscribe(ada, blog.name)
    assert await subscribed(ada) == ["tags/koffie", bob.name]
    assert (await refused(api(bob).GetSubscription(request))).reason == "NOT_SUBSCRIBED"


async def test_articles_are_listed_of_what_one_subscribed_to(meet: Meet) -> None:
    ada, bob, cem = await meet("ada", "bob", "cem")
    blog, other = (await bob.begin_blog()).name, (await cem.begin_blog()).name
    in_blog = (await bob.write(blog)).name
    by_cem = (await cem.write(other)).name
    tagged = (await bob.write((await bob.begin_blog(kind="TEAM")).name, text="On #Lists")).name

    async def listed(reader: Caller) -> list[str]:
        request = articles_pb2.ListArticlesRequest(subscribed=True, page_size=1)
        return [article.name for article in await walked(reader.articles.ListArticles, request)]

    assert await listed(ada) == []
    await subscribe(ada, "tags/lists")
    assert await listed(ada) == [tagged]
    await subscribe(ada, blog)
    await subscribe(ada, cem.name)
    assert await listed(ada) == [tagged, by_cem, in_blog]
    assert await listed(bob) == []


async def test_nobody_subscribes_to_themselves_or_to_what_is_no_tag(meet: Meet) -> None:
    [ada] = await meet("ada")
    assert (await refused(subscribe(ada, "people/me"))).reason == "YOURSELF"
    assert (await refused(subscribe(ada, "tags/two words"))).reason == "NO_TAG"


async def test_what_one_may_not_see_is_as_what_does_not_exist(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    group = await new_group(world, ned, ria)
    blog = await ned.begin_blog(group=group)
    for target in (blog.name, ned.name):
        await subscribe(ria, target)
    await world.bar(("network", "retail"))
    try:
        for target, unknown in ((blog.name, UNKNOWN_BLOG), (ned.name, UNKNOWN_PERSON)):
            of_nothing = (await refused(subscribe(ria, unknown))).without(unknown)
            assert (await refused(subscribe(ria, target))).without(target) == of_nothing
            request = subscriptions_pb2.GetSubscriptionRequest(target=target)
            assert (await refused(api(ria).GetSubscription(request))).without(target) == of_nothing
        assert await subscribed(ria) == []
    finally:
        await world.bar()
    assert await subscribed(ria) == [ned.name, blog.name]
    await leave(world, group, ria)
    assert await subscribed(ria) == [ned.name]
    await unsubscribe(ria, blog.name)


async def test_there_is_an_end_to_subscribing(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    async with world.server.resources.database.transaction() as tx:
        for number in range(MOST_SUBSCRIPTIONS):
            await subscriptions.subscribe(tx, ada.id, Target(Sort.TAG, f"tag{number}"), datetime.now(UTC))
    assert (await refused(subscribe(ada, "tags/more"))).reason == "TOO_MANY_SUBSCRIPTIONS"
    assert (await subscribe(ada, "tags/tag1")).target == "tags/tag1"


async def test_who_subscribed_is_told_of_an_article_once(world: World, meet: Meet) -> None:
    ada, bob, cem, dan = await meet("ada", "bob", "cem", "dan")
    blog = await cem.begin_blog()
    for target in (blog.name, cem.name, "tags/once", "tags/Twice"):
        await subscribe(ada, target)
    await subscribe(bob, "tags/twice")
    await subscribe(dan, "tags/thrice")
    article = await cem.write(blog.name, "News", "For @bob and #once #twice.")
    assert await announced(world, article.name) == [(sorted([ada.name, bob.name]), [bob.name])]
    await cem.unpublish(article.name)
    await cem.publish(article.name)
    assert (await announced(world, article.name))[1:] == [([], [bob.name])]


async def test_only_members_who_work_here_are_told_of_what_is_in_their_group(world: World, meet: Meet) -> None:
    ada, bob, cem, dan = await meet("ada", "bob", "cem", "dan")
    group = await new_group(world, ada, bob, dan)
    blog = await ada.begin_blog()
    for person in (bob, cem, dan):
        await subscribe(person, blog.name)
    await world.access(dan.person, active=False, epoch=1)
    article = await ada.write(blog.name, group=group)
    assert await announced(world, article.name) == [([bob.name], [])]


async def test_more_than_500_are_told_in_further_events(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await ada.begin_blog()
    fill = "INSERT INTO access.people (person, kind, segments, active, epoch, changed) "
    fill += "SELECT person, 1, '{}', true, 0, 0 FROM subscriptions WHERE target = 'tags/many' ON CONFLICT DO NOTHING"
    async with world.server.resources.database.transaction() as tx:
        for _ in range(1001):
            await subscriptions.subscribe(tx, uuid4(), Target(Sort.TAG, "many"), datetime.now(UTC))
        await tx.execute(sa.text(fill))
    article = await ada.write(blog.name, text="@bob #many")
    told = await announced(world, article.name)
    assert [(len(people), mentioned) for people, mentioned in told] == [(500, [bob.name]), (500, []), (1, [])]
    assert len({person for people, _ in told for person in people}) == 1001


async def announced(world: World, article: str) -> list[tuple[list[str], list[str]]]:
    """Whom each event tells that an article came out: subscribers and mentioned."""
    events = [payload for kind, payload in await told_of(world, article) if kind == "ArticlePublished"]
    found = [events_pb2.ArticlePublished.FromString(payload) for payload in events]
    return [(list(event.subscribers), list(event.mentioned)) for event in found]


async def test_a_deleted_blog_has_no_subscribers(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await bob.begin_blog()
    await subscribe(ada, blog.name)
    await bob.blogs.DeleteBlog(blog_pb2.DeleteBlogRequest(name=blog.name))
    async with world.server.resources.database.snapshot() as tx:
        query = sa.text("SELECT count(*) FROM subscriptions WHERE person = :person")
        assert (await tx.execute(query, {"person": ada.id})).scalar() == 0
