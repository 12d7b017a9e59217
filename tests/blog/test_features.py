"""What editors show on the front page."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from hypothesis import given
from hypothesis import strategies as st
from plein.blog.v1 import discovery_pb2, discovery_pb2_grpc

from chassis.moments import timestamp
from chassis.problems import BadInput, TooMuch
from chassis.testing import World
from services.blog.domain.features import MOST_AT_A_TIME, Feature, check_feature
from tests.blog.caller import UNKNOWN_ARTICLE, Caller, Meet, kinds_told, refused, walked
from tests.blog.publishing import publish

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
hours = st.integers(0, 20).map(lambda hour: EPOCH + timedelta(hours=hour))


@pytest.fixture(autouse=True)
async def front_page(world: World) -> None:
    """Nothing is featured when a test begins."""
    await world.clean()


def api(caller: Caller) -> "discovery_pb2_grpc.ArticleDiscoveryServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return discovery_pb2_grpc.ArticleDiscoveryServiceStub(caller.channel)


async def feature(
    editor: Caller,
    article: str,
    position: int = 0,
    begin: datetime | None = None,
    end: datetime | None = None,
    request_id: str = "",
) -> discovery_pb2.Feature:
    asked = discovery_pb2.Feature(
        article=article,
        position=position,
        begin_time=timestamp(begin) if begin else None,
        end_time=timestamp(end) if end else None,
    )
    return await api(editor).CreateFeature(discovery_pb2.CreateFeatureRequest(feature=asked, request_id=request_id))


async def featured(caller: Caller, size: int = 100) -> list[str]:
    request = discovery_pb2.ListFeaturedArticlesRequest(page_size=size)
    return [article.name for article in await walked(api(caller).ListFeaturedArticles, request)]


async def test_editors_put_articles_in_an_order(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ed] = await meet("ed", roles=["editor"])
    blog = await ada.begin_blog()
    names = [await publish(world, ada, blog.name, f"Number {number}") for number in range(4)]
    for name, position in zip(names, (2, 1, 1, 0), strict=True):
        made = await feature(ed, name, position)
    assert await featured(ada) == await featured(ada, size=1) == [names[3], names[2], names[1], names[0]]
    changed = discovery_pb2.Feature(name=made.name, position=9, etag=made.etag)
    await api(ed).UpdateFeature(discovery_pb2.UpdateFeatureRequest(feature=changed))
    assert await featured(ada) == [names[2], names[1], names[0], names[3]]
    again = discovery_pb2.UpdateFeatureRequest(feature=changed)
    assert (await refused(api(ed).UpdateFeature(again))).reason == "FEATURE_CHANGED"
    await api(ed).DeleteFeature(discovery_pb2.DeleteFeatureRequest(name=made.name))
    assert await featured(ada) == names[2:0:-1] + names[:1]
    assert await kinds_told(world, made.name) == ["ArticleFeatured", "FeatureChanged", "FeatureEnded"]


async def test_an_article_is_featured_for_its_time(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ed] = await meet("ed", roles=["editor"])
    blog, now = await ada.begin_blog(), datetime.now(UTC)
    past, current, coming = [await publish(world, ada, blog.name) for _ in range(3)]
    await feature(ed, past, begin=now - timedelta(days=2), end=now - timedelta(days=1))
    shown = await feature(ed, current, begin=now - timedelta(days=1), end=now + timedelta(days=1))
    await feature(ed, coming, begin=now + timedelta(days=1))
    assert await featured(ada) == [current]
    listed = await walked(api(ed).ListFeatures, discovery_pb2.ListFeaturesRequest(page_size=2))
    assert [found.article for found in listed] == [coming, current, past]
    ended = discovery_pb2.Feature(name=shown.name, end_time=timestamp(now))
    await api(ed).UpdateFeature(discovery_pb2.UpdateFeatureRequest(feature=ended))
    assert await featured(ada) == []
    endless = discovery_pb2.Feature(name=shown.name)
    mask = FieldMask(paths=["end_time"])
    await api(ed).UpdateFeature(discovery_pb2.UpdateFeatureRequest(feature=endless, update_mask=mask))
    assert await featured(ada) == [current]


async def test_only_editors_feature(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    article = await publish(world, ada, (await ada.begin_blog()).name)
    assert (await refused(feature(bob, article))).code == "PERMISSION_DENIED"
    assert (
        await refused(walked(api(bob).ListFeatures, discovery_pb2.ListFeaturesRequest()))
    ).code == "PERMISSION_DENIED"


async def test_what_somebody_may_not_read_is_not_on_their_front_page(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"], roles=["editor"])
    [ext] = await meet("ext", kind="EXTERNAL", roles=["editor"])
    blog = await ned.begin_blog()
    staff = await publish(world, ned, blog.name, kinds=["EMPLOYEE"])
    everyone = await publish(world, ned, blog.name)
    made = [await feature(ria, name) for name in (staff, everyone)]
    assert await featured(ria) == [everyone, staff]
    assert await featured(ext) == [everyone]
    for name in (staff, UNKNOWN_ARTICLE):
        assert (await refused(feature(ext, name))).without(name).reason == "ARTICLE_NOT_FOUND"
    deletion = discovery_pb2.DeleteFeatureRequest(name=made[0].name)
    assert (await refused(api(ext).DeleteFeature(deletion))).reason == "FEATURE_NOT_FOUND"
    await world.bar(("network", "retail"))
    assert await featured(ria) == []
    await world.bar()


async def test_an_article_is_not_featured_twice_at_a_time(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    [ed] = await meet("ed", roles=["editor"])
    article, now = await publish(world, ada, (await ada.begin_blog()).name), datetime.now(UTC)
    request_id = str(uuid4())
    first, again = [await feature(ed, article, end=now + timedelta(days=1), request_id=request_id) for _ in range(2)]
    assert first == again
    assert (await refused(feature(ed, article))).reason == "FEATURED_ALREADY"
    assert (await feature(ed, article, begin=now + timedelta(days=1))).article == article
    assert (await refused(feature(ed, article, begin=now, end=now))).fields == ("feature.end_time",)


@given(hours, st.none() | hours, hours, st.none() | hours)
def test_two_overlap_when_there_is_an_hour_in_both(
    begin: datetime, end: datetime | None, other_begin: datetime, other_end: datetime | None
) -> None:
    one, other = made(begin, end), made(other_begin, other_end)
    for feature_ in (one, other):
        try:
            check_feature(feature_, [])
        except BadInput:
            return
    shared = [hour for hour in range(21) if all(shows(which, hour) for which in (one, other))]
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)


def made(begin: datetime, end: datetime | None) -> Feature:
    return Feature(uuid4(), uuid4(), 0, begin, end, uuid4(), EPOCH)


def shows(feature_: Feature, hour: int) -> bool:
    moment = EPOCH + timedelta(hours=hour)
    return feature_.begin_time <= moment and (feature_.end_time is None or moment < feature_.end_time)


def test_there_is_an_end_to_the_front_page() -> None:
    others = [made(EPOCH, None) for _ in range(MOST_AT_A_TIME)]
    assert all(one.overlaps(other) for one, other in pairwise(others))
    with pytest.raises(TooMuch):
        check_feature(made(EPOCH, None), others)
    check_feature(others[0], others)
