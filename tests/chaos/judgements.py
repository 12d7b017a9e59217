"""What people do when something is wrong: they report it, and moderators decide, each one thing after the other."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.chaos.crowd import Crowd

MODERATORS = 3
# Each with what others see of its subject: 0 all, 1 hidden, 2 removed.
VERDICTS = {"NO_ACTION": 0, "WARN": 0, "HIDE": 1, "REMOVE": 2}
NUMBERS = {"NO_ACTION": 1, "HIDE": 2, "REMOVE": 3, "WARN": 4}
# What may be heard by who was not the first, or asks again although it was heard.
GONE = ("SUBJECT_NOT_FOUND",)
TAKEN = ("CASE_TAKEN", "WRONG_CASE_STATE")
DECIDED = ("NOT_YOUR_CASE", "WRONG_CASE_STATE")
UNDONE = ("CASE_CHANGED", "WRONG_CASE_STATE")


@dataclass
class Judgements:
    """What was acknowledged: subjects with their authors, (subject, reporter) of reports, verdicts by case."""

    crowd: Crowd
    http: httpx.AsyncClient
    subjects: dict[str, int] = field(default_factory=dict)
    reports: set[tuple[str, str]] = field(default_factory=set)
    verdicts: dict[str, int] = field(default_factory=dict)
    article: str = ""

    async def begin(self) -> None:
        """Somebody's article, under which others say what is reported then."""
        author = MODERATORS
        blog = await self._ask(author, "POST", "blogs", {"blog": {"title": "Chaos", "kind": "BLOG_KIND_TEAM"}})
        article = {"blog": blog["name"], "title": "Praat mee", "text": "Wat vinden jullie?"}
        self.article = (await self._ask(author, "POST", "articles", {"article": article}))["name"]
        await self._ask(author, "POST", f"{self.article}:publish", {})

    def all_at_work(self, end: float, chance: Random) -> Iterator[Any]:
        """Moderators, and as many who speak as report, until a monotonic time."""
        for person in range(len(self.crowd.names)):
            their = Random(chance.random())
            if person < MODERATORS:
                yield self._moderate(person, end, their)
            else:
                yield (self._speak if person % 2 else self._report)(person, end, their)

    async def _speak(self, person: int, end: float, chance: Random) -> None:
        while time.monotonic() < end:
            said, request = {"text": f"Sukkels {chance.getrandbits(64)}"}, str(uuid4())
            if chance.randrange(2):
                made = await self._ask(person, "POST", "posts", {"post": said, "requestId": request})
            else:
                asked = {"comment": said, "requestId": request}
                made = await self._ask(person, "POST", f"{self.article}/comments", asked)
            self.subjects[made["name"]] = person
            await _pause(chance.uniform(0.5, 1.5))

    async def _report(self, person: int, end: float, chance: Random) -> None:
        """Most report what others report too."""
        while time.monotonic() < end:
            for subject in chance.sample(lately := list(self.subjects)[-12:], k=min(1, len(lately))):
                report = {"subject": subject, "reason": "REPORT_REASON_HARASSMENT"}
                answer = await self._ask(person, "POST", f"reports?requestId={uuid4()}", report, GONE)
                if "subject" in answer:
                    self.reports.add((subject, self.crowd.names[person]))
            await _pause(chance.uniform(0.1, 0.5))

    async def _moderate(self, person: int, end: float, chance: Random) -> None:
        """Takes a case that waits and decides it; one in six was a mistake, and is open again."""
        while time.monotonic() < end:
            waiting = (await self._ask(person, "GET", "cases?states=CASE_STATE_OPEN&pageSize=20")).get("cases", [])
            if not waiting:
                await _pause(0.2)
                continue
            case = chance.choice(waiting)["name"]
            taken = await self._ask(person, "POST", f"{case}:take", {}, TAKEN)
            if taken.get("assignee") == self.crowd.names[person]:
                await self._decide(person, case, chance)

    async def _decide(self, person: int, case: str, chance: Random) -> None:
        verdict = chance.choice(list(VERDICTS))
        decision = {"verdict": f"VERDICT_{verdict}", "explanation": "Zo praten we hier niet."}
        if verdict != "NO_ACTION":
            decision["reason"] = "REPORT_REASON_HARASSMENT"
        decided = await self._ask(person, "POST", f"{case}:decide", {"decision": decision}, DECIDED)
        self.verdicts[case] = NUMBERS[verdict]
        if "etag" in decided and chance.randrange(6) == 0:
            # From now on others may decide, before it is known here that they may.
            del self.verdicts[case]
            asked = {"explanation": "Een vergissing.", "etag": decided["etag"]}
            await self._ask(person, "POST", f"{case}:undo", asked, UNDONE)

    async def _ask(
        self, person: int, method: str, path: str, asked: Any = None, known: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        return await self.crowd.ask(self.http, person, method, f"/v1/{path}", asked, known)


async def _pause(seconds: float) -> None:
    """People think before they go on."""
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=seconds)
