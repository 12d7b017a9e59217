"""People take everything along that blog keeps of them, and nothing of them is left when they are erased."""

import asyncio

import pytest
import sqlalchemy as sa
from plein.blog.v1 import articles_pb2, discovery_pb2, own_data_pb2, own_data_pb2_grpc

from chassis.testing import World
from tests.blog.atom_reading import address
from tests.blog.caller import Caller, Meet, kinds_told, refused
from tests.blog.test_article_search import found
from tests.blog.test_features import api as api_of_discovery
from tests.blog.test_features import feature, featured
from tests.blog.test_images import covered, looked_at, uploaded
from tests.blog.test_subscriptions import subscribe, subscribed


async def exported(caller: Caller) -> own_data_pb2.ExportOwnDataResponse:
    """All parts together."""
    whole = own_data_pb2.ExportOwnDataResponse()
    api = own_data_pb2_grpc.OwnDataServiceStub(caller.channel)
    async for part in api.ExportOwnData(own_data_pb2.ExportOwnDataRequest()):
        assert not whole.complete
        whole.MergeFrom(part)
    assert whole.complete
    return whole


async def erased(world: World, person: Caller, mode: str, *segments: str) -> own_data_pb2.Erasure:
    """Suspends and erases somebody, until nothing is left."""
    await world.access(person.person, active=False, segments=segments)
    api = own_data_pb2_grpc.OwnDataServiceStub(Caller(world, "operator").channel)
    request = own_data_pb2.EraseOwnDataRequest(name=person.name)
    request.mode = own_data_pb2.ErasureMode.Value(f"ERASURE_MODE_{mode}")
    erasure = await api.EraseOwnData(request)
    async with asyncio.timeout(20):
        while not erasure.HasField("finish_time"):
            erasure = await api.GetErasure(own_data_pb2.GetErasureRequest(name=erasure.name))
    return erasure


async def rows_with(world: World, person: Caller) -> list[str]:
    """The tables in which somebody stands anywhere, the ledger aside."""
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE "
    tables += "schemaname IN ('public', 'once', 'access') AND tablename <> 'erasures'"
    found = []
    async with world.server.resources.database.snapshot() as tx:
        for table in (await tx.execute(sa.text(tables))).scalars():
            query = f"SELECT count(*) FROM {table} AS t WHERE t::text LIKE :word OR t::text LIKE :hexed"
            words = {"word": f"%{person.id}%", "hexed": f"%{str(person.id).encode().hex()}%"}
            if (await tx.execute(sa.text(query), words)).scalar():
                found.append(table)
    return found


