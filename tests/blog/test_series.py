"""Series put a blog's articles in an order, and show nobody more than they may read."""

from google.protobuf.field_mask_pb2 import FieldMask
from plein.blog.v1 import series_pb2

from chassis.testing import World
from tests.blog.caller import Caller, Meet, kinds_told, refused, walked


async def begun(owner: Caller, blog: str, *articles: str, title: str = "Plans") -> series_pb2.Series:
    series = series_pb2.Series(title=title, articles=articles)
    return await owner.series.CreateSeries(series_pb2.CreateSeriesRequest(parent=blog, series=series))


async def changed(editor: Caller, name: str, *paths: str, **fields: object) -> series_pb2.Series:
    series = series_pb2.Series(name=name, **fields)  # type: ignore[arg-type] # whichever fields a test changes
    return await editor.series.UpdateSeries(
        series_pb2.UpdateSeriesRequest(series=series, update_mask=FieldMask(paths=paths))
    )


async def articles_of(reader: Caller, name: str) -> list[str]:
    return list((await reader.series.GetSeries(series_pb2.GetSeriesRequest(name=name))).articles)


async def test_a_series_shows_what_its_reader_may_read_in_its_order(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    [ext] = await meet("ext", kind="EXTERNAL")
    blog = (await ada.begin_blog()).name
    one, two = [(await ada.write(blog)).name for _ in range(2)]
    staff = (await ada.write(blog, kinds=["EMPLOYEE"])).name
    draft = (await ada.begin(blog)).name
    series = await begun(ada, blog, two, draft, staff, one)
    assert await articles_of(ada, series.name) == [two, draft, staff, one]
    assert await articles_of(bob, series.name) == [two, staff, one]
    assert await articles_of(ext, series.name) == [two, one]
    assert (await bob.read(one)).series == series.name
    await changed(ada, series.name, "articles", articles=[one, draft])
    assert await articles_of(ada, series.name) == [one, draft]
    assert (await bob.read(two)).series == ""
    assert await kinds_told(world, series.name) == ["SeriesChanged", "SeriesChanged"]


async def test_series_are_made_by_owners_and_editors(meet: Meet) -> None:
    ada, sam = await meet("ada", "sam")
    blog, elsewhere = (await ada.begin_blog()).name, (await ada.begin_blog()).name
    await ada.give_role(blog, sam, "AUTHOR")
    assert (await refused(begun(sam, blog))).reason == "NOT_AN_EDITOR"
    foreign = (await ada.write(elsewhere)).name
    assert (await refused(begun(ada, blog, foreign))).fields == ("series.articles[0]",)
    series = await begun(ada, blog)
    assert (await refused(changed(sam, series.name, title="Mine"))).reason == "NOT_AN_EDITOR"
    assert (await changed(ada, series.name, title="More", etag=series.etag)).title == "More"
    assert (await refused(changed(ada, series.name, title="Less", etag=series.etag))).reason == "SERIES_CHANGED"
    assert (await refused(changed(ada, series.name, "title"))).reason == "NO_TITLE"


async def test_articles_outlive_their_series(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = (await ada.begin_blog()).name
    article = (await ada.write(blog)).name
    first, second = await begun(ada, blog, article), await begun(ada, blog, title="Other")
    await changed(ada, second.name, "articles", articles=[article])
    assert await articles_of(bob, first.name) == []
    request = series_pb2.ListSeriesRequest(parent=blog, page_size=1)
    assert [one.title for one in await walked(bob.series.ListSeries, request)] == ["Other", "Plans"]
    await ada.series.DeleteSeries(series_pb2.DeleteSeriesRequest(name=second.name))
    assert (await bob.read(article)).series == ""
    assert (await refused(articles_of(bob, second.name))).code == "NOT_FOUND"
