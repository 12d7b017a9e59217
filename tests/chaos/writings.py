"""What people do with a blog: they write, save, publish, schedule and talk, each one thing after the other."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.chaos.crowd import Crowd

REACTIONS = ["LIKE", "HEART", "CELEBRATE"]
# A draft's text says in every line the number that is in its title.
LINES = 40
# Of who asks again: that the first time was heard.
PUBLISHED = ("ALREADY_PUBLISHED", "NOTHING_NEW")
SAVED = ("DRAFT_CHANGED",)


@dataclass
class Writings:
    """What was acknowledged: `drafts` have the number that was saved last, `published` are articles by whom they are.

    `scheduled` have their time, comments their text, reactions are by (comment, person).
    """

    crowd: Crowd
    http: httpx.AsyncClient
    drafts: dict[str, int] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    scheduled: dict[str, datetime] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    reactions: dict[tuple[str, str], int] = field(default_factory=dict)
    blog: str = ""

    async def begin(self, writers: int, subscribers: range) -> None:
        """The first one's blog, in which so many write, and to which these people subscribe."""
        blog = {"blog": {"title": "Chaos", "kind": "BLOG_KIND_TEAM"}, "requestId": str(uuid4())}
        self.blog = (await self._ask(0, "POST", "blogs", blog))["name"]
        for person in range(1, writers):
            author = self.crowd.names[person].replace("people/", "authors/")
            await self._ask(0, "POST", f"{self.blog}/{author}:setRole", {"role": "BLOG_ROLE_AUTHOR"})
        for person in subscribers:
            await self._ask(person, "POST", f"{self.blog}:subscribe", {})

    async def write(self, person: int, end: float, chance: Random) -> None:
        """Article after article until a monotonic time: one in three stays a draft, one in three waits for its time."""
        while time.monotonic() < end:
            article = {"blog": self.blog, **said(number := chance.getrandbits(32))}
            asked = {"article": article, "requestId": str(uuid4())}
            draft = await self._ask(person, "POST", "articles", asked)
            name = str(draft["name"])
            self.drafts[name] = number
            for _ in range(chance.randrange(3)):
                await self._save(person, name, chance.getrandbits(32))
            match chance.randrange(3):
                case 0:
                    await self._ask(person, "POST", f"{name}:publish", {}, PUBLISHED)
                    self.published[name] = self.crowd.names[person]
                case 1:
                    moment = datetime.now(UTC) + timedelta(seconds=chance.uniform(1, 6))
                    await self._schedule(person, name, moment)

    async def talk(self, person: int, end: float, chance: Random) -> None:
        """Comments, replies and reactions until a monotonic time."""
        while time.monotonic() < end:
            articles, comments = list(self.published)[-10:], list(self.comments)[-20:]
            if comments and chance.random() < 0.3:
                await self._react(person, chance.choice(comments))
            elif articles:
                comment = {"text": f"Reactie {chance.getrandbits(64)}"}
                asked = {"comment": comment, "requestId": str(uuid4())}
                answer = await self._ask(person, "POST", f"{chance.choice(articles)}/comments", asked)
                self.comments[answer["name"]] = comment["text"]
            else:
                await self._ask(person, "GET", f"articles?parent={self.blog}")

    async def _save(self, person: int, name: str, number: int) -> None:
        """As an editor in a browser does: with the version that it read, and once more when its answer got lost."""
        read = await self._ask(person, "GET", f"{name}/draft")
        asked = {**said(number), "etag": read["etag"]}
        await self._ask(person, "PATCH", f"{name}/draft?updateMask=title,text", asked, SAVED)
        self.drafts[name] = number

    async def _schedule(self, person: int, name: str, moment: datetime) -> None:
        """Who hears only when it is too late that nobody heard it, chooses another time."""
        asked = {"publishTime": moment.isoformat()}
        answer = await self._ask(person, "POST", f"{name}:schedule", asked, (*PUBLISHED, "TIME_OUT_OF_RANGE"))
        if "TIME_OUT_OF_RANGE" in str(answer):
            await self._schedule(person, name, datetime.now(UTC) + timedelta(seconds=5))
        else:
            self.scheduled[name] = moment

    async def _react(self, person: int, comment: str) -> None:
        sort = person % len(REACTIONS)
        asked = {"reaction": f"COMMENT_REACTION_{REACTIONS[sort]}"}
        await self._ask(person, "POST", f"{comment}:react", asked)
        self.reactions[comment, self.crowd.names[person]] = sort + 1

    async def _ask(
        self, person: int, method: str, path: str, asked: Any = None, known: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        return await self.crowd.ask(self.http, person, method, f"/v1/{path}", asked, known)


def said(number: int) -> dict[str, str]:
    """A title and a text that belong together."""
    return {"title": f"Artikel {number}", "text": "\n".join([f"Regel van {number}."] * LINES)}
