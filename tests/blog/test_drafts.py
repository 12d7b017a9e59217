"""Drafts are saved without losing anybody's words, and go back to what they said."""

from asyncio import gather
from datetime import UTC, datetime, timedelta

import grpc
import sqlalchemy as sa
from plein.blog.v1 import drafts_pb2

from chassis.testing import World
from tests.blog.caller import Caller, Meet, leave, new_group, refusal, refused, walked


async def begun(author: Caller, **fields: str) -> str:
    return (await author.begin((await author.begin_blog()).name, **fields)).name


async def test_saving_over_another_version_is_refused_and_says_whose_it_is(meet: Meet) -> None:
    ada, ed = await meet("ada", "ed")
    blog = (await ada.begin_blog()).name
    await ada.give_role(blog, ed, "EDITOR")
    name = (await ada.begin(blog)).name
    read = (await ada.draft(name)).etag
    theirs = await ed.save(name, read, text="Ed's words")
    conflict = await refused(ada.save(name, read, text="Ada's words"))
    assert (conflict.code, conflict.reason) == ("ABORTED", "DRAFT_CHANGED")
    facts = dict(conflict.facts)
    assert (facts["etag"], facts["person"]) == (theirs.etag, ed.name)
    assert (await ada.draft(name)).text == "Ed's words"
    assert (await ada.save(name, facts["etag"], text="Both")).text == "Both"


async def test_of_two_who_save_at_the_same_time_one_is_told(meet: Meet) -> None:
    [ada] = await meet("ada")
    name = await begun(ada)
    etag = (await ada.draft(name)).etag
    saved = await gather(*(ada.save(name, etag, text=f"Window {n}") for n in range(8)), return_exceptions=True)
    won = [one for one in saved if isinstance(one, drafts_pb2.Draft)]
    lost = [refusal(one).reason for one in saved if isinstance(one, grpc.aio.AioRpcError)]
    assert (len(won), lost) == (1, ["DRAFT_CHANGED"] * 7)
    assert (await ada.draft(name)).text == won[0].text


async def test_saving_the_same_again_changes_nothing(meet: Meet) -> None:
    [ada] = await meet("ada")
    name = await begun(ada, text="Same")
    before = await ada.draft(name)
    assert await ada.save(name, before.etag, text=" Same\r\n") == before


async def test_versions_are_kept_when_others_save_and_every_ten_minutes(world: World, meet: Meet) -> None:
    ada, ed = await meet("ada", "ed")
    blog = (await ada.begin_blog()).name
    await ada.give_role(blog, ed, "EDITOR")
    name = (await ada.begin(blog, text="1")).name
    for text in ("2", "3"):
        await ada.save(name, text=text)
    assert await ada.revisions(name) == []
    await ed.save(name, text="4")
    await ed.save(name, text="5")
    await ada.save(name, text="6")
    async with world.server.resources.database.transaction() as tx:
        long_ago = datetime.now(UTC) - timedelta(minutes=11)
        await tx.execute(sa.text("UPDATE drafts SET keep_time = :then"), {"then": long_ago})
    await ada.save(name, text="7")
    await ada.save(name, text="8")
    kept = [
        await ada.drafts.GetRevision(drafts_pb2.GetRevisionRequest(name=one.name)) for one in await ada.revisions(name)
    ]
    assert [(one.text, one.person) for one in kept] == [("6", ada.name), ("5", ed.name), ("3", ada.name)]


async def test_a_revision_is_compared_and_restored(meet: Meet) -> None:
    [ada] = await meet("ada")
    name = await begun(ada, title="Plans", text="We have big plans for Utrecht.")
    await ada.publish(name)
    await ada.save(name, title="Plans", text="We have small plans for Utrecht, and time.")
    [revision] = await ada.revisions(name)
    assert revision.HasField("publish_time")
    request = drafts_pb2.CompareRevisionsRequest(name=revision.name)
    found = await ada.drafts.CompareRevisions(request)
    pieces = [(one.kind, one.text) for one in found.text]
    assert "".join(text for kind, text in pieces if kind != 2) == "We have big plans for Utrecht."
    assert "".join(text for kind, text in pieces if kind != 3) == "We have small plans for Utrecht, and time."
    assert [one.kind for one in found.title] == [1]
    restored = await ada.drafts.RestoreRevision(drafts_pb2.RestoreRevisionRequest(name=revision.name))
    assert restored.text == "We have big plans for Utrecht."
    assert len(await ada.revisions(name)) == 2
    assert (await refused(ada.publish(name))).reason == "NOTHING_NEW"


