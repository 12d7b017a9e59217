"""Who stands between two people, and counts of follows: never more than the lists show."""

import pytest

from chassis.testing import World
from tests.feed.caller import UNKNOWN_PERSON, Meet, refused
from tests.feed.relating import block, follow_counts, mutuals


async def test_mutuals_are_those_whom_one_follows_and_who_follow_the_person(meet: Meet) -> None:
    ada, bob, cleo, dirk, eva = await meet("ada", "bob", "cleo", "dirk", "eva")
    await ada.follow(cleo, dirk)
    for follower in (cleo, dirk, eva):
        await follower.follow(bob)
    await eva.follow(ada)
    for size in (1, 2):
        assert await mutuals(ada, bob.name, size) == [dirk.name, cleo.name]
    await dirk.follow(ada)
    assert await mutuals(ada, "people/me") == await mutuals(ada, ada.name) == [dirk.name]
    await ada.unfollow(cleo)
    assert await mutuals(ada, bob.name) == [dirk.name]


async def test_counts_are_of_those_whom_the_caller_may_know(meet: Meet, world: World) -> None:
    (ned,) = await meet("ned", segments=["network"])
    (rita,) = await meet("rita", segments=["retail"])
    star, bob, cleo = await meet("star", "bob", "cleo")
    for fan in (ned, rita, bob):
        await fan.follow(star)
    await star.follow(rita, cleo)
    assert await follow_counts(ned, star.name) == (3, 2)
    await block(bob, ned)
    assert await follow_counts(ned, star.name) == (2, 2)
    await world.bar(("network", "retail"))
    assert (
        await follow_counts(ned, star.name)
        == (1, 1)
        == (
            len(await ned.followers(star)),
            len(await ned.following(star)),
        )
    )
    assert await follow_counts(star, "people/me") == (3, 2)
    await world.bar()


@pytest.mark.parametrize("name", [UNKNOWN_PERSON, "people/nonsense"])
async def test_of_nobody_nothing_is_told(meet: Meet, name: str) -> None:
    (ada,) = await meet("ada")
    for call in (mutuals(ada, name), follow_counts(ada, name)):
        assert (await refused(call)).reason == "PERSON_NOT_FOUND"
