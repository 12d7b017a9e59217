"""Whom moderators suspend identity keeps out, until the time comes or the decision is undone."""

from asyncio import timeout
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf import empty_pb2
from plein.identity.v1 import identity_pb2
from plein.moderation.v1 import own_data_pb2, own_data_pb2_grpc
from sqlalchemy import text

from chassis.problems import Unavailable, WrongState
from chassis.testing import World
from services.moderation.service import SERVICE
from tests.conftest import Start
from tests.moderation.caller import Caller, Meet
from tests.moderation.judging import Author, Judge, told
from tests.moderation.owners import Shelf

HOLD = "/plein.identity.v1.IdentityService/HoldPerson"


@dataclass
class Gate:
    """Whom identity keeps out, and what it says against that."""

    held: dict[str, datetime] = field(default_factory=dict)
    problem: Exception | None = None
    asked: int = 0

    def hold(self, request: identity_pb2.HoldPersonRequest) -> empty_pb2.Empty:
        self.asked += 1
        if self.problem:
            raise self.problem
        if request.HasField("until"):
            self.held[request.name] = request.until.ToDatetime(UTC)
        else:
            self.held.pop(request.name, None)
        return empty_pb2.Empty()

    async def until(self, condition: Callable[[], bool], world: World) -> None:
        """Waits until something is so."""
        async with timeout(10):
            while not condition():
                await told(world)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate()


@pytest.fixture(scope="module")
async def world(start: Start, shelf: Shelf, gate: Gate) -> World:
    answers = {**shelf.answers, HOLD: (identity_pb2.HoldPersonRequest, gate.hold)}
    return await start(SERVICE, answers)


@pytest.fixture
async def ada(meet: Meet, gate: Gate) -> AsyncIterator[Caller]:
    (caller,) = await meet("ada")
    yield caller
    gate.problem = None


@pytest.fixture
async def case(meet: Meet, ada: Caller, shelf: Shelf) -> str:
    """The name of a case in which Ada is suspended for a day."""
    return await suspended(meet, ada, shelf)


async def suspended(meet: Meet, ada: Caller, shelf: Shelf, hours: int = 24) -> str:
    (bob,), (mia,) = await meet("bob"), await meet("mia", roles=["moderator"])
    post = shelf.put(ada)
    await bob.report(post)
    return (await Judge(mia).judge(post, "SUSPEND", hours=hours)).name


async def test_identity_keeps_the_person_out_for_that_long(case: str, ada: Caller, gate: Gate, world: World) -> None:
    await gate.until(lambda: ada.name in gate.held, world)
    assert timedelta(hours=23) < gate.held[ada.name] - datetime.now(UTC) <= timedelta(hours=24)


async def test_when_the_time_comes_identity_lets_the_person_in(
    case: str, ada: Caller, gate: Gate, world: World
) -> None:
    await gate.until(lambda: ada.name in gate.held, world)
    async with world.server.resources.database.transaction() as tx:
        past = "UPDATE sanctions SET suspended_until = now(), due_time = now() WHERE person = :person"
        await tx.execute(text(past), {"person": ada.id})
    await gate.until(lambda: ada.name not in gate.held, world)


async def test_the_longest_suspension_counts(meet: Meet, ada: Caller, shelf: Shelf, gate: Gate, world: World) -> None:
    long = await suspended(meet, ada, shelf, 72)
    await suspended(meet, ada, shelf, 24)
    await gate.until(lambda: ada.name in gate.held, world)
    assert gate.held[ada.name] - datetime.now(UTC) > timedelta(hours=71)
    (max_,) = await meet("max", roles=["moderator"])
    await Judge(max_).undo(long)
    await gate.until(lambda: gate.held[ada.name] - datetime.now(UTC) < timedelta(hours=25), world)


async def test_an_appeal_lets_the_person_in(meet: Meet, case: str, ada: Caller, gate: Gate, world: World) -> None:
    await gate.until(lambda: ada.name in gate.held, world)
    (max_,) = await meet("max", roles=["moderator"])
    await Author(ada).appeal(case)
    await Judge(max_).take(case)
    await Judge(max_).decide_appeal(case, "WARN", explanation="Te streng.")
    await gate.until(lambda: ada.name not in gate.held, world)


async def test_who_is_erased_is_not_held_for_ever(case: str, ada: Caller, gate: Gate, world: World) -> None:
    await gate.until(lambda: ada.name in gate.held, world)
    await world.access(ada.person, active=False, epoch=1)
    stub = own_data_pb2_grpc.OwnDataServiceStub(world.channel("operator"))
    await stub.EraseOwnData(own_data_pb2.EraseOwnDataRequest(name=ada.name))
    assert ada.name not in gate.held


async def test_an_identity_that_is_away_hears_it_later(
    meet: Meet, ada: Caller, shelf: Shelf, gate: Gate, world: World
) -> None:
    gate.problem, before = Unavailable("AWAY", "Away."), gate.asked
    await suspended(meet, ada, shelf)
    await gate.until(lambda: gate.asked > before + 1, world)
    gate.problem = None
    await gate.until(lambda: ada.name in gate.held, world)


async def test_whom_identity_cannot_spare_it_is_asked_about_again_later(
    meet: Meet, ada: Caller, shelf: Shelf, gate: Gate, world: World
) -> None:
    gate.problem, before = WrongState("LAST_ADMINISTRATOR", "The last administrator has to stay."), gate.asked
    await suspended(meet, ada, shelf)
    await gate.until(lambda: gate.asked > before, world)
    query = text("SELECT due_time > now() + interval '50 minutes' FROM sanctions WHERE person = :person")
    async with timeout(10):
        while True:
            async with world.server.resources.database.snapshot() as tx:
                if (await tx.execute(query, {"person": ada.id})).scalar():
                    break
    assert ada.name not in gate.held
