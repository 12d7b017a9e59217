"""Files of groups: brought in pieces, seen by members, kept in versions."""

import asyncio
from collections.abc import Awaitable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from plein.groups.v1 import files_pb2, groups_pb2
from sqlalchemy import text

from chassis.objects import Objects
from chassis.testing import World
from services.groups.domain.files import MOST_BYTES, MOST_VERSIONS
from services.groups.jobs.objects import remove_due
from tests.feed.caller import refusal, refused
from tests.groups.caller import Meet
from tests.groups.entering import let_in
from tests.groups.sharing import HARMLESS, Sharer

UNKNOWN_FILE = "01993e54-0000-7000-8000-00000000000f"
STATE = files_pb2.GroupFileState


async def test_members_share_a_file(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found()).name
    await let_in(ada, group, bob)
    brought = await Sharer(ada).bring(group, title="  agenda   2027.txt ", content_type="Text/Plain; charset=utf-8")
    assert (brought.title, brought.uploader, brought.version_count) == ("agenda 2027.txt", ada.name, 1)
    assert brought.newest.name == f"{brought.name}/versions/1"
    assert brought.newest.content_type == "text/plain"
    assert brought.newest.size_bytes == len(HARMLESS)
    assert brought.newest.sha256 == sha256(HARMLESS).hexdigest()
    assert brought.newest.state == STATE.GROUP_FILE_STATE_UNSCANNED
    assert await Sharer(bob).file(brought.name) == brought
    assert await Sharer(bob).files(group) == [brought.name]
    assert await Sharer(bob).content(brought.name) == HARMLESS


