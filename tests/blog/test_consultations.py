"""Consultations: open for a time, each contribution gets a state from the article's authors, and the ledger adds up."""

from asyncio import create_task, gather, timeout
from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
import sqlalchemy as sa
from plein.blog.v1 import consultations_pb2, contribution_pb2, events_pb2

from chassis.testing import World
from tests.blog.caller import Meet, kinds_told, refusal, refused, told
from tests.blog.talking import Talker, id_of, in_days, published, run


@pytest.fixture
async def people(meet: Meet) -> list[Talker]:
    return [Talker(caller) for caller in await meet("ada", "bob", "eva")]


@pytest.fixture
async def blog(people: list[Talker]) -> str:
    """A blog of the first of the people."""
    return (await people[0].caller.begin_blog()).name


@pytest.fixture
async def article(world: World, people: list[Talker], blog: str) -> str:
    return await published(people[0].caller, blog=blog)


async def shift(world: World, article: str, days: int) -> None:
    """Lets so many days pass for a consultation."""
    moved = f"open_time = open_time - interval '{days} days', close_time = close_time - interval '{days} days'"
    await run(world, f"UPDATE consultations SET {moved} WHERE article = :id", id=id_of(article))


async def test_an_article_asks_for_opinions_for_a_time(world: World, people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    asked = await ada.consult(article, opens=1, closes=8)
    assert asked.state == consultations_pb2.CONSULTATION_STATE_PLANNED
    assert (await refused(bob.say(article))).reason == "CONSULTATION_PLANNED"
    assert not (await bob.discussion(article)).open_to_caller
    assert not (await ada.say(article, "It opens soon.")).HasField("contribution")
    await shift(world, article, 2)
    said = await bob.say(article, "Too little")
    assert (said.contribution.state, said.contribution.name) == (1, f"{said.name}/contribution")
    await shift(world, article, 7)
    assert (await refused(bob.say(article))).reason == "CONSULTATION_CLOSED"
    assert (await refused(bob.say(article, to=said.name))).reason == "CONSULTATION_CLOSED"
    await ada.say(article, "Thanks", to=said.name)
    assert (await bob.consultation(article)).state == consultations_pb2.CONSULTATION_STATE_CLOSED
    assert await kinds_told(world, f"{article}/consultation") == ["ConsultationCreated"]


async def test_only_the_articles_authors_make_an_article_ask(people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    assert (await refused(bob.consult(article))).reason == "NOT_AN_AUTHOR"
    assert (await refused(ada.consult(article, opens=3, closes=2))).fields == ("consultation.close_time",)
    assert (await refused(bob.consultation(article))).reason == "CONSULTATION_NOT_FOUND"
    await ada.consult(article)
    assert (await refused(ada.consult(article))).reason == "CONSULTATION_EXISTS"
    assert (await refused(bob.change_consultation(article, close_time=in_days(1)))).reason == "NOT_AN_AUTHOR"


async def test_a_draft_can_ask_before_it_is_out(world: World, people: list[Talker], blog: str) -> None:
    ada, bob, _ = people
    draft = (await ada.caller.begin(blog)).name
    await ada.consult(draft)
    assert (await ada.consultation(draft)).ledger.contribution_count == 0
    assert (await refused(bob.consultation(draft))).code == "NOT_FOUND"
    await ada.caller.publish(draft)
    assert (await bob.say(draft)).contribution.state == 1


async def test_contributions_are_what_others_say_on_the_article(people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    before = await bob.say(article, "Before")
    await ada.consult(article)
    said = await bob.say(article, "One")
    reply = await eva.say(article, "Indeed", to=said.name)
    own = await ada.say(article, "Mine")
    have = [(await ada.read(name)).HasField("contribution") for name in (before.name, said.name, reply.name, own.name)]
    assert have == [False, True, False, False]
    assert (await refused(ada.decide(reply.name, "ANSWERED", etag='"1"'))).reason == "CONTRIBUTION_NOT_FOUND"
    assert await eva.contributions(article) == ["One"]


async def test_the_ledger_adds_up_and_contributors_are_told(world: World, people: list[Talker], article: str) -> None:
    ada, bob, eva = people
    await ada.consult(article)
    said = [(await person.say(article, str(number))).name for number, person in enumerate([bob, eva, bob, eva, bob])]
    await ada.decide(said[0], "ANSWERED")
    await ada.decide(said[1], "TAKEN_ALONG", "Good idea")
    await ada.decide(said[2], "DECLINED", "Too dear")
    await ada.decide(said[3], "ANSWERED")
    await ada.decide(said[3], "OPEN")
    found = (await bob.consultation(article)).ledger
    counts = [found.open_count, found.answered_count, found.taken_along_count, found.declined_count]
    assert (found.contribution_count, counts) == (5, [2, 1, 1, 1])
    assert await bob.contributions(article) == ["0", "1", "2", "3", "4"]
    assert await bob.contributions(article, state="OPEN") == ["3", "4"]
    assert await bob.contributions(article, state="DECLINED") == ["2"]
    [(kind, payload)] = await told(world, f"{said[2]}/contribution")
    assert kind == "ContributionAnswered"
    answered = events_pb2.ContributionAnswered(comment=said[2], article=article, contributor=bob.name)
    answered.answerer, answered.state = ada.name, contribution_pb2.CONTRIBUTION_STATE_DECLINED
    assert events_pb2.ContributionAnswered.FromString(payload) == answered
    assert await kinds_told(world, f"{said[3]}/contribution") == ["ContributionAnswered", "ContributionReopened"]
    await bob.delete(said[4])
    assert (await bob.consultation(article)).ledger.contribution_count == 4


async def test_a_contribution_has_an_owner_and_a_history(people: list[Talker], article: str, blog: str) -> None:
    ada, bob, eva = people
    await ada.caller.give_role(blog, eva.caller, "EDITOR")
    await ada.consult(article)
    one, other = [(await bob.say(article, text)).name for text in ("One", "Other")]
    assert (await refused(ada.assign(one, bob.name))).reason == "NOT_AN_AUTHOR"
    await ada.assign(one, eva.name)
    await eva.decide(one, "DECLINED", "Too dear")
    await eva.decide(one, "TAKEN_ALONG", "After all")
    await ada.assign(one, "")
    history = [(change.person, change.state, change.reason, change.owner) for change in await bob.changes(one)]
    assert history == [
        (ada.name, 3, "After all", ""),
        (eva.name, 3, "After all", eva.name),
        (eva.name, 4, "Too dear", eva.name),
        (ada.name, 1, "", eva.name),
    ]
    await ada.assign(other, "people/me")
    assert await bob.contributions(article, owner=ada.name) == ["Other"]
    assert await ada.contributions(article, owner="people/me") == ["Other"]
    assert await bob.contributions(article, owner=eva.name) == []


async def test_states_come_from_the_articles_authors_alone(people: list[Talker], article: str, blog: str) -> None:
    ada, bob, eva = people
    await ada.consult(article)
    said = (await bob.say(article)).name
    for person in (bob, eva):
        assert (await refused(person.decide(said, "ANSWERED"))).reason == "NOT_AN_AUTHOR"
        assert (await refused(person.assign(said, "people/me"))).reason == "NOT_AN_AUTHOR"
        assert (await refused(person.export(article, "CSV"))).reason == "NOT_AN_AUTHOR"
    await ada.caller.give_role(blog, eva.caller, "EDITOR")
    await eva.decide(said, "ANSWERED")
    await ada.caller.take_role(blog, eva.caller)
    assert (await refused(eva.decide(said, "OPEN"))).reason == "NOT_AN_AUTHOR"
    assert (await refused(ada.decide(said, "DECLINED"))).fields == ("reason",)


async def test_of_two_authors_who_decide_at_once_one_decides(
    world: World, people: list[Talker], article: str, blog: str
) -> None:
    ada, bob, eva = people
    await ada.caller.give_role(blog, eva.caller, "EDITOR")
    await ada.consult(article)
    said = await bob.say(article)
    etag = said.contribution.etag
    held = sa.text("SELECT 1 FROM contributions WHERE comment = :id FOR UPDATE")
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(held, {"id": id_of(said.name)})
        decisions = [
            create_task(refusal_of(ada.decide(said.name, "TAKEN_ALONG", "Yes", etag=etag))),
            create_task(refusal_of(eva.decide(said.name, "DECLINED", "No", etag=etag))),
        ]
        await until_waiting(world, len(decisions))
    assert sorted(await gather(*decisions)) == ["", "CONTRIBUTION_CHANGED"]
    assert len(await bob.changes(said.name)) == 1
    assert await kinds_told(world, f"{said.name}/contribution") == ["ContributionAnswered"]


async def refusal_of(call: Awaitable[Any]) -> str:
    """The reason for which a call is refused, or nothing."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return refusal(error).reason
    return ""


async def until_waiting(world: World, count: int) -> None:
    """Waits until so many transactions wait for what another one holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with timeout(10):
        found = -1
        while found != count:
            async with world.server.resources.database.snapshot() as tx:
                found = (await tx.execute(sa.text(waiting))).scalar_one()


async def test_nobody_decides_on_words_that_they_have_not_read(people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    await ada.consult(article)
    said = await bob.say(article, "Pay us more")
    await bob.change(said.name, "Pay us less")
    attempt = ada.decide(said.name, "TAKEN_ALONG", etag=said.contribution.etag)
    assert (await refused(attempt)).reason == "CONTRIBUTION_CHANGED"
    await ada.decide(said.name, "TAKEN_ALONG")
    assert (await refused(bob.change(said.name, "Pay us more"))).reason == "CONTRIBUTION_DECIDED"


async def test_the_time_to_the_first_answer_counts_replies_and_decisions(
    world: World, people: list[Talker], article: str
) -> None:
    ada, bob, eva = people
    await ada.consult(article)
    said = [(await bob.say(article, str(number))).name for number in range(4)]
    await eva.say(article, "Me too", to=said[0])
    assert not (await bob.consultation(article)).HasField("median_first_answer")
    for name, hours in zip(said[:3], (1, 5, 9), strict=True):
        back = f"UPDATE comments SET create_time = create_time - interval '{hours} hours' WHERE id = :id"
        await run(world, back, id=id_of(name))
    reply = await eva.say(article, "Hm", to=said[0])
    await ada.say(article, "Thanks", to=reply.name)
    await ada.decide(said[1], "ANSWERED")
    await ada.decide(said[2], "ANSWERED")
    first = (await bob.read(said[0])).contribution.first_answer_time
    await ada.decide(said[0], "ANSWERED")
    assert (await bob.read(said[0])).contribution.first_answer_time == first
    found = await bob.consultation(article)
    assert found.unanswered_count == 1
    assert abs(found.median_first_answer.seconds - 5 * 3600) < 30


async def test_a_summary_is_linked_at_the_end_and_contributors_are_told(
    world: World, people: list[Talker], article: str, blog: str
) -> None:
    ada, bob, eva = people
    asked = await ada.consult(article)
    for person in (bob, eva, bob):
        await person.say(article)
    summary = await published(ada.caller, blog=blog)
    draft, elsewhere = (await ada.caller.begin(blog)).name, await published(ada.caller)
    for wrong in (article, draft, elsewhere):
        assert (await refused(ada.change_consultation(article, summary=wrong))).reason == "NO_SUMMARY"
    linked = await ada.change_consultation(article, summary=summary, etag=asked.etag)
    assert linked.summary == summary
    stale = ada.change_consultation(article, "summary", etag=asked.etag)
    assert (await refused(stale)).reason == "CONSULTATION_CHANGED"
    kinds = ["ConsultationCreated", "ConsultationChanged", "ConsultationSummarised"]
    *_, (_, payload) = events = await told(world, f"{article}/consultation")
    assert [kind for kind, _ in events] == kinds
    summarised = events_pb2.ConsultationSummarised.FromString(payload)
    assert (summarised.article, summarised.summary, summarised.person) == (article, summary, ada.name)
    assert sorted(summarised.contributors) == sorted([bob.name, eva.name])
    assert (await bob.consultation(article)).summary == summary
    await ada.caller.unpublish(summary)
    assert (await bob.consultation(article)).summary == ""
    assert not (await ada.change_consultation(article, "summary")).summary


async def test_its_end_moves_and_its_beginning_only_before_it(world: World, people: list[Talker], article: str) -> None:
    ada, bob, _ = people
    await ada.consult(article, opens=1)
    await ada.change_consultation(article, open_time=in_days(2), close_time=in_days(3))
    await shift(world, article, 2)
    assert (await refused(ada.change_consultation(article, open_time=in_days(1)))).reason == "CONSULTATION_BEGUN"
    await bob.say(article)
    closed = await ada.change_consultation(article, close_time=in_days(0))
    assert closed.state == consultations_pb2.CONSULTATION_STATE_CLOSED
    assert (await ada.change_consultation(article, close_time=in_days(5))).state == 2
    assert (await refused(ada.change_consultation(article, "ledger"))).reason == "BAD_MASK"


async def test_only_a_consultation_without_contributions_is_taken_back(
    world: World, people: list[Talker], article: str
) -> None:
    ada, bob, _ = people
    request = consultations_pb2.DeleteConsultationRequest(name=f"{article}/consultation")
    await ada.consult(article)
    await ada.consultations.DeleteConsultation(request)
    assert (await refused(ada.consultation(article))).reason == "CONSULTATION_NOT_FOUND"
    await bob.say(article)
    await ada.consult(article)
    said = await bob.say(article)
    await bob.delete(said.name)
    assert (await refused(ada.consultations.DeleteConsultation(request))).reason == "HAS_CONTRIBUTIONS"
