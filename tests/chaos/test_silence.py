"""A log that nobody hears: what it would have to tell is taken for the worst, and all comes back by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from chassis.access import STALE_SECONDS
from deploy.stack import Stack
from tests.chaos.crowd import Crowd, empty_stack, moment
from tests.chaos.doings import until
from tests.chaos.faults import frozen
from tests.chaos.trial import RIGHT_WITHIN_SECONDS

MODERATOR, OWNER, MEMBER, STRANGER = range(4)
# A log is heard at least every five seconds, so this is when the last silence is noticed.
CLOSED_WITHIN_SECONDS = STALE_SECONDS + 2


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack() as started:
        yield started


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(4, moderators=1)
    return made


@pytest.fixture
async def http(crowd: Crowd) -> AsyncIterator[httpx.AsyncClient]:
    async with crowd.client() as client:
        yield client


async def test_nothing_of_a_group_is_shown_while_groups_is_not_heard(crowd: Crowd, http: httpx.AsyncClient) -> None:
    group = (await crowd.ask(http, OWNER, "POST", "/v1/groups", {"title": "Koor", "visibility": OPEN}))["name"]
    await crowd.ask(http, MEMBER, "POST", f"/v1/{group}:join", {})
    within = {"audience": {"group": group}}
    inside = await _written(crowd, http, within), await _published(crowd, http, within)
    outside = await _written(crowd, http, {}), await _published(crowd, http, {})
    await _shows(crowd, http, MEMBER, dict.fromkeys([*inside, *outside], True), RIGHT_WITHIN_SECONDS)

    silence = asyncio.create_task(frozen("groups")(crowd.stack, CLOSED_WITHIN_SECONDS + 3))
    await _shows(crowd, http, MEMBER, dict.fromkeys(inside, False), CLOSED_WITHIN_SECONDS)
    assert await _listed(crowd, http, MEMBER, f"{group}/posts") == []
    assert await _shown(crowd, http, MEMBER, *outside) == dict.fromkeys(outside, True)
    await silence
    await _shows(crowd, http, MEMBER, dict.fromkeys([*inside, *outside], True), RIGHT_WITHIN_SECONDS)
    assert await _listed(crowd, http, MEMBER, f"{group}/posts") == [inside[0]]
    assert await _shown(crowd, http, STRANGER, *inside) == dict.fromkeys(inside, False)


async def test_what_was_decided_stays_while_moderation_is_not_heard(crowd: Crowd, http: httpx.AsyncClient) -> None:
    removed = await _written(crowd, http, {}), await _published(crowd, http, {})
    shown, judged_later = await _written(crowd, http, {}), await _written(crowd, http, {})
    for subject in removed:
        await _remove(crowd, http, await _case(crowd, http, subject))
    case = await _case(crowd, http, judged_later)
    before = dict.fromkeys(removed, False) | {shown: True, judged_later: True}
    await _shows(crowd, http, MEMBER, before, RIGHT_WITHIN_SECONDS)

    began = time.monotonic()
    silence = asyncio.create_task(frozen("moderation")(crowd.stack, CLOSED_WITHIN_SECONDS))
    deciding = asyncio.create_task(_remove(crowd, http, case))
    while time.monotonic() < began + CLOSED_WITHIN_SECONDS - 1:
        assert await _shown(crowd, http, MEMBER, *before) == before
        await moment()
    await asyncio.gather(silence, deciding)
    await _shows(crowd, http, MEMBER, before | {judged_later: False}, RIGHT_WITHIN_SECONDS)


OPEN = "GROUP_VISIBILITY_OPEN"
GONE = ("ARTICLE_NOT_FOUND", "POST_NOT_FOUND")


async def _written(crowd: Crowd, http: httpx.AsyncClient, audience: dict[str, Any]) -> str:
    """A new post of the owner's; feed may hear of the group only after who founded it."""
    asked = {"post": {"text": "Alleen voor ons", **audience}}
    known = ("NOT_A_MEMBER", "GROUP_NOT_FOUND")
    while "name" not in (answer := await crowd.ask(http, OWNER, "POST", "/v1/posts", asked, known)):
        await moment()
    return str(answer["name"])


async def _published(crowd: Crowd, http: httpx.AsyncClient, audience: dict[str, Any]) -> str:
    """A new article of the owner's."""
    blog = {"blog": {"title": "Wij", "kind": "BLOG_KIND_TEAM", **audience}}
    known = ("NOT_A_MEMBER", "GROUP_NOT_FOUND")
    while "name" not in (made := await crowd.ask(http, OWNER, "POST", "/v1/blogs", blog, known)):
        await moment()
    article = {"article": {"blog": made["name"], "title": "Ons", "text": "Alleen voor ons."}}
    name = str((await crowd.ask(http, OWNER, "POST", "/v1/articles", article))["name"])
    await crowd.ask(http, OWNER, "POST", f"/v1/{name}:publish", {})
    return name


async def _case(crowd: Crowd, http: httpx.AsyncClient, subject: str) -> str:
    """A case about something, in the moderator's hands."""
    report = {"subject": subject, "reason": "REPORT_REASON_HARASSMENT"}
    await crowd.ask(http, STRANGER, "POST", "/v1/reports", report)
    cases = (await crowd.ask(http, MODERATOR, "GET", "/v1/cases?states=CASE_STATE_OPEN"))["cases"]
    [case] = [one["name"] for one in cases if one["subject"] == subject]
    await crowd.ask(http, MODERATOR, "POST", f"/v1/{case}:take", {})
    return str(case)


async def _remove(crowd: Crowd, http: httpx.AsyncClient, case: str) -> None:
    """Decides until it is acknowledged, that it was decided before included."""
    decision = {"verdict": "VERDICT_REMOVE", "reason": "REPORT_REASON_HARASSMENT", "explanation": "Zo niet."}
    await crowd.ask(http, MODERATOR, "POST", f"/v1/{case}:decide", {"decision": decision}, ("NOT_YOUR_CASE",))


async def _shows(crowd: Crowd, http: httpx.AsyncClient, person: int, expected: dict[str, bool], seconds: float) -> None:
    """Waits until somebody sees exactly what is expected of these."""
    end = time.monotonic() + seconds
    while (shown := await _shown(crowd, http, person, *expected)) != expected:
        assert time.monotonic() < end, shown
        await until(time.monotonic() + 0.1)


async def _shown(crowd: Crowd, http: httpx.AsyncClient, person: int, *names: str) -> dict[str, bool]:
    return {name: "name" in await crowd.ask(http, person, "GET", f"/v1/{name}", None, GONE) for name in names}


async def _listed(crowd: Crowd, http: httpx.AsyncClient, person: int, path: str) -> list[str]:
    """The posts of a page; none where there is no such page."""
    answer = await crowd.ask(http, person, "GET", f"/v1/{path}", None, ("GROUP_NOT_FOUND",))
    return [post["name"] for post in answer.get("posts", [])]
