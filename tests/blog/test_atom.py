"""Programs read articles as Atom, with the rights that a person has at that moment."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from plein.blog.v1 import subscriptions_pb2
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from services.blog.domain.subscriptions import MOST_ADDRESSES
from tests.blog.atom_reading import address, api, read, token
from tests.blog.caller import Meet, leave, new_group, refused, walked
from tests.blog.publishing import publish


async def test_a_blog_is_read_as_atom(world: World, meet: Meet, full_names: dict[str, str]) -> None:
    ada, bob = await meet("ada", "bob")
    full_names[ada.name] = "Ada Lovelace"
    blog = await ada.begin_blog("Ada's <notes> & more")
    moment = datetime(2026, 11, 1, 9, 30, 15, 500_000, tzinfo=UTC)
    await publish(world, ada, blog.name, "Old", moment=moment - timedelta(days=1))
    new = await publish(world, ada, blog.name, "New & <b>", "Some *text* with #Café.\n\n<script>", moment=moment)
    answer = await read(world, (await address(bob, blog.name)).url)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.texts("a:title") == ["Ada's <notes> & more"]
    assert answer.titles == ["New & <b>", "Old"]
    assert answer.texts("a:updated") == answer.texts("a:entry[1]/a:updated") == ["2026-11-01T09:30:15Z"]
    assert answer.texts("a:entry[1]/a:id") == [f"urn:uuid:{new.removeprefix('articles/')}"]
    assert answer.texts("a:entry[1]/a:author/a:name") == ["Ada Lovelace"]
    assert answer.texts("a:entry[1]/a:category/@term") == ["café"]
    [html] = answer.texts("a:entry[1]/a:content[@type='html']")
    assert html == (await bob.read(new)).html
    assert "<em>text</em>" in html
    assert "<script" not in html


async def test_an_author_and_a_tag_are_read_as_well(world: World, meet: Meet, full_names: dict[str, str]) -> None:
    ada, bob = await meet("ada", "bob")
    full_names[ada.name] = "Ada Lovelace"
    hers, theirs = await ada.begin_blog(), await bob.begin_blog()
    await publish(world, ada, hers.name, "Hers", "About #atomkern.")
    await publish(world, bob, theirs.name, "His", "About #Atomkern.")
    by_ada = await read(world, (await address(bob, ada.name)).url)
    assert (by_ada.texts("a:title"), by_ada.titles) == (["Ada Lovelace"], ["Hers"])
    tagged = await read(world, (await address(bob, "tags/Atomkern")).url)
    assert (tagged.texts("a:title"), tagged.titles) == (["#atomkern"], ["His", "Hers"])
    nothing = await read(world, (await address(bob, "tags/niets")).url)
    assert nothing.titles == []


async def test_what_is_read_is_what_the_person_may_see_now(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    group = await new_group(world, ned, ria)
    blog = await ned.begin_blog()
    inside = await publish(world, ned, blog.name, "Inside", group=group)
    await publish(world, ned, blog.name, "Externals", kinds=["EXTERNAL"])
    await publish(world, ned, blog.name, "Everyone")
    await ned.begin(blog.name, "Draft")
    url = (await address(ria, blog.name)).url
    assert (await read(world, url)).titles == ["Everyone", "Inside"]
    await world.tell(inside, moderation_pb2.SubjectHidden(subject=inside), source="moderation")
    assert (await read(world, url)).titles == ["Everyone"]
    await world.tell(inside, moderation_pb2.SubjectRestored(subject=inside), source="moderation")
    await leave(world, group, ria)
    assert (await read(world, url)).titles == ["Everyone"]
    await world.bar(("network", "retail"))
    refusal = await refused(read(world, url))
    await world.bar()
    assert refusal == await refused(read(world, "https://plein/?token=x"))
    assert (await read(world, url)).titles == ["Everyone"]


async def test_who_may_not_come_in_reads_nothing_at_their_addresses(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await ada.begin_blog()
    await publish(world, ada, blog.name)
    url = (await address(bob, blog.name)).url
    await world.access(bob.person, active=False, epoch=1)
    refusal = await refused(read(world, url))
    assert refusal == await refused(read(world, "https://plein/?token=x"))
    assert refusal.reason == "ADDRESS_NOT_FOUND"
    await world.access(bob.person, active=True, epoch=2)
    assert (await read(world, url)).titles == ["First"]


async def test_an_address_is_its_persons_and_can_be_revoked(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    blog = await ada.begin_blog()
    request_id = str(uuid4())
    first, again = [await address(bob, blog.name, request_id) for _ in range(2)]
    second = await address(bob, blog.name)
    assert first == again
    assert first.url != second.url
    listing = subscriptions_pb2.ListAtomAddressesRequest(page_size=1)
    assert await walked(api(bob).ListAtomAddresses, listing) == [second, first]
    assert await walked(api(ada).ListAtomAddresses, subscriptions_pb2.ListAtomAddressesRequest()) == []
    revoking = subscriptions_pb2.DeleteAtomAddressRequest(name=first.name)
    assert (await refused(api(ada).DeleteAtomAddress(revoking))).reason == "ADDRESS_NOT_FOUND"
    await api(bob).DeleteAtomAddress(revoking)
    assert (await refused(read(world, first.url))).reason == "ADDRESS_NOT_FOUND"
    assert (await read(world, second.url)).titles == []


async def test_the_secret_of_an_address_is_in_no_table(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    made = await address(bob, (await ada.begin_blog()).name, str(uuid4()))
    secret = token(made.url)
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information_)'"
    async with world.server.resources.database.snapshot() as tx:
        for table in (await tx.execute(sa.text(tables))).scalars().all():
            for row in (await tx.execute(sa.text(f"SELECT t::text FROM {table} t"))).scalars():
                assert secret not in row
                assert secret.encode().hex() not in row


async def test_a_token_that_was_changed_reads_nothing(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    secret = token((await address(bob, (await ada.begin_blog()).name)).url)
    other = secret[:-2] + ("BA" if secret.endswith("AA") else "AA")
    for wrong in (other, "A" * 43, secret[:-1], secret + "A", "é" * 20, "0"):
        assert (await refused(read(world, f"https://plein/?token={wrong}"))).reason == "ADDRESS_NOT_FOUND"


async def test_what_is_as_it_was_is_not_sent_again(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = await new_group(world, ada, bob)
    blog = await ada.begin_blog()
    await publish(world, ada, blog.name, "Inside", group=group)
    url = (await address(bob, blog.name)).url
    first = await read(world, url)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await read(world, url, if_none_match=known)
        length = str(len(first.content))
        assert (again.content, again.headers["x-not-modified"], again.headers["etag"]) == (b"", length, tag)
    # The tag decides, whatever the time says.
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    assert (await read(world, url, if_none_match='"other"', if_modified_since=later)).titles == ["Inside"]
    await leave(world, group, bob)
    changed = await read(world, url, if_none_match=tag)
    assert changed.titles == []
    assert "x-not-modified" not in changed.headers


async def test_the_time_of_a_change_is_told_when_it_is_certain(world: World, meet: Meet) -> None:
    """Also who only compares times hears that something is gone, which leaves no trace in what is left."""
    ada, bob = await meet("ada", "bob")
    group = await new_group(world, ada, bob)
    blog = await ada.begin_blog()
    await publish(world, ada, blog.name, "Inside", group=group)
    url = (await address(bob, blog.name)).url
    modified = await last_modified(world, url)
    assert (await read(world, url, if_modified_since=modified)).content == b""
    assert (await read(world, url, if_modified_since="some day")).titles == ["Inside"]
    await leave(world, group, bob)
    assert (await read(world, url, if_modified_since=modified)).titles == []
    assert await last_modified(world, url) != modified


async def last_modified(world: World, url: str) -> str:
    """What is told within a second or so."""
    async with asyncio.timeout(5):
        while True:
            answer = await read(world, url)
            if modified := answer.headers.get("last-modified"):
                return modified


async def test_there_is_an_end_to_addresses(world: World, meet: Meet) -> None:
    [ada] = await meet("ada")
    for _ in range(MOST_ADDRESSES):
        await address(ada, "tags/many")
    assert (await refused(address(ada, "tags/many"))).reason == "TOO_MANY_ADDRESSES"
