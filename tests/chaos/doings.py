"""What people do at a rate while things break: each request again and again until it is acknowledged, as clients do."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import httpx

from tests.chaos.crowd import Crowd
from tests.chaos.invariants import Ledger

SORTS = ["LIKE", "HEART", "CELEBRATE", "LAUGH", "THINK", "SAD"]


@dataclass
class Doings:
    """Posts, replies, reshares, edits, votes and reactions; `ledger` has what was acknowledged of them."""

    crowd: Crowd
    http: httpx.AsyncClient
    chance: Random
    ledger: Ledger
    _edited: set[str] = field(default_factory=set)
    _polls: list[str] = field(default_factory=list)

    async def go_on(self, what: str, per_second: int, seconds: float) -> None:
        """So many things a second, whether feed keeps up or not; returns when all of them are acknowledged."""
        began = time.monotonic()
        doing = []
        for number in range(int(per_second * seconds)):
            await until(began + number / per_second)
            doing.append(asyncio.create_task(self._something(f"{what} {number}")))
        await asyncio.gather(*doing)

    async def _something(self, text: str) -> None:
        person = self.chance.randrange(len(self.crowd.names))
        posts = list(self.ledger.posts)
        lately = self.chance.choice(posts[-50:]) if posts else ""
        match self.chance.choices(range(6), (6, 3, 2, 2, 2, 4))[0] if posts else 0:
            case 1:
                await self._write(person, text, replyTo=lately)
            case 2:
                await self._write(person, self.chance.choice(["", text]), reshareOf=self._passed_on(lately))
            case 3:
                await self._edit(lately, text)
            case 4 if self._polls:
                await self._vote(person, self.chance.choice(self._polls))
            case 5:
                await self._react(person, lately)
            case _:
                await self._post(person, text)

    async def _post(self, person: int, text: str) -> None:
        mentioned = f"{text} @p{self.chance.randrange(len(self.crowd.names))} #chaos"
        if self.chance.random() < 0.8:
            await self._write(person, mentioned)
        else:
            end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
            poll = {"choices": [{"text": "Yes"}, {"text": "No"}], "endTime": end}
            self._polls.append(await self._write(person, mentioned, poll=poll))

    async def _write(self, person: int, text: str, **fields: object) -> str:
        asked = {"post": {"text": text, **fields}, "requestId": str(uuid4())}
        answer = await self.crowd.ask(self.http, person, "POST", "/v1/posts", asked)
        name = str(answer["name"])
        self.ledger.posts[name] = self.crowd.names[person], text
        return name

    def _passed_on(self, name: str) -> str:
        """What is passed on has words: of a plain reshare that is the first with which nothing was done yet."""
        return name if self.ledger.posts[name][1] else next(one for one, (_, text) in self.ledger.posts.items() if text)

    async def _edit(self, name: str, text: str) -> None:
        """Each post once, so that what was acknowledged last is known; the mention in it stays."""
        author, before = self.ledger.posts[name]
        if name in self._edited or not before:
            return
        self._edited.add(name)
        del self.ledger.posts[name]
        changed = f"{before} edited"
        person = self.crowd.names.index(author)
        await self.crowd.ask(self.http, person, "PATCH", f"/v1/{name}?updateMask=text", {"text": changed})
        self.ledger.posts[name] = author, changed

    async def _vote(self, person: int, name: str) -> None:
        """Everybody votes the same in all polls: then it does not matter which try came last."""
        place = person % 2
        await self.crowd.ask(self.http, person, "POST", f"/v1/{name}:vote", {"choices": [place]})
        self.ledger.votes[name, self.crowd.names[person]] = 1 << place

    async def _react(self, person: int, name: str) -> None:
        sort = person % len(SORTS)
        asked = {"reaction": f"REACTION_{SORTS[sort]}"}
        await self.crowd.ask(self.http, person, "POST", f"/v1/{name}:react", asked)
        self.ledger.reactions[name, self.crowd.names[person]] = sort + 1


async def until(moment: float) -> None:
    """Returns at a monotonic time."""
    nothing = asyncio.get_running_loop().create_future()
    await asyncio.wait([nothing], timeout=max(0.0, moment - time.monotonic()))
