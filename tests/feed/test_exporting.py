"""What feed keeps of somebody is theirs to take along, and nothing that others said and they may not see."""

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from plein.feed.v1 import feed_pb2, own_data_pb2, own_data_pb2_grpc

from chassis.testing import Answers, World
from services.feed.rpc import exports
from tests.feed.caller import Caller, Meet, refused
from tests.feed.pictures import illustrated, uploaded
from tests.feed.reader import Reader
from tests.feed.relating import (
    block,
    bookmark,
    dismiss,
    follow_group,
    follow_tag,
    join,
    leave,
    mute,
    mute_tag,
    mute_thread,
)
from tests.feed.systems import Reader as CardReader
from tests.feed.systems import System, titled
from tests.feed.writing import edit, poll, reshare, vote, write


@pytest.fixture(scope="module")
def answers(answers: Answers) -> Answers:
    return {**answers, **titled("Monitoring")}


async def messages(caller: Caller) -> list[own_data_pb2.ExportOwnDataResponse]:
    stub = own_data_pb2_grpc.OwnDataServiceStub(caller.channel)
    return [part async for part in stub.ExportOwnData(own_data_pb2.ExportOwnDataRequest())]


async def exported(caller: Caller) -> own_data_pb2.ExportOwnDataResponse:
    """All parts as one."""
    whole = own_data_pb2.ExportOwnDataResponse()
    for part in await messages(caller):
        whole.MergeFrom(part)
    assert whole.complete
    return whole


async def test_what_one_wrote_comes_out_whole(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    image = (await uploaded(ada)).name
    shown = await illustrated(ada, image, text="Voor", alt_text="Een zonsondergang")
    await edit(ada, shown.name, "text", text="Na")
    asked = await write(ada, "Welke?", poll=poll("Soep", "Brood"))
    of_bob = await bob.post("Van Bob")
    reply = await ada.post("Antwoord", reply_to=of_bob.name)
    passed_on = await reshare(ada, of_bob.name)
    commented = await reshare(ada, of_bob.name, "Lees dit")
    gone = await ada.post("Weg")
    await ada.delete(gone.name)
    whole = await exported(ada)
    assert [post.name for post in whole.posts] == [post.name for post in (shown, asked, reply, passed_on, commented)]
    first = whole.posts[0]
    assert (first.text, first.images[0].image, first.images[0].alt_text) == ("Na", image, "Een zonsondergang")
    assert [choice.text for choice in whole.posts[1].poll.choices] == ["Soep", "Brood"]
    assert [(one.post, one.revision.text) for one in whole.revisions] == [(shown.name, "Voor")]
    assert "Van Bob" not in str(whole)


async def test_what_one_did_with_posts_comes_out(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await write(bob, "Soep?", poll=poll("Ja", "Nee", multiple=True))
    await vote(ada, post.name, 1)
    await ada.react(post.name, "HEART")
    await bookmark(ada, post.name)
    other = await bob.post("Iets")
    await ada.react(other.name)
    await ada.take_back(other.name)
    (mark,) = (await exported(ada)).marks
    assert (mark.post, mark.reaction, list(mark.votes)) == (post.name, feed_pb2.REACTION_HEART, [1])
    assert mark.HasField("react_time")
    assert mark.HasField("bookmark_time")


async def test_whom_and_what_one_follows_and_does_not_want_to_see_comes_out(meet: Meet, world: World) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    post, group = await bob.post(), uuid4()
    await ada.follow(bob)
    await join(world, group, ada)
    await follow_group(ada, group)
    await follow_tag(ada, "soep")
    card = await System(world, await world.account(bob.person, "cards.write")).report("DSL Utrecht")
    await CardReader(ada).follow(card.name)
    await mute(ada, eve)
    await mute_tag(ada, "brood")
    await mute_thread(ada, post.name)
    await dismiss(ada, eve)
    await block(ada, eve)
    await Reader(world, ada).want("digest", digest=1)
    whole = await exported(ada)
    assert [follow.followee for follow in whole.follows] == [bob.name]
    assert [follow.tag for follow in whole.tag_follows] == ["tags/soep"]
    assert [follow.group for follow in whole.group_follows] == [f"groups/{group}"]
    assert [follow.post for follow in whole.card_follows] == [card.name]
    assert [one.person for one in whole.blocks] == [eve.name]
    assert [one.muted for one in whole.mutes] == [eve.name, "tags/brood", post.name]
    assert [one.person for one in whole.dismissed_suggestions] == [eve.name]
    assert whole.notification_settings.digest == 1


async def test_of_what_others_wrote_comes_out_only_what_one_may_see_now(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    group = uuid4()
    await join(world, group, ada, bob)
    seen = await write(bob, "Open voor @ada")
    hidden = await write(bob, "Besloten voor @ada", group=f"groups/{group}")
    own = await write(ada, "Van mij, in de groep", group=f"groups/{group}")
    await world.caught_up("feed")
    told = (await exported(ada)).notifications
    assert {item.newest for item in told} == {seen.name, hidden.name}
    await leave(world, group, ada)
    whole = await exported(ada)
    assert {item.post.text for item in whole.notifications} == {"Open voor @ada"}
    assert "Besloten" not in str(whole)
    assert [post.name for post in whole.posts] == [own.name]


async def test_devices_come_out_without_their_keys(meet: Meet, world: World) -> None:
    (ada,) = await meet("ada")
    statement = "INSERT INTO push_subscriptions VALUES (:id, :person, 'https://push.example/geheim', "
    statement += "decode('01', 'hex'), decode('02', 'hex'), 'Firefox', 0, now())"
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text(statement), {"id": uuid4(), "person": ada.id})
    (device,) = (await exported(ada)).push_subscriptions
    assert (device.device, device.endpoint, device.p256dh, device.auth) == ("Firefox", "", "", "")


async def test_it_comes_in_small_parts_always_in_the_same_order(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = await meet("ada", "bob")
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for number in range(5):
        post = await ada.post(f"Nummer {number}")
        await edit(ada, post.name, "text", text=f"Nummer {number}!")
        await follow_tag(ada, f"tag{number}")
        await ada.react((await bob.post()).name)
    parts = await messages(ada)
    for field in ("posts", "revisions", "marks", "tag_follows"):
        assert [len(some) for part in parts if (some := getattr(part, field))] == [2, 2, 1], field
    assert [post.text for part in parts for post in part.posts] == [f"Nummer {number}!" for number in range(5)]
    assert await messages(ada) == parts


async def test_nothing_kept_is_a_short_answer(meet: Meet) -> None:
    (ada,) = await meet("ada")
    settings, complete = await messages(ada)
    assert settings.HasField("notification_settings")
    assert complete == own_data_pb2.ExportOwnDataResponse(complete=True)


async def test_it_ends_with_the_session(meet: Meet, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (ada,) = await meet("ada")
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    # More than the transport takes in while nobody reads.
    for number in range(60):
        await ada.post(f"{number} https://example.com/{'x' * 4000}")
    call: Any = own_data_pb2_grpc.OwnDataServiceStub(ada.channel).ExportOwnData(own_data_pb2.ExportOwnDataRequest())
    assert (await call.read()).posts
    await world.access(ada.person, active=False, epoch=1)
    assert (await refused(_rest(call))).reason == "SESSION_ENDED"


async def _rest(call: Any) -> int:
    """How many messages still come."""
    return len([part async for part in call])
