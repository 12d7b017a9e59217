"""Processes are killed while people post. Nothing acknowledged is lost, and every home is right within ten seconds."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from deploy.stack import Stack
from tests.chaos.crowd import Crowd, empty_stack, pid_of

PEOPLE = 60
FOLLOWS = 12
POSTS_PER_SECOND = 50
SECONDS = 12
RIGHT_WITHIN_SECONDS = 10.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with empty_stack() as started:
        yield started


@pytest.fixture(scope="module")
async def crowd(stack: Stack) -> Crowd:
    made = Crowd(stack)
    await made.come_in(PEOPLE)
    chance = Random(7)
    everyone = range(PEOPLE)
    pairs = {(one, other) for one in everyone for other in chance.sample(everyone, FOLLOWS) if one != other}
    await made.follow(pairs)
    return made


@pytest.mark.parametrize("victim", ["feed", "valkey", "postgres"])
async def test_nothing_acknowledged_is_lost(crowd: Crowd, victim: str) -> None:
    async with crowd.client() as http:
        assert await crowd.wrong_homes(http, range(0, PEOPLE, 7)) == []
        chance, began = Random(victim), time.monotonic()
        posting = []
        for number in range(POSTS_PER_SECOND * SECONDS):
            await _until(began + number / POSTS_PER_SECOND)
            author = chance.randrange(PEOPLE)
            posting.append(asyncio.create_task(crowd.post(http, author, f"{victim} {number}", str(uuid4()))))
            if number == POSTS_PER_SECOND * SECONDS // 3:
                _kill(crowd.stack.home, victim)
        await asyncio.gather(*posting)
        quiet_since = time.monotonic()
        wrong = list(range(PEOPLE))
        while wrong:
            assert time.monotonic() < quiet_since + RIGHT_WITHIN_SECONDS, f"{len(wrong)} homes are wrong"
            wrong = await crowd.wrong_homes(http, wrong)
    print(f"{victim}: {len(crowd.acknowledged)} posts, homes right after {time.monotonic() - quiet_since:.1f} s")


async def _until(moment: float) -> None:
    await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=max(0.0, moment - time.monotonic()))


def _kill(home: Path, name: str) -> None:
    """SIGKILL, to PostgreSQL's own children as well."""
    pid = pid_of(home, name)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for victim in [pid, *map(int, children)]:
        os.kill(victim, signal.SIGKILL)
