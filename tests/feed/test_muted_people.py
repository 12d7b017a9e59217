"""Whom moderators mute reads as before and says nothing, by whatever way, until the time is over or it is lifted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from plein.feed.v1 import feed_pb2, hooks_pb2_grpc
from plein.moderation.v1 import events_pb2

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refused
from tests.feed.systems import System, titled
from tests.feed.test_hooks import made

A_DAY = timedelta(days=1)

Speaking = Callable[[Caller, feed_pb2.Post], Awaitable[Any]]
# Whatever others see of somebody.
SPEAKING: dict[str, Speaking] = {
    "a post": lambda caller, post: caller.post(),
    "a reply": lambda caller, post: caller.post(reply_to=post.name),
    "a reshare": lambda caller, post: caller.api.CreatePost(
        feed_pb2.CreatePostRequest(post=feed_pb2.Post(reshare_of=post.name))
    ),
    "an edit": lambda caller, post: caller.api.UpdatePost(
        feed_pb2.UpdatePostRequest(post=feed_pb2.Post(name=post.name, text="Other words"))
    ),
    "a reaction": lambda caller, post: caller.react(post.name),
}


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring")}


@pytest.mark.parametrize("said", SPEAKING)
async def test_a_muted_person_does_not_speak(meet: Meet, world: World, said: str) -> None:
    ada, bob = await meet("ada", "bob")
    post = await (ada if said == "an edit" else bob).post()
    until = await mute(world, ada)
    refusal = await refused(SPEAKING[said](ada, post))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "MUTED")
    assert dict(refusal.facts)["until"] == until
    await world.tell(ada.name, events_pb2.PersonUnmuted(person=ada.name), source="moderation")
    await SPEAKING[said](ada, post)


async def test_a_muted_person_reads_and_takes_back(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await ada.follow(bob)
    mine, theirs = await ada.post(), await bob.post()
    await ada.react(theirs.name)
    await world.caught_up()
    await mute(world, ada)
    assert await ada.home_names() == [theirs.name, mine.name]
    await ada.take_back(theirs.name)
    await ada.delete(mine.name)
    assert await ada.home_names() == [theirs.name]
    assert (await bob.read(theirs.name)).name == theirs.name, "nobody else is muted"


async def test_who_was_muted_speaks_when_the_time_is_over(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    await mute(world, ada)
    assert (await refused(ada.post())).reason == "MUTED"
    await mute(world, ada, timedelta(seconds=-1))
    await ada.post()


async def test_what_speaks_in_the_name_of_a_muted_person_is_muted_as_well(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    account = await world.account(ada.person, "cards.write")
    system = System(world, account)
    card = await system.report()
    hook = await made(world, hooks_pb2_grpc.HookServiceStub(world.channel("operator")), account)
    await hook.report("before")
    await mute(world, ada)
    for speaking in (system.report(), system.tell(card.name, "Nothing new"), hook.report("after")):
        assert (await refused(speaking)).reason == "MUTED"
    await System(world, await world.account(bob.person, "cards.write")).report()


async def test_every_process_refuses_whom_one_of_them_heard_to_be_muted(
    meet: Meet, world: World, start: Start, answers: Answers
) -> None:
    (ada,) = await meet("ada")
    settings = world.server.settings
    other = await start(SERVICE, answers, database_url=settings.database_url, neighbours=settings.neighbours)
    there = Caller(other, ada.person)
    await mute(world, ada)
    async with asyncio.timeout(2):
        while other.server.resources.access.muted_until(ada.id) is None:
            await there.home()
    assert (await refused(there.post())).reason == "MUTED"
    await there.channel.close()
    await other.server.stop()


async def mute(world: World, caller: Caller, period: timedelta = A_DAY) -> str:
    """Lets moderation mute somebody from now on; until when, as JSON has it."""
    muted = events_pb2.PersonMuted(person=caller.name)
    muted.until.FromDatetime(datetime.now(UTC).replace(microsecond=0) + period)
    await world.tell(caller.name, muted, source="moderation")
    return str(muted.until.ToJsonString())