async def test_people_take_along_what_they_wrote(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    image, blog = await uploaded(ada), (await ada.begin_blog("Mine")).name
    out = await ada.write(blog, "Out", f"![x]({image})")
    await ada.save(out.name, text="Next")
    drafts = [(await ada.begin(blog, f"Draft {number}")).name for number in range(3)]
    await ada.share(drafts[0], bob)
    theirs = (await bob.begin_blog()).name
    await bob.give_role(theirs, ada, "EDITOR")
    await ada.save((await bob.begin(theirs)).name, text="Ada's change")
    whole = await exported(ada)
    assert [one.article.name for one in whole.articles] == [out.name, *drafts]
    assert (whole.articles[0].article.text, whole.articles[0].draft.text) == (f"![x]({image})", "Next")
    assert [one.name for one in whole.blogs] == [blog, theirs]
    assert [one.text for one in whole.revisions] == [f"![x]({image})"]
    assert [one.person for one in whole.shares] == [bob.name]
    assert list(whole.images) == [image]
    nothing = await exported((await meet("eve"))[0])
    assert nothing == own_data_pb2.ExportOwnDataResponse(complete=True)


async def test_people_take_along_what_they_subscribed_to_and_featured(world: World, meet: Meet) -> None:
    [ada, bob] = await meet("ada", "bob", roles=["editor"])
    article = await bob.write((await bob.begin_blog()).name)
    for target in (bob.name, "tags/koffie"):
        await subscribe(ada, target)
    made = await address(ada, bob.name)
    shown = await feature(ada, article.name)
    whole = await exported(ada)
    assert [found.target for found in whole.subscriptions] == [bob.name, "tags/koffie"]
    assert [(found.name, found.url) for found in whole.atom_addresses] == [(made.name, "")]
    assert list(whole.features) == [shown]


@pytest.mark.parametrize("mode", ["REMOVE", "ANONYMISE"])
async def test_who_is_erased_subscribes_to_nothing_and_has_no_subscribers(world: World, meet: Meet, mode: str) -> None:
    [ada, bob] = await meet("ada", "bob", roles=["editor"])
    article = await bob.write((await bob.begin_blog()).name)
    hers = await ada.write((await ada.begin_blog()).name, "Hers")
    for reader, author in ((ada, bob), (bob, ada)):
        await subscribe(reader, author.name)
        await address(reader, author.name)
    await subscribe(bob, "tags/koffie")
    await feature(ada, article.name)
    await api_of_discovery(ada).CountRead(discovery_pb2.CountReadRequest(name=article.name))
    await erased(world, ada, mode)
    assert await rows_with(world, ada) == []
    assert await subscribed(bob) == ["tags/koffie"]
    assert article.name in await featured(bob)
    assert await found(bob, "hers") == ([hers.name] if mode == "ANONYMISE" else [])


@pytest.mark.parametrize("mode", ["REMOVE", "ANONYMISE"])
async def test_of_who_is_erased_nothing_is_left(world: World, meet: Meet, mode: str) -> None:
    ada, bob = await meet("ada", "bob")
    image = await uploaded(ada)
    own, ours = (await ada.begin_blog(kind="PERSON")).name, (await ada.begin_blog()).name
    await ada.give_role(ours, bob, "AUTHOR")
    out = await ada.write(own, "Out", "Words", cover=covered(image))
    draft = (await ada.begin(ours)).name
    timed = (await ada.begin(ours)).name
    await ada.schedule(timed, 3600)
    theirs = await bob.write(ours, "Theirs", "For @ada")
    await ada.save(theirs.name, text="For @ada, changed")
    await bob.share((await bob.begin(ours)).name, ada)
    erasure = await erased(world, ada, mode)
    assert erasure.counts["mentions"] == 1
    assert await rows_with(world, ada) == []
    seen = await bob.read(theirs.name)
    assert (list(seen.mentions), seen.html) == ([], "<p>For @ada</p>\n")
    assert (await bob.read_blog(ours)).owner == bob.name
    for gone in (draft, timed):
        assert (await refused(bob.read(gone))).code == "NOT_FOUND"
    if mode == "REMOVE":
        assert (await refused(bob.read(out.name))).code == "NOT_FOUND"
        assert (await refused(bob.read_blog(own))).code == "NOT_FOUND"
        assert (await kinds_told(world, out.name))[-1] == "ArticleWithdrawn"
    else:
        left = await bob.read(out.name)
        assert (left.author, left.text, left.state) == ("", "Words", articles_pb2.ARTICLE_STATE_PUBLISHED)
        assert (await bob.read_blog(own)).owner == ""
        await looked_at(bob, image)


async def test_a_barrier_outlives_the_person(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    article = await ned.write((await ned.begin_blog()).name)
    await erased(world, ned, "ANONYMISE", "network")
    assert (await ria.read(article.name)).author == ""
    await world.bar(("network", "retail"))
    assert (await refused(ria.read(article.name))).code == "NOT_FOUND"
    await world.bar()


async def test_who_still_comes_in_is_not_erased(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    api = own_data_pb2_grpc.OwnDataServiceStub(Caller(world, "operator").channel)
    request = own_data_pb2.EraseOwnDataRequest(name=ada.name, mode=own_data_pb2.ERASURE_MODE_REMOVE)
    assert (await refused(api.EraseOwnData(request))).reason == "STILL_ACTIVE"
    theirs = own_data_pb2_grpc.OwnDataServiceStub(ada.channel)
    assert (await refused(theirs.EraseOwnData(request))).code == "PERMISSION_DENIED"