async def test_fifty_mebibytes_come_and_go_in_pieces(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    content = bytes(range(256)) * (MOST_BYTES // 256)
    brought = await Sharer(ada).bring(group, content, piece=4 * 1024 * 1024)
    assert brought.newest.size_bytes == MOST_BYTES
    assert sha256(await Sharer(ada).content(brought.name)).hexdigest() == brought.newest.sha256


async def test_one_byte_more_is_too_much_and_leaves_nothing(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    refusal = await refused(Sharer(ada).bring(group, bytes(MOST_BYTES + 1), piece=4 * 1024 * 1024))
    assert (refusal.code, refusal.reason, refusal.fields) == ("INVALID_ARGUMENT", "FILE_TOO_LARGE", ("file",))
    assert not await Sharer(ada).files(group)


async def test_a_file_is_saved_and_not_shown(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    brought = await Sharer(ada).bring(group, b"<script>", title='crème "brûlée".html', content_type="text/html")
    call = Sharer(ada).api.DownloadGroupFile(files_pb2.DownloadGroupFileRequest(name=brought.name))
    assert [message.data async for message in call]
    headers = dict(await call.initial_metadata())
    saved_as = "attachment; filename*=UTF-8''cr%C3%A8me%20%22br%C3%BBl%C3%A9e%22.html"
    assert headers["content-disposition"] == saved_as
    assert "sandbox" in headers["content-security-policy"]


async def test_an_empty_file_is_a_file(meet: Meet) -> None:
    (ada,) = await meet("ada")
    brought = await Sharer(ada).bring((await ada.found()).name, b"", content_type="no type at all")
    assert brought.newest.content_type == "application/octet-stream"
    assert await Sharer(ada).content(brought.name) == b""


async def test_versions_are_kept_and_the_oldest_go(meet: Meet) -> None:
    (ada,) = await meet("ada")
    sharer = Sharer(ada)
    brought = await sharer.bring((await ada.found()).name, b"1")
    for number in range(2, MOST_VERSIONS + 3):
        brought = await sharer.bring(name=brought.name, content=str(number).encode())
    assert brought.version_count == MOST_VERSIONS
    assert await sharer.content(brought.name) == str(MOST_VERSIONS + 2).encode()
    numbers = [int(version.name.rpartition("/")[2]) for version in await sharer.versions(brought.name, 7)]
    assert numbers == list(range(MOST_VERSIONS + 2, 2, -1))
    assert await sharer.content(f"{brought.name}/versions/5") == b"5"
    for gone in ("2", "99", "0", "-1", "x"):
        assert (await refused(sharer.content(f"{brought.name}/versions/{gone}"))).code == "NOT_FOUND"


async def test_other_members_may_read_and_keepers_may_change(meet: Meet) -> None:
    ada, bob, kim = await meet("ada", "bob", "kim")
    group = (await ada.found()).name
    await let_in(ada, group, bob)
    await let_in(ada, group, kim)
    await ada.appoint(group, kim, "KEEPER")
    brought = await Sharer(ada).bring(group)
    for attempt in (
        Sharer(bob).rename(brought.name, "mine.txt"),
        Sharer(bob).delete(brought.name),
        Sharer(bob).bring(name=brought.name),
    ):
        assert (await refused(attempt)).reason == "NOT_YOUR_FILE"
    renamed = await Sharer(kim).rename(brought.name, "ours.txt", brought.etag)
    assert (renamed.title, renamed.uploader) == ("ours.txt", ada.name)
    assert (await refused(Sharer(ada).rename(brought.name, "other.txt", brought.etag))).code == "ABORTED"
    assert (await Sharer(kim).bring(name=brought.name, content=b"2")).newest.uploader == kim.name
    await Sharer(kim).delete(brought.name)
    assert (await refused(Sharer(ada).file(brought.name))).code == "NOT_FOUND"


@pytest.mark.parametrize("visibility", ["OPEN", "CLOSED", "SECRET"])
async def test_for_others_a_file_is_one_that_does_not_exist(meet: Meet, visibility: str) -> None:
    ada, eve = await meet("ada", "eve")
    group = (await ada.found(visibility=visibility)).name
    name, sharer = (await Sharer(ada).bring(group)).name, Sharer(eve)
    unknown = f"{group}/files/{UNKNOWN_FILE}"
    for attempt in (sharer.file, sharer.content, sharer.delete, sharer.versions):
        assert (await refused(attempt(name))).without(name) == (await refused(attempt(unknown))).without(unknown)
        assert (await refused(attempt(name))).code == "NOT_FOUND"
    assert (await refused(sharer.rename(name, "x"))).code == "NOT_FOUND"
    assert (await refused(sharer.bring(name=name))).code == "NOT_FOUND"
    expected = "NOT_FOUND" if visibility == "SECRET" else "PERMISSION_DENIED"
    assert (await refused(sharer.files(group))).code == expected
    assert (await refused(sharer.bring(group))).code == expected


async def test_who_is_put_out_gets_nothing_any_more(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(visibility="SECRET")).name
    await let_in(ada, group, bob)
    theirs, own = await Sharer(ada).bring(group), await Sharer(bob).bring(group)
    await ada.remove(group, bob)
    for name in (theirs.name, own.name):
        assert (await refused(Sharer(bob).content(name))).code == "NOT_FOUND"
    assert (await refused(Sharer(bob).files(group))).code == "NOT_FOUND"


async def test_the_past_of_a_group_is_not_for_those_who_came_later(meet: Meet) -> None:
    ada, bob = await meet("ada", "bob")
    group = (await ada.found(history=groups_pb2.GROUP_HISTORY_SINCE_JOINING)).name
    before = await Sharer(ada).bring(group)
    await let_in(ada, group, bob)
    since = await Sharer(ada).bring(group)
    assert await Sharer(bob).files(group) == [since.name]
    assert (await refused(Sharer(bob).file(before.name))).code == "NOT_FOUND"
    assert await Sharer(ada).files(group) == [since.name, before.name]


async def test_pages_of_files_follow_each_other(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    brought = [(await Sharer(ada).bring(group, title=f"{number}.txt")).name for number in range(5)]
    assert await Sharer(ada).files(group, 2) == brought[::-1]


async def test_an_upload_that_is_repeated_is_one_file(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group, request_id = (await ada.found()).name, str(uuid4())
    first = await Sharer(ada).bring(group, request_id=request_id)
    assert await Sharer(ada).bring(group, request_id=request_id) == first
    assert await Sharer(ada).files(group) == [first.name]
    other = await refused(Sharer(ada).bring(group, b"something else", request_id=request_id))
    assert other.reason == "REQUEST_ID_USED"


@pytest.mark.parametrize("title", ["", "   ", "..", "a/b", "a\\b", "a\x07b", "é" * 201])
async def test_a_title_is_one_line_that_leads_nowhere(meet: Meet, title: str) -> None:
    (ada,) = await meet("ada")
    refusal = await refused(Sharer(ada).bring((await ada.found()).name, title=title))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("title",))


async def test_what_comes_says_where_it_belongs(meet: Meet) -> None:
    (ada,) = await meet("ada")
    group = (await ada.found()).name
    name = (await Sharer(ada).bring(group)).name
    assert (await refused(Sharer(ada).bring())).reason == "NO_PLACE"
    assert (await refused(Sharer(ada).bring(group, name=name))).reason == "NO_PLACE"


async def test_what_is_deleted_or_broken_off_is_not_kept(world: World, meet: Meet) -> None:
    (ada,) = await meet("ada")
    resources = world.server.resources
    stored = Objects(resources.settings.media_url, "groups")
    sharer, group = Sharer(ada), (await ada.found()).name
    kept = await sharer.bring(group, b"kept")
    gone = await sharer.bring(group, b"gone")
    await sharer.delete(gone.name)
    await remove_due(resources.database, stored)
    assert await sharer.content(kept.name) == b"kept"
    folder = resources.settings.media_url.removeprefix("file://")
    found = await asyncio.to_thread(contents_below, folder)
    assert b"kept" in found
    assert b"gone" not in found


async def test_a_stream_that_ends_in_the_middle_makes_no_file(meet: Meet) -> None:
    (ada,) = await meet("ada")
    sharer, group = Sharer(ada), (await ada.found()).name
    call = sharer.api.UploadGroupFile()
    first = files_pb2.UploadGroupFileRequest(parent=group, title="half.txt")
    first.file.data = b"half"
    await call.write(first)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not await sharer.files(group)


def contents_below(folder: str) -> set[bytes]:
    return {path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


async def test_files_that_come_at_once_find_room_one_after_the_other(world: World, meet: Meet) -> None:
    ada, *others = await meet("ada", *(f"guest{number}" for number in range(4)))
    group = (await ada.found()).name
    await let_in(ada, group, *others)
    almost_full = "UPDATE file_versions SET size = :size"
    await Sharer(ada).bring(group)
    async with world.server.resources.database.transaction() as tx:
        megabytes = world.server.resources.settings.group_files_megabytes
        await tx.execute(text(almost_full), {"size": megabytes * 1024 * 1024 - 2 * len(HARMLESS)})
    async with asyncio.TaskGroup() as tasks:
        came = [tasks.create_task(outcome(Sharer(other).bring(group))) for other in others]
    assert sorted(task.result() for task in came) == ["", "", "GROUP_FULL", "GROUP_FULL"]


async def test_who_is_taken_out_meanwhile_leaves_nothing_behind(meet: Meet) -> None:
    """Both wait for each other in the same order, whichever comes first."""
    ada, *others = await meet("ada", *(f"guest{number}" for number in range(6)))
    group = (await ada.found()).name
    await let_in(ada, group, *others)
    async with asyncio.TaskGroup() as tasks:
        came = [tasks.create_task(outcome(Sharer(other).bring(group))) for other in others]
        gone = [tasks.create_task(outcome(ada.remove(group, other))) for other in others]
    assert {task.result() for task in gone} == {""}
    assert {task.result() for task in came} <= {"", "NOT_YOUR_GROUP"}


async def outcome(call: Awaitable[object]) -> str:
    """How a call is refused; empty when it is not."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return refusal(error).reason
    return ""
