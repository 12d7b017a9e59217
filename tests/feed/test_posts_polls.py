"""Polls: what can be asked, votes that are counted exactly and are nobody's business, and their end."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from plein.feed.v1 import feed_pb2

from chassis.testing import World
from services.feed.jobs.polls import tell_ended_polls
from tests.feed.cached import pause
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, patiently, refused
from tests.feed.test_posts import FAMILY
from tests.feed.writing import as_if_untold, counted, edit, end_poll, id_of, kinds_told, poll, told, vote, write


async def ask(author: Caller, *choices: str, multiple: bool = False) -> feed_pb2.Post:
    return await write(author, "Well?", poll=poll(*choices, multiple=multiple))


async def test_a_poll_comes_back_as_it_was_asked(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    asked = poll("  Soup \n of the day", "Cafe\u0301", multiple=True)
    post = await write(ada, "Lunch?", poll=asked)
    assert [choice.text for choice in post.poll.choices] == ["Soup of the day", "Café"]
    assert (post.poll.multiple, counted(post)) == (True, ([0, 0], 0))
    assert post.poll.end_time.ToMicroseconds() == asked.end_time.ToMicroseconds()
    assert await bob.read(post.name) == post


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        (["Yes"], "post.poll.choices"),
        (list("abcdefg"), "post.poll.choices"),
        (["Yes", "No", "yes"], "post.poll.choices"),
        (["Straße", "STRASSE"], "post.poll.choices"),
        (["Yes", " "], "post.poll.choices[1].text"),
        (["a" * 81, "No"], "post.poll.choices[0].text"),
    ],
)
async def test_choices_that_make_no_sense_are_refused(meet: Meet, choices: list[str], field: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(ask(ada, *choices))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", (field,))


async def test_a_choice_has_80_characters_as_people_count_them(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert (await ask(ada, FAMILY * 80, "No")).poll.choices[0].text == FAMILY * 80


@pytest.mark.parametrize("minutes", [-5, 4, 31 * 24 * 60 + 1])
async def test_a_poll_ends_from_5_minutes_to_31_days_ahead(meet: Meet, minutes: int) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(write(ada, "Well?", poll=poll(ahead=timedelta(minutes=minutes))))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("post.poll.end_time",))
    endless = poll()
    endless.end_time.seconds = 10**15
    assert (await refused(write(ada, "Well?", poll=endless))).code == "INVALID_ARGUMENT"


async def test_a_poll_needs_a_question_and_is_no_reply(meet: Meet) -> None:
    (ada,) = await meet("ada")
    assert (await refused(write(ada, poll=poll()))).fields == ("post.text",)
    post = await ada.post()
    assert (await refused(write(ada, "Well?", poll=poll(), reply_to=post.name))).fields == ("post.poll",)


# Voting


async def test_one_votes_and_changes_ones_mind(meet: Meet) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    await bob.follow(ada)
    post = await ask(ada, "Red", "Green", "Blue")
    await bob.home()
    for place, counts in ((0, [1, 0, 0]), (2, [0, 0, 1]), (2, [0, 0, 1])):
        answer = await vote(bob, post.name, place)
        assert (list(answer.viewer.votes), counted(answer)) == ([place], (counts, 1))
        (at_home,) = await bob.home()
        assert (list(at_home.viewer.votes), counted(at_home)) == ([place], (counts, 1))
    assert counted(await vote(cleo, post.name, 1)) == ([0, 1, 1], 2)
    assert counted(await ada.read(post.name)) == ([0, 1, 1], 2)


async def test_with_several_choices_one_chooses_some(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ask(ada, "Red", "Green", "Blue", multiple=True)
    assert counted(await vote(bob, post.name, 2, 0)) == ([1, 0, 1], 1)
    answer = await vote(bob, post.name, 1, 2)
    assert (list(answer.viewer.votes), counted(answer)) == ([1, 2], ([0, 1, 1], 1))


async def test_a_vote_that_makes_no_sense_is_refused(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    single, several = await ask(ada), await ask(ada, multiple=True)
    for name, places in (
        (single.name, (0, 1)),
        (single.name, (2,)),
        (single.name, ()),
        (several.name, ()),
        (several.name, (0, 0)),
        (several.name, (0, 5)),
        (several.name, (-1,)),
    ):
        refusal = await refused(vote(bob, name, *places))
        assert refusal.code == "INVALID_ARGUMENT"
    plain = await ada.post()
    assert (await refused(vote(bob, plain.name, 0))).reason == "NO_POLL"
    assert counted(await ada.read(single.name)) == counted(await ada.read(several.name)) == ([0, 0], 0)


async def test_in_what_one_cannot_see_one_votes_as_in_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    (xavi,) = await meet("xavi", kind="EXTERNAL")
    post = await write(ada, "Well?", kinds=["EMPLOYEE"], poll=poll())
    unknown = (await refused(vote(xavi, UNKNOWN_POST, 0))).without(UNKNOWN_POST)
    assert (await refused(vote(xavi, post.name, 0))).without(post.name) == unknown


async def test_thirty_voters_at_once_are_all_counted(meet: Meet, world: World) -> None:
    ada, *voters = await meet("ada", *(f"voter{number}" for number in range(30)))
    post = await ask(ada, "Red", "Green", "Blue", multiple=True)
    votes = [partial(vote, voter, post.name, number % 3, (number + 1) % 3) for number, voter in enumerate(voters)]
    await asyncio.gather(*map(patiently, votes))
    assert counted(await ada.read(post.name)) == ([20, 20, 20], 30)
    await world.caught_up()
    (at_home,) = await ada.home()
    assert counted(at_home) == ([20, 20, 20], 30)


async def test_one_voter_twice_at_once_is_counted_once(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ask(ada, "Red", "Green", "Blue")
    for _ in range(5):
        await asyncio.gather(*(patiently(partial(vote, bob, post.name, place)) for place in (0, 1, 2, 1)))
        found = await bob.read(post.name)
        expected = [int(place in found.viewer.votes) for place in range(3)]
        assert (counted(found), len(found.viewer.votes)) == ((expected, 1), 1)


async def test_who_chose_what_is_told_to_nobody(meet: Meet, world: World) -> None:
    ada, bob, cleo = await meet("ada", "bob", "cleo")
    for reader in (ada, cleo):
        await reader.follow(bob)
    post = await ask(bob)
    await vote(cleo, post.name, 1)
    for reader in (bob, ada):
        for found in (await reader.read(post.name), *await reader.home()):
            assert not found.HasField("viewer")
    assert await bob.reactions(post.name) == []
    (_, ballot) = [payload for kind, payload in await told(world, post.name) if kind != "PostEdited"]
    assert cleo.name.encode() not in ballot
    assert b"people/" not in ballot
    second = await vote(cleo, post.name, 0)
    ballots = [payload for kind, payload in await told(world, post.name) if kind == "PollVoted"]
    assert len(set(ballots)) == 2, "one vote is not told from another voter's"
    assert len({len(payload) for payload in ballots}) == 1
    assert list(second.viewer.votes) == [0]


async def test_a_vote_that_a_process_did_not_tell_the_cache_before_it_died_the_log_does(
    meet: Meet, world: World
) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ask(ada)
    for place in (1, 0):
        await bob.home()
        await world.caught_up()
        async with as_if_untold(world, bob, post.name):
            await vote(bob, post.name, place)
        (found,) = await bob.home()
        assert (list(found.viewer.votes), found.poll.voter_count) == ([place], 1)


# The end


async def test_the_end_is_told_once_and_nobody_votes_after_it(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post, other = await ask(ada), await ask(ada)
    await vote(bob, post.name, 1)
    await end_poll(world, post.name)
    refusal = await refused(vote(bob, post.name, 0))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "POLL_ENDED")
    await ended(world, post.name)
    await edit(ada, post.name, text="Thank you all")
    await ended_later(world, ada)
    assert await kinds_told(world, post.name) == ["PostCreated", "PollVoted", "PollEnded", "PostEdited"]
    assert await kinds_told(world, other.name) == ["PostCreated"]
    assert dict(await told(world, post.name))["PollEnded"] == b"\n" + bytes([len(post.name)]) + post.name.encode()
    assert counted(await bob.read(post.name)) == ([0, 1], 1)


async def test_many_processes_tell_each_end_once(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    names = [(await ask(ada)).name for _ in range(8)]
    await end_poll(world, *names)
    processes = [asyncio.create_task(tell_ended_polls(world.server.resources)) for _ in range(6)]
    for name in names:
        await ended(world, name)
    await ended_later(world, ada)
    for process in processes:
        process.cancel()
    await asyncio.gather(*processes, return_exceptions=True)
    for name in names:
        assert await kinds_told(world, name) == ["PostCreated", "PollEnded"]


async def test_the_end_of_a_deleted_poll_is_not_told_and_its_votes_are_gone(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ask(ada)
    await bob.post("Hm", reply_to=post.name)
    await vote(bob, post.name, 1)
    await bob.react(post.name)
    await ada.delete(post.name)
    left = await bob.read(post.name)
    assert (left.HasField("poll"), list(left.viewer.votes)) == (False, [])
    assert (await refused(vote(bob, post.name, 1))).reason == "POST_DELETED"
    await ended_later(world, ada)
    assert "PollEnded" not in await kinds_told(world, post.name)
    query = "SELECT sum(votes), count(ballot) FROM marks WHERE post = :post"
    async with world.server.resources.database.snapshot() as tx:
        assert (await tx.execute(sa.text(query), {"post": id_of(post.name)})).one() == (0, 0)


async def ended(world: World, name: str) -> None:
    """Waits until the end of a poll is told."""
    async with asyncio.timeout(10):
        while "PollEnded" not in await kinds_told(world, name):
            await pause()


async def ended_later(world: World, author: Caller) -> None:
    """Waits until ends that were due before are told, if they are told at all: those come first."""
    post = await ask(author)
    await end_poll(world, post.name)
    await ended(world, post.name)
