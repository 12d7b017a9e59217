"""What became of reports, as the log tells it."""

from asyncio import timeout

from chassis.testing import World
from tests.moderation.caller import Meet
from tests.moderation.judging import Judge, rows
from tests.moderation.owners import Shelf

VERSIONS = "SELECT version FROM eventlog.events WHERE aggregate = :name ORDER BY position"


async def test_what_is_decided_anew_is_told_anew_and_later(meet: Meet, shelf: Shelf, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    (caller,) = await meet("mia", roles=["moderator"])
    mia, post = Judge(caller), shelf.put(ada)
    report = (await bob.report(post)).name
    case = await mia.judge(post, "HIDE")
    assert await told(world, report, times=1) == [1]
    await mia.undo(case.name)
    await mia.judge(post, "WARN")
    assert await told(world, report, times=2) == [1, 2]


async def test_what_was_reported_since_a_decision_counts_when_that_is_undone(meet: Meet, shelf: Shelf) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    (caller,) = await meet("mia", roles=["moderator"])
    mia, post = Judge(caller), shelf.put(ada)
    await bob.report(post)
    case = await mia.judge(post, "NO_ACTION")
    await cleo.report(post)
    assert (await mia.undo(case.name)).report_count == 2
    assert len(await mia.reports(case.name)) == 2


async def told(world: World, report: str, times: int) -> list[int]:
    """The versions with which the log tells of a report, once it does so often."""
    async with timeout(10):
        while len(found := await rows(world, VERSIONS, name=report)) < times:
            pass
    return [version for (version,) in found]
