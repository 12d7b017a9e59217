"""The first link of a post is looked at, and shown to whoever reads the post."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from plein.feed.v1 import feed_pb2

from chassis.testing import Answers, World
from services.feed.jobs.link_previews import Previewing
from services.feed.service import SERVICE
from services.feed.store.link_previews import is_anyone_waiting
from services.feed.tables.link_previews import link_previews as table
from tests.chassis.site import Site, opened_site, page, redirect
from tests.conftest import Start
from tests.feed.cached import pause
from tests.feed.caller import Caller, Meet
from tests.feed.writing import edit

PAGE = """<!doctype html><html><head><title>Een &amp; ander</title>
<meta property="og:title" content="Het &eacute;chte plein">
<meta property='og:description' content='Waar men elkaar ziet.'>
<meta content="Pleinen van Nederland" property="og:site_name"></head><body>Dag!</body></html>"""


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    async with opened_site() as opened:
        yield opened


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers, site: Site) -> World:
    own = {"link_preview_allowed_hosts": (f"127.0.0.1:{site.port}",), "link_preview_seconds": 0.5}
    return await start(SERVICE, answers, link_previews=True, **own)


def url(site: Site, path: str) -> str:
    return f"http://127.0.0.1:{site.port}{path}"


def asked(site: Site, path: str) -> int:
    return sum(request.startswith(f"GET {path} ") for request in site.requests)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await pause()


async def previewed(reader: Caller, name: str) -> feed_pb2.Post:
    """A post, once it shows a preview."""

    async def shows() -> bool:
        return (await reader.read(name)).HasField("link_preview")

    await until(shows)
    return await reader.read(name)


async def looked_at(world: World) -> None:
    """Waits until no post waits for a preview."""
    await world.caught_up("feed")

    async def nobody_waits() -> bool:
        async with world.server.resources.database.snapshot() as tx:
            return not await is_anyone_waiting(tx)

    await until(nobody_waits)
    await world.caught_up("feed")


async def test_a_post_shows_what_its_first_link_leads_to(meet: Meet, world: World, site: Site) -> None:
    [ada, bob] = await meet("ada", "bob")
    await bob.follow(ada)
    await bob.home()
    site.pages["/plein"] = page(PAGE)
    site.pages["/other"] = page(PAGE)
    link = url(site, "/plein")
    post = await ada.post(f"Kijk ({link}), en ook {url(site, '/other')}!")
    assert not post.HasField("link_preview")
    shown = await previewed(bob, post.name)
    assert shown.link_preview == feed_pb2.LinkPreview(
        url=link, title="Het échte plein", description="Waar men elkaar ziet.", site="Pleinen van Nederland"
    )
    assert (shown.etag, shown.HasField("edit_time")) == (post.etag, False)
    await world.caught_up("feed")
    [at_home] = [found for found in await bob.home() if found.name == post.name]
    assert at_home == shown
    assert asked(site, "/other") == 0


async def test_a_page_is_asked_for_once_however_many_post_it(meet: Meet, world: World, site: Site) -> None:
    callers = await meet("ada", "bob", "cor")
    site.pages["/shared"] = page(PAGE)
    link = url(site, "/shared")
    together = await asyncio.gather(*(caller.post(link) for caller in callers))
    for post in together:
        await previewed(callers[0], post.name)
    await previewed(callers[0], (await callers[0].post(f"Nog eens {link}")).name)
    assert asked(site, "/shared") == 1


async def test_what_is_known_is_known_for_a_day(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    site.pages["/changing"] = page("<title>Gisteren</title>")
    link = url(site, "/changing")
    assert (await previewed(ada, (await ada.post(link)).name)).link_preview.title == "Gisteren"
    site.pages["/changing"] = page("<title>Vandaag</title>")
    await pass_time(world, hours=23)
    assert (await previewed(ada, (await ada.post(link)).name)).link_preview.title == "Gisteren"
    await pass_time(world, hours=2)
    assert (await previewed(ada, (await ada.post(link)).name)).link_preview.title == "Vandaag"


async def pass_time(world: World, **time: float) -> None:
    """Lets what is known of links have been found out so long before."""
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.update(table).values(next_try=table.c.next_try - timedelta(**time)))


async def test_a_page_that_does_not_answer_is_asked_again_after_an_hour(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    link = url(site, "/late")
    first = await ada.post(link)
    await looked_at(world)
    site.pages["/late"] = page(PAGE)
    second = await ada.post(link)
    await looked_at(world)
    assert asked(site, "/late") == 1
    await pass_time(world, hours=1)
    await previewed(ada, (await ada.post(link)).name)
    for post in (first, second):
        assert not (await ada.read(post.name)).HasField("link_preview")


async def test_what_is_no_page_has_no_preview(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")

    async def never(writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=5)

    site.pages |= {
        "/pdf": page("%PDF", "application/pdf"),
        "/untitled": page("<p>Dag!"),
        "/slow": never,
        "/broken": b"no HTTP",
        "/private": redirect("http://127.0.0.1:1/"),
        "/metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    }
    links = [url(site, path) for path in ("/pdf", "/untitled", "/slow", "/broken", "/private", "/metadata", "/none")]
    links += ["http://127.0.0.1:1/", "http://10.0.0.1/", "http://2130706433/", "http://[::1]/", "http://localhost/"]
    links += ["http://[not", "https://user:secret@intranet/", world.server.settings.public_url + "/posts/1"]
    written = [await ada.post(f"Kijk: {link}") for link in links]
    site.pages["/good"] = page(PAGE)
    await previewed(ada, (await ada.post(url(site, "/good"))).name)
    await looked_at(world)
    for post in written:
        assert not (await ada.read(post.name)).HasField("link_preview"), post.text


async def test_a_deleted_post_gets_no_preview(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    let_go = asyncio.Event()

    async def held(writer: asyncio.StreamWriter) -> None:
        await let_go.wait()
        writer.write(page(PAGE))

    site.pages["/held"] = held
    post = await ada.post(url(site, "/held"))
    await ada.post("Blijf", reply_to=post.name)

    async def is_asked() -> bool:
        return asked(site, "/held") > 0

    await until(is_asked)
    await ada.delete(post.name)
    let_go.set()
    await looked_at(world)
    assert not (await ada.read(post.name)).HasField("link_preview")


async def test_a_changed_post_shows_where_its_new_first_link_leads(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    site.pages |= {f"/edit/{title}": page(f"<title>{title}</title>") for title in ("Eerst", "Dan")}
    first, then = url(site, "/edit/Eerst"), url(site, "/edit/Dan")
    post = await previewed(ada, (await ada.post(f"{first} en {then}")).name)
    assert post.link_preview.title == "Eerst"
    changed = await edit(ada, post.name, text=f"{then} en {first}")
    assert changed.link_preview.url != then

    async def shows_the_other() -> bool:
        return (await ada.read(post.name)).link_preview.title == "Dan"

    await until(shows_the_other)
    assert (await ada.read(post.name)).etag == changed.etag
    await edit(ada, post.name, text=f"{url(site, '/nothing')} en {then}")

    async def shows_none() -> bool:
        return not (await ada.read(post.name)).HasField("link_preview")

    await until(shows_none)
    assert not (await edit(ada, post.name, text="Niets meer")).HasField("link_preview")


async def test_what_a_link_led_to_is_not_shown_when_the_post_has_another_by_then(
    meet: Meet, world: World, site: Site
) -> None:
    [ada] = await meet("ada")
    let_go = asyncio.Event()

    async def held(writer: asyncio.StreamWriter) -> None:
        await let_go.wait()
        writer.write(page("<title>Te laat</title>"))

    site.pages["/edit/held"] = held
    post = await ada.post(url(site, "/edit/held"))

    async def is_asked() -> bool:
        return asked(site, "/edit/held") > 0

    await until(is_asked)
    await edit(ada, post.name, text="Geen adres meer")
    let_go.set()
    await looked_at(world)
    assert not (await ada.read(post.name)).HasField("link_preview")


async def test_what_a_process_had_begun_when_it_died_is_done_by_another(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    let_go, times = asyncio.Event(), 0

    async def held_once(writer: asyncio.StreamWriter) -> None:
        nonlocal times
        times += 1
        if times == 1:
            await let_go.wait()
        writer.write(page(PAGE))

    site.pages["/crash"] = held_once
    link = url(site, "/crash")
    post = await ada.post(link)

    async def is_asked() -> bool:
        return times == 1

    await until(is_asked)
    # The first process holds the link for a minute; when that is over another may look.
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.update(table).where(table.c.url == link).values(next_try=sa.func.now()))
    await Previewing(world.server.resources).work()
    assert (await ada.read(post.name)).HasField("link_preview")
    let_go.set()


async def test_several_processes_share_the_work(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    paths = [f"/many/{number}" for number in range(20)]
    site.pages |= {path: page(PAGE) for path in paths}
    written = [await ada.post(url(site, path)) for path in paths]
    await asyncio.gather(*(Previewing(world.server.resources).work() for _ in range(3)))
    for post in written:
        await previewed(ada, post.name)
    assert [asked(site, path) for path in paths] == [1] * len(paths)


async def test_what_was_known_before_is_shown_without_asking(meet: Meet, world: World, site: Site) -> None:
    [ada] = await meet("ada")
    site.pages["/long"] = page("<title>" + "é" * 5000 + "</title>")
    post = await previewed(ada, (await ada.post(url(site, "/long"))).name)
    assert post.link_preview.title == "é" * 200 + "…"
    assert post.link_preview.site == "127.0.0.1"
