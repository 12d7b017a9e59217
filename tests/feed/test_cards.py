"""Cards: systems post them, and they change."""

import asyncio
from uuid import UUID, uuid4

import pytest
from google.protobuf import field_mask_pb2
from plein.feed.v1 import card_pb2, feed_pb2
from sqlalchemy import text

from chassis.testing import Answers, World
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, refused
from tests.feed.systems import System, only, titled, told_of

OPEN, INVESTIGATING, MONITORING, SOLVED = range(1, 5)


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring")}


@pytest.fixture
async def owner(meet: Meet) -> Caller:
    return (await meet("olga"))[0]


@pytest.fixture
async def monitoring(world: World, owner: Caller) -> System:
    return System(world, await world.account(owner.person, "cards.write"))


@pytest.fixture
async def ada(meet: Meet) -> Caller:
    return (await meet("ada"))[0]


async def test_an_outage_is_a_post_of_who_answers_for_it(owner: Caller, monitoring: System, ada: Caller) -> None:
    posted = await monitoring.report("DSL Utrecht", services=["DSL", "TV"])
    seen = await ada.read(posted.name)
    assert seen == posted
    assert (seen.author, seen.card.via, seen.card.account) == (owner.name, "Monitoring", monitoring.account.name)
    assert seen.card.outage.state == OPEN
    assert list(seen.card.outage.affected_services) == ["DSL", "TV"]
    assert seen.text == "DSL Utrecht\nStoring (groot): gemeld · Outage (major): reported"
    assert posted.name in await ada.everyone()
    assert posted.name in await owner.home_names()


async def test_it_reaches_the_homes_of_followers(world: World, monitoring: System, owner: Caller, ada: Caller) -> None:
    await ada.follow(owner)
    await ada.home()
    posted = await monitoring.report()
    await world.caught_up("feed")
    assert [post.card.outage.title for post in await ada.home() if post.name == posted.name] == ["DSL Utrecht"]


async def test_a_card_that_is_asked_for_twice_is_one_card(monitoring: System, owner: Caller) -> None:
    asked = str(uuid4())
    first, again = await monitoring.report(request_id=asked), await monitoring.report(request_id=asked)
    assert first == again
    assert await owner.written_by(owner) == [first.name]


async def test_an_external_id_is_used_once(world: World, monitoring: System, owner: Caller) -> None:
    await monitoring.report(external_id="INC-1")
    assert (await refused(monitoring.report(external_id="INC-1"))).reason == "CARD_EXISTS"
    assert len(await owner.written_by(owner)) == 1
    another = System(world, await world.account(owner.person, "cards.write"))
    assert (await another.report(external_id="INC-1")).card.external_id == "INC-1"


async def test_an_outage_is_told_of_until_it_is_solved(monitoring: System, ada: Caller) -> None:
    name = (await monitoring.report()).name
    await monitoring.tell(name, "We zoeken.", "INVESTIGATING")
    await monitoring.tell(name, "Een kabel.")
    await monitoring.tell(name, "Gerepareerd.", "MONITORING")
    solved = await monitoring.tell(name, "", "SOLVED")
    outage = (await ada.read(name)).card.outage
    assert outage == solved.card.outage
    assert [(update.state, update.text) for update in outage.updates] == [
        (INVESTIGATING, "We zoeken."),
        (INVESTIGATING, "Een kabel."),
        (MONITORING, "Gerepareerd."),
        (SOLVED, ""),
    ]
    assert outage.solve_time == outage.updates[-1].time
    back = await monitoring.tell(name, "Toch niet.", "INVESTIGATING")
    assert back.text.endswith("wordt onderzocht · Outage (major): being investigated")
    assert not back.card.outage.HasField("solve_time")


@pytest.mark.parametrize(
    ("now", "move"),
    [("SOLVED", "OPEN"), ("SOLVED", "MONITORING"), ("MONITORING", "OPEN"), ("INVESTIGATING", "OPEN")],
)
async def test_an_outage_goes_back_to_investigating_alone(monitoring: System, now: str, move: str) -> None:
    name = (await monitoring.report()).name
    await monitoring.tell(name, state=now)
    assert (await refused(monitoring.tell(name, state=move))).reason == "WRONG_OUTAGE_STATE"


