"""What moderation is shown of posts: as they stand, or as somebody sees them."""

from typing import Any

import pytest
from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.feed.v1 import media_pb2
from plein.groups.v1 import events_pb2 as groups_pb2
from plein.groups.v1.groups_pb2 import GroupRole
from plein.moderation.v1 import events_pb2

from chassis.testing import World
from tests.feed.caller import UNKNOWN_POST, Caller, Meet, refused
from tests.feed.pictures import api as media
from tests.feed.pictures import illustrated, uploaded
from tests.feed.writing import edit, join, leave, new_group, poll, reshare, write


@pytest.fixture
async def moderation(world: World) -> Any:
    """SubjectService as moderation asks it."""
    channel = world.channel("moderation")
    yield subjects_pb2_grpc.SubjectServiceStub(channel)
    await channel.close()


async def shown(moderation: Any, name: str, viewer: Caller | None = None) -> subjects_pb2.Subject:
    request = subjects_pb2.GetSubjectRequest(name=name, viewer=viewer.name if viewer else "")
    subject: subjects_pb2.Subject = await moderation.GetSubject(request)
    return subject


async def unknown(moderation: Any, name: str, viewer: Caller | None = None) -> None:
    refusal = await refused(shown(moderation, name, viewer))
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "SUBJECT_NOT_FOUND")


async def test_a_post_is_shown_with_all_that_it_says(meet: Meet, world: World, moderation: Any) -> None:
    ada, bob = await meet("ada", "bob")
    group = new_group()
    await join(world, group, ada, bob)
    image = (await uploaded(bob)).name
    root = await write(ada, "What?", group=group, poll=poll("This", "That"))
    reply = await illustrated(bob, image, text="See", reply_to=root.name, alt_text="A tree")
    asked, answer = await shown(moderation, root.name), await shown(moderation, reply.name)
    assert asked.text == "What?\nThis\nThat"
    assert (asked.name, asked.author, asked.root, asked.parent) == (root.name, ada.name, root.name, "")
    assert (answer.name, answer.author, answer.root, answer.parent) == (reply.name, bob.name, root.name, root.name)
    assert (answer.text, *answer.images) == ("See\nA tree", image)
    assert asked.group == answer.group == group
    assert asked.create_time == root.create_time
    assert await shown(moderation, image) == answer, "an image is reported with its post"


async def test_the_revision_changes_with_what_is_said_and_with_nothing_else(meet: Meet, moderation: Any) -> None:
    ada, bob = await meet("ada", "bob")
    post = await ada.post("First")
    first = (await shown(moderation, post.name)).revision
    await bob.react(post.name)
    await bob.post(reply_to=post.name)
    await edit(ada, post.name, "reply_rule", reply_rule="REPLY_RULE_NOBODY")
    assert (await shown(moderation, post.name)).revision == first
    await edit(ada, post.name, "text", text="Second")
    second = await shown(moderation, post.name)
    assert second.revision != first
    assert second.update_time.ToDatetime() > second.create_time.ToDatetime()
    await edit(ada, post.name, "text", text="First")
    assert (await shown(moderation, post.name)).revision == first


async def test_with_a_viewer_it_is_shown_as_that_person_sees_it(meet: Meet, world: World, moderation: Any) -> None:
    ada, bob = await meet("ada", "bob")
    group = new_group()
    await join(world, group, ada, bob)
    within = await write(ada, "Within", group=group)
    passed_on = await reshare(bob, within.name, group=group)
    names = (within.name, passed_on.name)
    for name in names:
        assert (await shown(moderation, name, bob)).name == name
    await world.tell("cases/any", events_pb2.SubjectHidden(subject=within.name), source="moderation")
    for name in names:
        await unknown(moderation, name, bob)
        assert (await shown(moderation, name, ada)).name == name
    await world.tell("cases/any", events_pb2.SubjectRestored(subject=within.name), source="moderation")
    await leave(world, group, bob)
    for name in names:
        await unknown(moderation, name, bob)
        assert (await shown(moderation, name)).group == group


async def test_who_keeps_a_group_does_not_judge_what_is_written_in_it(
    meet: Meet, world: World, moderation: Any
) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    group, roles = new_group(), {ada: "GROUP_ROLE_OWNER", bob: "GROUP_ROLE_KEEPER", eve: "GROUP_ROLE_MEMBER"}
    for person, role in roles.items():
        joined = groups_pb2.MemberJoined(group=group, person=person.name, role=GroupRole.Value(role))
        await world.tell(group, joined, source="groups")
    post = await write(eve, "Within", group=group)
    reply = await eve.post("Below", reply_to=post.name)
    for name in (post.name, reply.name):
        assert sorted((await shown(moderation, name)).concerned) == sorted([ada.name, bob.name])
    assert list((await shown(moderation, (await eve.post()).name)).concerned) == []


async def test_what_is_hidden_or_removed_is_shown_as_it_stands_with_its_images(
    meet: Meet, world: World, moderation: Any
) -> None:
    ada, bob = await meet("ada", "bob")
    image = (await uploaded(ada)).name
    post = await illustrated(ada, image, text="Look")
    for decision, seen_by in ((events_pb2.SubjectHidden, {ada.name}), (events_pb2.SubjectRemoved, set())):
        await world.tell("cases/any", decision(subject=post.name), source="moderation")
        subject = await shown(moderation, image)
        assert (subject.name, subject.text) == (post.name, "Look")
        assert (subject.hidden, subject.removed) == (bool(seen_by), not seen_by)
        for viewer in (ada, bob):
            if viewer.name not in seen_by:
                await unknown(moderation, post.name, viewer)
        caller = Caller(world, "moderation")
        request = media_pb2.GetImageContentRequest(name=f"{image}/sizes/large")
        assert (await media(caller).GetImageContent(request)).content_type == "image/webp"
        await caller.channel.close()


async def test_what_is_gone_or_of_others_is_unknown(meet: Meet, moderation: Any) -> None:
    (ada,) = await meet("ada")
    post, unused = await ada.post(), (await uploaded(ada)).name
    await ada.delete(post.name)
    for name in (post.name, unused, UNKNOWN_POST, "posts/1", "images/1", ada.name, f"{ada.name}/photo", "articles/1"):
        await unknown(moderation, name)
