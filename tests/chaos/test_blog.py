"""Processes are killed while people write articles: no acknowledged word is lost, and each comes out once."""

import asyncio
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from deploy.stack import Stack
from tests.chaos.crowd import Crowd, empty_stack
from tests.chaos.doings import until
from tests.chaos.faults import FAULTS, Fault, killed
from tests.chaos.invariants import NONE_OF_THESE

AUTHORS = 12
SECONDS = 12
RIGHT_WITHIN_SECONDS = 30.0
BEFALLING: dict[str, Fault] = {"blog killed": killed("blog"), "identity killed": killed("identity")}
BEFALLING |= {name: FAULTS[name] for name in ("feed killed", "postgres killed")}

NONE_IN_BLOG = {name: query for name, query in NONE_OF_THESE.items() if name.startswith(("I4", "I5"))} | {
    "B1 nothing waits whose time has come": "SELECT id FROM articles WHERE schedule_time < now()",
}
PUBLISHED = "SELECT 'articles/' || id, text FROM articles WHERE state = 3"
DRAFTS = "SELECT 'articles/' || article, text FROM drafts"
TOLD = "SELECT aggregate, count(*) FROM eventlog.events WHERE type LIKE '%.ArticlePublished' GROUP BY aggregate"
IN_FEED = "SELECT 'articles/' || id FROM articles"
# What a request is told that is repeated because nobody heard that it was carried out.
DONE_BEFORE, TOO_LATE = ("NOTHING_NEW", "ALREADY_PUBLISHED"), "TIME_OUT_OF_RANGE"
MORE_PATIENT = 4


@dataclass
class Writing:
    """People who write, each one thing after the other; by article what was acknowledged last."""

    crowd: Crowd
    http: httpx.AsyncClient
    saved: dict[str, str] = field(default_factory=dict)
    coming_out: set[str] = field(default_factory=set)

    async def write(self, author: int, end: float, chance: Random) -> None:
        """Until a monotonic time; what was asked is asked until it is acknowledged."""
        blog = {"title": f"Blog {author}", "kind": "BLOG_KIND_TEAM"}
        made = await self.ask(author, "POST", "/v1/blogs", {"blog": blog, "requestId": str(uuid4())})
        while time.monotonic() < end:
            article = {"blog": made["name"], "title": "Chaos", "text": "begun"}
            asked = {"article": article, "requestId": str(uuid4())}
            name = str((await self.ask(author, "POST", "/v1/articles", asked))["name"])
            self.saved[name] = "begun"
            for number in range(chance.randrange(4)):
                await self.ask(author, "PATCH", f"/v1/{name}/draft", {"text": f"version {number}"})
                self.saved[name] = f"version {number}"
            if await self.come_out(author, name, chance):
                self.coming_out.add(name)

    async def come_out(self, author: int, name: str, chance: Random) -> bool:
        """Publishes an article, or lets it be published soon; False when the time had passed before anybody heard."""
        try:
            if chance.random() < 0.5:
                await self.ask(author, "POST", f"/v1/{name}:publish", {})
            else:
                soon = datetime.now(UTC) + timedelta(seconds=chance.randrange(10, 14))
                await self.ask(author, "POST", f"/v1/{name}:schedule", {"publishTime": soon.isoformat()})
        except AssertionError as refusal:
            if not any(reason in str(refusal) for reason in (*DONE_BEFORE, TOO_LATE)):
                raise
            return TOO_LATE not in str(refusal)
        return True

    async def ask(self, author: int, method: str, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        """With more patience than the crowd has: on a busy machine a service needs a while to come back."""
        for _ in range(MORE_PATIENT):
            try:
                return await self.crowd.ask(self.http, author, method, path, asked)
            except AssertionError as refusal:
                if "was never acknowledged" not in str(refusal):
                    raise
        raise AssertionError(f"{method} {path} {asked} was never acknowledged")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack() as started:
        yield started


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(AUTHORS)
    return made


@pytest.mark.parametrize("fault", BEFALLING)
async def test_what_was_acknowledged_stands_and_comes_out_once(stack: Stack, fault: str, crowd: Crowd) -> None:
    async with crowd.client() as http:
        writing = Writing(crowd, http)
        began = time.monotonic()
        going_on = asyncio.gather(*(writing.write(one, began + SECONDS, Random(one)) for one in range(AUTHORS)))
        await until(began + SECONDS / 3)
        await BEFALLING[fault](stack, SECONDS / 3)
        await going_on
    quiet_since = time.monotonic()
    while wrong := await wrongs(stack, writing):
        assert time.monotonic() < quiet_since + RIGHT_WITHIN_SECONDS, wrong
    print(f"{fault}: {len(writing.saved)} articles, all right after {time.monotonic() - quiet_since:.1f} s")


async def wrongs(stack: Stack, writing: Writing) -> dict[str, Collection[Any]]:
    """What does not hold now."""
    wrong: dict[str, Collection[Any]] = {}
    for name, query in NONE_IN_BLOG.items():
        if found := await rows(stack, "blog", query):
            wrong[name] = found[:5]
    drafts, out = dict(await rows(stack, "blog", DRAFTS)), dict(await rows(stack, "blog", PUBLISHED))
    told, known = dict(await rows(stack, "blog", TOLD)), {name for [name] in await rows(stack, "feed", IN_FEED)}
    meant = {name: writing.saved[name] for name in writing.coming_out}
    if lost := [name for name, text in writing.saved.items() if drafts.get(name) != text]:
        wrong["B2 what was saved stands"] = lost[:5]
    if missing := [name for name, text in meant.items() if out.get(name) != text]:
        wrong["B3 what was to come out is out"] = missing[:5]
    if often := [name for name in meant if told.get(name) != 1]:
        wrong["B4 it is told once"] = often[:5]
    if unlike := set(out) ^ known:
        wrong["B5 feed knows what is out"] = list(unlike)[:5]
    return wrong


async def rows(stack: Stack, service: str, query: str) -> list[Any]:
    """What a query finds in the database of a service."""
    address = next(process.address for process in stack.processes if process.name == "postgres")
    password = stack.secrets.database_password(service).read_text()
    url = f"postgresql://{service}:{password}@{address}/{service}"
    async with await psycopg.AsyncConnection.connect(url) as tx:
        return await (await tx.execute(query.encode())).fetchall()
