"""An installation offers some sorts of reaction; those that were given before it did stay."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from plein.feed.v1 import feed_pb2

from chassis.testing import Answers, World
from services.feed.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import Meet, refused
from tests.feed.importing import bring_in, imported

HEART, LIKE, SAD = feed_pb2.REACTION_HEART, feed_pb2.REACTION_LIKE, feed_pb2.REACTION_SAD


@pytest.fixture(scope="module")
async def world(start: Start, answers: Answers) -> World:
    return await start(SERVICE, answers, reactions=["like", "heart"])


async def test_what_is_not_offered_is_refused_and_the_offered_named(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post()
    refusal = await refused(bob.react(post.name, "SAD"))
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "REACTION_NOT_OFFERED")
    assert refusal.fields == ("reaction",)
    assert dict(refusal.facts) == {"offered": "REACTION_LIKE, REACTION_HEART"}
    assert (await bob.react(post.name, "HEART")).viewer.reaction == HEART


async def test_what_was_given_before_stays(meet: Meet, world: World) -> None:
    ada, bob = await meet("ada", "bob")
    key = str(uuid4())
    earlier = feed_pb2.ImportedReaction(post_external_id=key, person=bob.name, reaction=SAD)
    posts = [imported(ada, key, datetime.now(UTC))]
    await bring_in(world, feed_pb2.ImportActivityRequest(posts=posts, reactions=[earlier]))
    (name,) = await ada.written_by(ada)
    assert await bob.reactions(name) == [(bob.name, SAD)]
    assert (await bob.react(name, "SAD")).viewer.reaction == SAD
    assert (await bob.react(name, "LIKE")).viewer.reaction == LIKE
    assert (await refused(bob.react(name, "SAD"))).reason == "REACTION_NOT_OFFERED"
    assert [count.count for count in (await bob.take_back(name)).reaction_counts] == []
