"""Moderation sees blogs and articles as they stand, and as a reporter may see them."""

from plein.chassis.v1 import subjects_pb2, subjects_pb2_grpc
from plein.moderation.v1 import events_pb2 as moderation_pb2

from chassis.testing import World
from tests.blog.caller import Caller, Meet, new_group, refused


async def asked(moderation: Caller, name: str, viewer: Caller | None = None) -> subjects_pb2.Subject:
    api = subjects_pb2_grpc.SubjectServiceStub(moderation.channel)
    request = subjects_pb2.GetSubjectRequest(name=name, viewer=viewer.name if viewer else "")
    return await api.GetSubject(request)


async def test_an_article_is_shown_in_full_with_who_is_concerned(world: World, meet: Meet) -> None:
    ada, ed, eve = await meet("ada", "ed", "eve")
    moderation = Caller(world, "moderation")
    group = await new_group(world, ada, ed)
    blog = (await ada.begin_blog(group=group)).name
    await ada.give_role(blog, ed, "EDITOR")
    article = await ada.write(blog, "Bad", "Some **words**")
    found = await asked(moderation, article.name)
    assert (found.title, found.text, found.author, found.parent) == ("Bad", "Some words", ada.name, blog)
    assert (found.group, list(found.concerned)) == (group, [ada.name, ed.name])
    assert await asked(moderation, article.name, ed) == found
    assert (await refused(asked(moderation, article.name, eve))).reason == "SUBJECT_NOT_FOUND"
    await ada.save(article.name, text="Other words")
    assert await asked(moderation, article.name) == found
    await ada.publish(article.name)
    assert (await asked(moderation, article.name)).revision != found.revision


async def test_what_is_hidden_or_removed_is_still_shown_to_moderation(world: World, meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    moderation = Caller(world, "moderation")
    blog = (await ada.begin_blog()).name
    article, draft = await ada.write(blog), await ada.begin(blog)
    for name in (blog, article.name):
        before = await asked(moderation, name)
        await world.tell(name, moderation_pb2.SubjectRemoved(subject=name), source="moderation")
        after = await asked(moderation, name)
        assert (after.removed, after.revision) == (True, before.revision)
        assert (await refused(asked(moderation, name, ada))).code == "NOT_FOUND"
        await world.tell(name, moderation_pb2.SubjectRestored(subject=name), source="moderation")
        assert await asked(moderation, name, bob) == before
    assert (await refused(asked(moderation, draft.name))).code == "NOT_FOUND"
    assert (await refused(asked(bob, article.name))).code in ("PERMISSION_DENIED", "UNAUTHENTICATED")
