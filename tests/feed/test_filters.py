"""What filters warn of is written by who means it; what they hold, others see once moderators have judged it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from plein.chassis.v1 import events_pb2 as chassis_events_pb2
from plein.feed.v1 import feed_pb2
from plein.moderation.v1 import events_pb2, filters_pb2

from chassis.events.chain import BEGINNING
from chassis.filtering import Filtering
from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Caller, Meet, refusal, refused
from tests.feed.pictures import uploaded
from tests.feed.reader import Reader
from tests.feed.writing import edit, poll, reshare, revisions, write

READ_FILTERS = "/plein.moderation.v1.FilterService/ReadFilters"
WORD, DOMAIN = filters_pb2.FILTER_KIND_WORD, filters_pb2.FILTER_KIND_DOMAIN
WARN, HOLD = filters_pb2.FILTER_EFFECT_WARN, filters_pb2.FILTER_EFFECT_HOLD


@dataclass
class Moderation:
    """The filters that moderation has, and how often it was asked for them."""

    current: filters_pb2.CurrentFilters = field(default_factory=filters_pb2.CurrentFilters)
    asked: int = 0

    async def set(self, world: World, *filters: tuple[str, Any, Any]) -> list[str]:
        """Puts these in the place of all others, and waits until feed has heard; their names."""
        made = [
            filters_pb2.Filter(name=f"filters/{uuid4()}", text=text, kind=kind, effect=effect)
            for text, kind, effect in filters
        ]
        self.current = filters_pb2.CurrentFilters(filters=made, revision=self.current.revision + 1)
        change = events_pb2.FiltersChanged(revision=self.current.revision)
        await world.tell("filters", change, source="moderation")
        return [each.name for each in made]

    def read(self, request: filters_pb2.ReadFiltersRequest) -> filters_pb2.CurrentFilters:
        self.asked += 1
        return self.current


@pytest.fixture(scope="module")
def moderation() -> Moderation:
    return Moderation()


@pytest.fixture(scope="module")
def answers(answers: Answers, moderation: Moderation) -> Answers:
    return {**answers, READ_FILTERS: (filters_pb2.ReadFiltersRequest, moderation.read)}


@pytest.fixture
async def held(world: World, moderation: Moderation) -> str:
    """The name of a filter that holds "sukkel"; "lomp" is warned of."""
    name, _ = await moderation.set(world, ("sukkel", WORD, HOLD), ("lomp", WORD, WARN))
    return name


async def accepted(author: Caller, **fields: Any) -> feed_pb2.Post:
    """Writes what somebody means."""
    request = feed_pb2.CreatePostRequest(post=feed_pb2.Post(**fields), warnings_accepted=True)
    return await author.api.CreatePost(request)


async def told_held(world: World, name: str) -> list[list[str]]:
    """Because of which filters moderators were asked to judge a post."""
    events, _ = await world.server.resources.events.list_after(0, BEGINNING.chain, 500)
    kind = chassis_events_pb2.SubjectHeld
    told = [kind.FromString(event.payload) for event in events if event.type == kind.DESCRIPTOR.full_name]
    return [list(event.filters) for event in told if event.subject == name]


async def restored(world: World, name: str) -> None:
    """Moderators find nothing wrong with it."""
    await world.tell(name, events_pb2.SubjectRestored(subject=name), source="moderation")
    await world.caught_up("feed")


@pytest.mark.usefixtures("held")
async def test_who_is_warned_writes_nothing_yet(meet: Meet) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(ada.post("Wat ben jij LÓMP, echt lomp."))
    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "FILTER_WARNING")
    assert dict(refusal.facts)["words"] == "LÓMP”, “lomp"
    assert await ada.written_by(ada) == []


async def test_who_means_it_writes_it(meet: Meet, held: str, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    post = await accepted(ada, text="Lomp, maar waar.")
    assert not post.hidden
    assert (await bob.read(post.name)).text == "Lomp, maar waar."
    assert await told_held(world, post.name) == []


async def test_what_is_held_is_seen_by_its_author_alone(meet: Meet, held: str, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post = await ada.post("Jij súkkel @bob #held")
    assert post.hidden
    assert (await ada.read(post.name)).hidden
    assert await ada.written_by(ada) == [post.name]
    await world.caught_up("feed")
    lists = await asyncio.gather(bob.home_names(), bob.everyone(), bob.written_by(ada), bob.tagged("held"))
    assert all(post.name not in seen for seen in lists)
    assert (await refused(bob.read(post.name))).without(post.name).reason == "POST_NOT_FOUND"
    assert await told_held(world, post.name) == [[held]]


async def test_what_moderators_find_nothing_wrong_with_comes_to_everybody(meet: Meet, held: str, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    await bob.follow(ada)
    post, inbox = await ada.post("@bob Wat een sukkel #held2"), Reader(world, bob)
    assert await inbox.told() == []
    await restored(world, post.name)
    assert not (await ada.read(post.name)).hidden
    lists = await asyncio.gather(bob.home_names(), bob.written_by(ada), bob.tagged("held2"))
    assert [*lists] == [[post.name]] * 3
    assert await inbox.told() == [("MENTION", ["ada"])]


async def test_a_held_reply_counts_once_others_see_it(meet: Meet, held: str, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    root = await ada.post("Hallo")
    reply = await bob.post("Sukkel", reply_to=root.name)
    quote = await reshare(bob, root.name, "Een sukkel")
    counts = await ada.read(root.name)
    assert (counts.reply_count, counts.reshare_count, await ada.replies(root.name)) == (0, 0, [])
    await restored(world, reply.name)
    await restored(world, quote.name)
    counts = await ada.read(root.name)
    assert (counts.reply_count, counts.reshare_count) == (1, 1)


async def test_the_same_request_is_held_once(meet: Meet, held: str, world: World) -> None:
    (ada,) = await meet("ada")
    request_id = str(uuid4())
    first, again = [await ada.post("sukkel", request_id=request_id) for _ in range(2)]
    assert first == again
    assert await told_held(world, first.name) == [[held]]


@pytest.mark.parametrize("part", ["choice", "description"])
async def test_all_that_can_be_read_is_looked_through(meet: Meet, held: str, part: str) -> None:
    (ada,) = await meet("ada")
    if part == "choice":
        post = await write(ada, "Wie?", poll=poll("Sukkel", "Held"))
    else:
        image = (await uploaded(ada)).name
        post = await write(ada, "Kijk", images=[feed_pb2.Image(image=image, alt_text="Een sukkel")])
    assert post.hidden


async def test_links_are_held_whatever_stands_before_the_domain(
    meet: Meet, moderation: Moderation, world: World
) -> None:
    (ada,) = await meet("ada")
    await moderation.set(world, ("evil.example", DOMAIN, HOLD))
    assert (await ada.post("https://www.evil.example/win")).hidden
    assert not (await ada.post("https://example/evil")).hidden


async def test_an_edit_is_held_with_what_it_adds(meet: Meet, held: str, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    root = await bob.post("Hallo")
    reply = await ada.post("Dag", reply_to=root.name)
    assert (await bob.read(root.name)).reply_count == 1
    assert (await refused(edit(ada, reply.name, text="Dag lomperik, lomp"))).reason == "FILTER_WARNING"
    assert (await edit(ada, reply.name, text="Dag sukkel")).hidden
    assert (await bob.read(root.name)).reply_count == 0
    assert await bob.replies(root.name) == []
    assert await told_held(world, reply.name) == [[held]]
    await restored(world, reply.name)
    assert (await bob.read(root.name)).reply_count == 1
    assert [seen.text for seen in await bob.replies(root.name)] == ["Dag sukkel"]
    assert [seen.text for seen in await revisions(bob, reply.name)] == ["Dag"]


async def test_what_was_judged_is_not_judged_again_in_an_edit(meet: Meet, held: str, world: World) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("Sukkel, een roman")
    await restored(world, post.name)
    assert not (await edit(ada, post.name, text="Sukkel, een roman van mij")).hidden
    assert await told_held(world, post.name) == [[held]]


async def test_who_takes_the_word_out_still_waits(meet: Meet, held: str, world: World) -> None:
    (ada,) = await meet("ada")
    post = await ada.post("Sukkel")
    assert (await edit(ada, post.name, text="Schat")).hidden


async def test_two_who_hold_and_answer_do_not_wait_for_each_other(meet: Meet, held: str) -> None:
    ada, bob = await meet("ada", "bob")
    root = await bob.post("Hallo")
    replies = [await ada.post("Dag", reply_to=root.name) for _ in range(5)]
    edits = [edit(ada, reply.name, text="Dag sukkel") for reply in replies]
    more = [bob.post("En jij?", reply_to=reply.name) for reply in replies]
    answering = asyncio.gather(*more, return_exceptions=True)
    await asyncio.gather(*edits)
    # What was held before it was answered is not seen any more.
    late = [refusal(answer).reason for answer in await answering if isinstance(answer, grpc.aio.AioRpcError)]
    assert set(late) <= {"POST_NOT_FOUND"}
    assert (await bob.read(root.name)).reply_count == 5 - len(late)


async def test_a_filter_that_is_gone_finds_nothing(meet: Meet, held: str, moderation: Moderation, world: World) -> None:
    (ada,) = await meet("ada")
    await moderation.set(world)
    assert not (await ada.post("Lompe sukkel, lomp")).hidden


async def test_filters_are_asked_for_once_and_known_to_all_processes(
    meet: Meet, held: str, moderation: Moderation, world: World
) -> None:
    (ada,) = await meet("ada")
    asked = moderation.asked
    for _ in range(3):
        await ada.post("sukkel")
    assert moderation.asked == asked
    other = Filtering(world.server.resources)
    assert other.judge("sukkel") == []
    await other.refresh()
    assert other.judge("sukkel") == [UUID(held.removeprefix("filters/"))]


async def test_a_process_knows_the_filters_before_it_answers(meet: Meet, held: str, world: World, start: Start) -> None:
    settings = world.server.settings
    alone = {"identity": settings.neighbours["identity"]}
    other = await start(SERVICE, database_url=settings.database_url, neighbours=alone)
    assert other.server.resources.one(Filtering).judge("sukkel") == [UUID(held.removeprefix("filters/"))]


async def test_an_older_answer_does_not_undo_a_newer_one(
    meet: Meet, held: str, moderation: Moderation, world: World
) -> None:
    (ada,) = await meet("ada")
    newest = moderation.current
    moderation.current = filters_pb2.CurrentFilters(revision=newest.revision - 1)
    await world.tell("filters", events_pb2.FiltersChanged(revision=1), source="moderation")
    moderation.current = newest
    assert (await ada.post("sukkel")).hidden
