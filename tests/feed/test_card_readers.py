"""Who sees cards, lists them and follows them."""

from collections.abc import Sequence

import pytest
from plein.feed.v1 import notifications_pb2

from chassis.testing import Answers, World
from tests.feed.caller import Caller, Meet, refused
from tests.feed.reader import Reader as Inbox
from tests.feed.systems import Reader, System, only, titled, told_of

OPEN, INVESTIGATING, MONITORING, SOLVED = range(1, 5)


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring")}


@pytest.fixture
async def owner(meet: Meet) -> Caller:
    return (await meet("olga", segments=["network"]))[0]


@pytest.fixture
async def monitoring(world: World, owner: Caller) -> System:
    return System(world, await world.account(owner.person, "cards.write"))


async def test_a_card_is_for_its_audience_and_stays_behind_barriers(
    world: World, monitoring: System, meet: Meet
) -> None:
    freelancer = Reader((await meet("samira", kind="FREELANCER"))[0])
    kept_apart = Reader((await meet("sanne", segments=["shop"]))[0])
    everyones, employees = await monitoring.report(), await monitoring.report(audience=only(["EMPLOYEE"]))
    await world.bar(("network", "shop"))
    try:
        assert await freelancer.cards() == [everyones.name]
        assert await kept_apart.cards() == []
        assert (await refused(freelancer.follow(employees.name))).reason == "POST_NOT_FOUND"
        assert (await refused(kept_apart.follow(everyones.name))).reason == "POST_NOT_FOUND"
    finally:
        await world.bar()


async def test_cards_are_listed_by_sort_and_state(monitoring: System, meet: Meet) -> None:
    outages = [(await monitoring.report()).name for _ in range(5)]
    await monitoring.tell(outages[0], state="SOLVED")
    vacancies = [(await monitoring.search()).name for _ in range(2)]
    await monitoring.close(vacancies[0])
    mine, reader = {*outages, *vacancies}, Reader((await meet("ada"))[0])

    async def listed(sort: str = "UNSPECIFIED", states: Sequence[int] = (), vacancy: str = "UNSPECIFIED") -> list[str]:
        wanted = {"sort": f"CARD_SORT_{sort}", "vacancy_state": f"VACANCY_STATE_{vacancy}", "outage_states": states}
        return [name for name in await reader.cards(2, **wanted) if name in mine]

    assert await listed() == [*reversed(vacancies), *reversed(outages)]
    assert await listed("OUTAGE") == outages[::-1]
    assert await listed(states=[SOLVED]) == [outages[0]]
    assert await listed(states=[OPEN, MONITORING]) == outages[:0:-1]
    assert await listed(vacancy="OPEN") == [vacancies[1]]
    assert await listed("VACANCY", states=[SOLVED]) == vacancies[::-1]


async def test_a_deleted_card_is_not_listed(monitoring: System, owner: Caller) -> None:
    posted = await monitoring.report()
    assert posted.name in await Reader(owner).cards()
    await owner.delete(posted.name)
    assert posted.name not in await Reader(owner).cards()
    assert (await refused(Reader(owner).follow(posted.name))).reason == "POST_NOT_FOUND"


async def test_only_who_follows_a_card_is_told_of_its_changes(world: World, monitoring: System, meet: Meet) -> None:
    ada, bob = [Reader(caller) for caller in await meet("ada", "bob")]
    name = (await monitoring.report()).name
    assert await ada.follow(name) == await ada.follow(name)
    await bob.follow(name)
    await bob.unfollow(name)
    await bob.unfollow(name)
    assert (await ada.follows(name), await bob.follows(name)) == (True, False)
    await monitoring.tell(name, "We zoeken.")
    await monitoring.change(name, "title", title="DSL Utrecht-Oost")
    assert [event.notifies for event in await told_of(world, name)] == [True, False]
    told = await Inbox(world, ada.caller).inbox()
    assert [(notifications_pb2.NotificationKind.Name(one.kind), one.subject, one.entry_count) for one in told] == [
        ("NOTIFICATION_KIND_CARD_CHANGED", name, 1)
    ]
    assert not told[0].people
    assert await Inbox(world, bob.caller).inbox() == []


async def test_each_change_is_told_until_the_card_is_deleted(
    world: World, monitoring: System, owner: Caller, meet: Meet
) -> None:
    ada = (await meet("ada"))[0]
    name = (await monitoring.report()).name
    await Reader(ada).follow(name)
    await monitoring.tell(name, "We zoeken.")
    await monitoring.tell(name, state="SOLVED")
    assert [one.entry_count for one in await Inbox(world, ada).inbox()] == [2]
    await owner.delete(name)
    assert await Inbox(world, ada).inbox() == []


async def test_who_may_no_longer_see_a_card_is_not_told_of_it(world: World, monitoring: System, meet: Meet) -> None:
    sanne = (await meet("sanne", segments=["shop"]))[0]
    name = (await monitoring.report()).name
    await Reader(sanne).follow(name)
    await world.bar(("network", "shop"))
    try:
        await monitoring.tell(name, "We zoeken.")
        assert await Inbox(world, sanne).inbox() == []
    finally:
        await world.bar()
    assert await Inbox(world, sanne).inbox() == []


async def test_an_ordinary_post_is_not_followed(owner: Caller) -> None:
    post = await owner.post("Geen storing")
    assert (await refused(Reader(owner).follow(post.name))).reason == "NO_CARD"