async def test_an_update_tells_something(monitoring: System) -> None:
    name = (await monitoring.report()).name
    assert (await refused(monitoring.tell(name, "  "))).reason == "NOTHING_TOLD"


async def test_an_update_that_is_sent_twice_is_told_once(monitoring: System) -> None:
    name, asked = (await monitoring.report()).name, str(uuid4())
    await asyncio.gather(*(monitoring.tell(name, "We zoeken.", request_id=asked) for _ in range(5)))
    assert len((await monitoring.tell(name, "Gevonden.")).card.outage.updates) == 2


async def test_updates_at_the_same_time_are_all_kept(monitoring: System, ada: Caller) -> None:
    name = (await monitoring.report()).name
    await asyncio.gather(*(monitoring.tell(name, f"Regel {number}") for number in range(5)))
    told = {update.text for update in (await ada.read(name)).card.outage.updates}
    assert told == {f"Regel {number}" for number in range(5)}


async def test_homes_show_a_change_at_once(monitoring: System, owner: Caller) -> None:
    name = (await monitoring.report()).name
    assert name in await owner.home_names()
    await monitoring.tell(name, state="SOLVED")
    assert [post.card.outage.state for post in await owner.home() if post.name == name] == [SOLVED]


async def test_what_an_outage_says_of_itself_is_changed_field_by_field(monitoring: System) -> None:
    posted = await monitoring.report("DSL", services=["DSL"])
    changed = await monitoring.change(posted.name, "title", "regions", title="DSL en TV", regions=["Utrecht"])
    outage = changed.card.outage
    assert (outage.title, list(outage.regions), list(outage.affected_services)) == ("DSL en TV", ["Utrecht"], ["DSL"])
    assert outage.severity == card_pb2.OUTAGE_SEVERITY_MAJOR
    assert not outage.updates
    stale = await refused(monitoring.change(posted.name, "title", title="Anders", etag=posted.etag))
    assert (stale.code, stale.reason) == ("ABORTED", "POST_CHANGED")


@pytest.mark.parametrize(
    ("path", "title", "reason"),
    [
        ("state", "", "BAD_MASK"),
        ("title", " ", "NO_TITLE"),
        ("severity", "", "NO_SEVERITY"),
        ("start_time", "", "NO_START_TIME"),
    ],
)
async def test_an_outage_keeps_what_it_needs(monitoring: System, path: str, title: str, reason: str) -> None:
    posted = await monitoring.report()
    assert (await refused(monitoring.change(posted.name, path, title=title))).reason == reason


async def test_only_its_account_and_who_answers_for_it_change_a_card(
    world: World, monitoring: System, owner: Caller, ada: Caller
) -> None:
    posted = await monitoring.report()
    another = System(world, await world.account(owner.person, "cards.write"))
    unknown = await refused(another.tell(UNKNOWN_POST, "Niet van mij."))
    others = await refused(another.tell(posted.name, "Niet van mij."))
    assert others.without(posted.name) == unknown.without(UNKNOWN_POST)
    assert (await refused(System(world, ada).tell(posted.name, "Niet van mij."))).reason == "NOT_YOUR_CARD"
    assert (await System(world, owner).tell(posted.name, "Van mij.")).card.outage.updates


async def test_an_ordinary_post_is_no_card(world: World, owner: Caller) -> None:
    post = await owner.post("Geen storing")
    assert (await refused(System(world, owner).tell(post.name, "Toch"))).reason == "POST_NOT_FOUND"


async def test_a_card_is_not_rewritten_as_other_posts_are(monitoring: System, owner: Caller) -> None:
    posted = await monitoring.report()
    posted.text = "Niets aan de hand"
    edit = feed_pb2.UpdatePostRequest(post=posted, update_mask=field_mask_pb2.FieldMask(paths=["text"]))
    assert (await refused(owner.api.UpdatePost(edit))).reason == "CARD_POST"


async def test_posting_needs_the_scope(world: World, owner: Caller) -> None:
    quiet = System(world, await world.account(owner.person, "cards.announce"))
    assert (await refused(quiet.report())).reason == "NOT_YOUR_SCOPE"
    assert (await refused(System(world, owner).report())).code == "PERMISSION_DENIED"


