"""Processes are killed, frozen, slowed down and filled while people do all that they do with posts.

Nothing acknowledged is lost, nothing is there or told twice, and everything that was derived is right again within ten
seconds: tests/chaos/invariants.py.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest

from deploy.stack import Stack
from tests.chaos.crowd import Crowd, empty_stack
from tests.chaos.doings import Doings
from tests.chaos.faults import FAULTS
from tests.chaos.invariants import Ledger, facts
from tests.chaos.trial import SECONDS, right_again, stood

PEOPLE = 60
FOLLOWS = 12
PER_SECOND = 50


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
    await made.follow({(one, other) for one in everyone for other in chance.sample(everyone, FOLLOWS) if one != other})
    return made


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.mark.parametrize("fault", FAULTS)
async def test_nothing_is_lost_and_all_is_right_again(crowd: Crowd, ledger: Ledger, fault: str) -> None:
    async with crowd.client() as http:
        doings = Doings(crowd, http, Random(fault), ledger)
        await stood(crowd.stack, FAULTS[fault], doings.go_on(fault, PER_SECOND, SECONDS))
        seconds = await right_again(lambda: wrongs(crowd, http, ledger))
    done = len(ledger.posts), len(ledger.reactions), len(ledger.votes)
    print(f"{fault}: {done} posts, reactions and votes so far, all right after {seconds:.1f} s")


async def wrongs(crowd: Crowd, http: httpx.AsyncClient, ledger: Ledger) -> dict[str, Any]:
    """The invariants that do not hold now. Homes, which the edge lets nobody ask for too often, come last."""
    found = await facts(crowd.stack)
    if wrong := found.broken(ledger):
        return wrong
    homes = await crowd.wrong_homes(http, found.homes())
    return {"I3 homes are what they ought to be": homes[:5]} if homes else {}