async def test_drafts_are_seen_by_who_writes_and_edits(meet: Meet) -> None:
    ada, ed, sam, eve = await meet("ada", "ed", "sam", "eve")
    blog = (await ada.begin_blog()).name
    await ada.give_role(blog, ed, "EDITOR")
    await ada.give_role(blog, sam, "AUTHOR")
    mine, theirs, out = [(await author.begin(blog)).name for author in (ada, sam, sam)]
    await sam.publish(out)

    async def listed(reader: Caller, parent: str = blog) -> list[str]:
        request = drafts_pb2.ListDraftsRequest(parent=parent, page_size=1)
        return [draft.name.removesuffix("/draft") for draft in await walked(reader.drafts.ListDrafts, request)]

    assert await listed(ed) == [theirs, mine]
    assert await listed(sam) == [theirs]
    assert await listed(eve) == []
    elsewhere = (await sam.begin((await sam.begin_blog()).name)).name
    assert await listed(sam, "blogs/-") == [elsewhere, theirs]
    assert await listed(eve, "blogs/-") == []
    await sam.save(out, text="Changed")
    assert await listed(sam) == [out, theirs]
    for call in (
        eve.draft(theirs),
        eve.save(theirs, text="x"),
        eve.revisions(theirs),
        eve.preview(theirs),
        sam.draft(mine),
    ):
        assert (await refused(call)).reason == "ARTICLE_NOT_FOUND"
    assert (await refused(eve.draft(out))).reason == "NOT_YOUR_ARTICLE"


async def test_a_preview_is_for_the_people_who_are_named(world: World, meet: Meet) -> None:
    ada, bob, eve = await meet("ada", "bob", "eve")
    [ext] = await meet("ext", kind="EXTERNAL")
    blog = (await ada.begin_blog()).name
    name = (await ada.begin(blog, text="**Draft** for @eve", kinds=["EMPLOYEE"])).name
    assert (await refused(bob.preview(name))).code == "NOT_FOUND"
    share = await ada.share(name, bob)
    assert share.path == f"/{name}/preview"
    seen = await bob.preview(name)
    assert seen.html.startswith("<p><strong>Draft</strong> for <a")
    assert (await refused(eve.preview(name))).code == "NOT_FOUND"
    assert (await refused(bob.draft(name))).code == "NOT_FOUND"
    assert (await refused(bob.read(name))).code == "NOT_FOUND"
    await ada.share(name, ext)
    assert (await ext.preview(name)).title == "First", "whoever is asked to look, though it will not be for them"
    await ada.drafts.UnshareDraft(drafts_pb2.UnshareDraftRequest(name=f"{name}/draft", person=bob.name))
    assert (await refused(bob.preview(name))).code == "NOT_FOUND"
    await ada.share(name, bob)
    async with world.server.resources.database.transaction() as tx:
        await tx.execute(sa.text("UPDATE draft_shares SET expire_time = now()"))
    assert (await refused(bob.preview(name))).code == "NOT_FOUND"


async def test_a_preview_does_not_lead_out_of_a_group_or_through_a_barrier(world: World, meet: Meet) -> None:
    [ned] = await meet("ned", segments=["network"])
    [ria] = await meet("ria", segments=["retail"])
    group = await new_group(world, ned, ria)
    open_one = await begun(ned)
    ours = (await ned.begin((await ned.begin_blog(group=group)).name)).name
    for name in (open_one, ours):
        await ned.share(name, ria)
        assert (await ria.preview(name)).title == "First"
    await leave(world, group, ria)
    assert (await refused(ria.preview(ours))).code == "NOT_FOUND"
    await world.bar(("network", "retail"))
    assert (await refused(ria.preview(open_one))).code == "NOT_FOUND"
    assert (await refused(ned.share(open_one, ria))).reason == "PERSON_NOT_FOUND"
    await world.bar()
