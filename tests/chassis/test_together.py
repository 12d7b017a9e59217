"""What several calls want at the same time is done in lists, and each hears what became of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.together import MOST, Together


class Work:
    """Doubles numbers, when it is let; -1 breaks it."""

    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self.free = asyncio.Event()
        self.begun = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.lists.append(list(numbers))
        self.begun.set()
        await self.free.wait()
        if -1 in numbers:
            raise ValueError("-1")
        return [2 * number for number in numbers]


@pytest.fixture
def work() -> Work:
    return Work()


async def test_a_lone_caller_waits_for_nobody_and_who_comes_meanwhile_goes_together(work: Work) -> None:
    together = Together(work)
    callers = [asyncio.create_task(together(0))]
    await work.begun.wait()
    callers += [asyncio.create_task(together(number)) for number in range(1, MOST + 3)]
    await asyncio.wait(callers, timeout=0)  # they begin
    work.free.set()
    assert await asyncio.gather(*callers) == [2 * number for number in range(MOST + 3)]
    assert work.lists == [[0], list(range(1, MOST + 1)), [MOST + 1, MOST + 2]]


async def test_nobody_fails_because_of_another(work: Work) -> None:
    together = Together(work)
    work.free.set()
    outcomes = await asyncio.gather(*(together(number) for number in (12, -1, 14)), return_exceptions=True)
    assert outcomes[::2] == [24, 28]
    assert isinstance(outcomes[1], ValueError)
    assert await together(15) == 30


async def test_nothing_is_begun_for_who_has_gone_and_what_is_begun_is_finished(work: Work) -> None:
    together = Together(work)
    first, second, third = (asyncio.create_task(together(number)) for number in (1, 2, 3))
    await work.begun.wait()
    late = asyncio.create_task(together(4))
    await asyncio.wait([late], timeout=0)  # it begins
    first.cancel()
    late.cancel()
    work.free.set()
    assert [await second, await third, await together(5)] == [4, 6, 10]
    assert work.lists == [[1, 2, 3], [5]]