async def test_announcing_needs_a_scope_of_its_own_and_an_outage(
    world: World, monitoring: System, owner: Caller
) -> None:
    assert (await refused(monitoring.report(announcement=True))).reason == "NOT_YOUR_SCOPE"
    loud = System(world, await world.account(owner.person, "cards.write", "cards.announce"))
    assert (await loud.report(announcement=True)).announcement
    assert (await refused(loud.search(announcement=True))).reason == "NOT_ANNOUNCED"


async def test_a_group_gets_a_card_only_from_who_is_in_it(monitoring: System) -> None:
    audience = only(group=f"groups/{uuid4()}")
    assert (await refused(monitoring.report(audience=audience))).reason == "NO_GROUP"


async def test_a_vacancy_closes_when_its_day_is_over(world: World, monitoring: System, ada: Caller) -> None:
    due, open_still = await monitoring.search(), await monitoring.search()
    assert due.text.startswith("Monteur\nVacature, Netwerk, Utrecht: open tot en met 20")
    await past(world, due.name)
    async with asyncio.timeout(10):
        while (closed := await ada.read(due.name)).card.vacancy.state != card_pb2.VACANCY_STATE_CLOSED:
            pass
    assert closed.text == "Monteur\nVacature, Netwerk, Utrecht: gesloten · Vacancy: closed"
    assert [event.notifies for event in await told_of(world, due.name)] == [True]
    assert (await ada.read(open_still.name)).card.vacancy.state == card_pb2.VACANCY_STATE_OPEN


async def test_homes_hear_of_a_vacancy_that_closed_by_itself(world: World, monitoring: System, owner: Caller) -> None:
    name = (await monitoring.search()).name
    assert name in await owner.home_names()
    await past(world, name)
    async with asyncio.timeout(10):
        while card_pb2.VACANCY_STATE_CLOSED not in [
            post.card.vacancy.state for post in await owner.home() if post.name == name
        ]:
            pass


async def test_it_closes_at_the_midnight_of_the_organisation(world: World, monitoring: System) -> None:
    posted = await monitoring.search(days=10)
    query = "SELECT close_time AT TIME ZONE 'Europe/Amsterdam' AS local FROM cards WHERE post = :post"
    async with world.server.resources.database.snapshot() as tx:
        local = (await tx.execute(text(query), {"post": id_of(posted.name)})).scalar_one()
    assert (local.hour, local.minute) == (0, 0)
    assert (local.date() - local.date().fromisoformat(posted.card.vacancy.closing_date)).days == 1


async def test_a_vacancy_is_closed_by_hand_once(world: World, monitoring: System) -> None:
    posted = await monitoring.search()
    closed = await monitoring.close(posted.name)
    assert closed.card.vacancy.state == card_pb2.VACANCY_STATE_CLOSED
    assert await monitoring.close(posted.name) == closed
    assert len(await told_of(world, posted.name)) == 1
    assert (await refused(monitoring.tell(posted.name, "Hoezo"))).reason == "NO_OUTAGE"


async def test_a_vacancy_that_is_over_is_not_posted(monitoring: System) -> None:
    assert (await refused(monitoring.search(days=-2))).fields == ("vacancy.closing_date",)


async def test_a_deleted_card_leaves_nothing(world: World, monitoring: System, owner: Caller) -> None:
    asked = str(uuid4())
    posted = await monitoring.report("Geheim", request_id=asked)
    await owner.delete(posted.name)
    assert not (await monitoring.report("Geheim", request_id=asked)).HasField("card")
    assert (await refused(monitoring.tell(posted.name, "Nog iets"))).reason == "POST_NOT_FOUND"
    async with world.server.resources.database.snapshot() as tx:
        query = text("SELECT posts::text FROM posts WHERE id = :post")
        assert "Geheim" not in (await tx.execute(query, {"post": id_of(posted.name)})).scalar_one()


def id_of(name: str) -> UUID:
    return UUID(name.removeprefix("posts/"))


async def past(world: World, name: str) -> None:
    """Lets the closing date of a vacancy pass."""
    statement = text("UPDATE cards SET close_time = now() - interval '1 second' WHERE post = :post")
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(statement, {"post": id_of(name)})
