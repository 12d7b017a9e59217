"""Moderation sees comments as they stand, and as a reporter may see them."""

from chassis.testing import World
from tests.blog.caller import Caller, Meet, new_group, refused
from tests.blog.talking import Talker, judge, published
from tests.blog.test_subjects import asked


async def test_a_comment_is_shown_as_it_stands_with_who_is_concerned(world: World, meet: Meet) -> None:
    ada, bob, eva = [Talker(caller) for caller in await meet("ada", "bob", "eva")]
    moderation = Caller(world, "moderation")
    group = await new_group(world, ada.caller, bob.caller)
    article = await published(ada.caller, group=group)
    top = await bob.say(article, "Some **words**")
    reply = await ada.say(article, "Others", to=top.name)
    found = await asked(moderation, top.name)
    assert (found.text, found.author, found.root, found.parent) == ("Some words", bob.name, article, article)
    assert (found.group, list(found.concerned)) == (group, [ada.name])
    assert (await asked(moderation, reply.name)).parent == top.name
    assert await asked(moderation, top.name, ada.caller) == found
    assert (await refused(asked(moderation, top.name, eva.caller))).reason == "SUBJECT_NOT_FOUND"
    await ada.react(top.name)
    assert await asked(moderation, top.name) == found
    await bob.change(top.name, "Other words")
    assert (await asked(moderation, top.name)).revision != found.revision


async def test_a_removed_comment_is_still_shown_to_moderation_and_a_deleted_one_to_nobody(
    world: World, meet: Meet
) -> None:
    ada, bob = [Talker(caller) for caller in await meet("ada", "bob")]
    moderation = Caller(world, "moderation")
    said = await bob.say(await published(ada.caller))
    before = await asked(moderation, said.name)
    await judge(world, said.name, "hide")
    assert (await asked(moderation, said.name, bob.caller)).hidden
    await judge(world, said.name, "remove")
    assert (await asked(moderation, said.name)).removed
    for reader in (ada, bob):
        assert (await refused(asked(moderation, said.name, reader.caller))).code == "NOT_FOUND"
    await judge(world, said.name, "restore")
    assert await asked(moderation, said.name) == before
    await bob.delete(said.name)
    assert (await refused(asked(moderation, said.name))).reason == "SUBJECT_NOT_FOUND"
