"""Contents are stored and read as streams."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.objects import Objects, whole
from chassis.problems import BadInput, NotFound

MEBIBYTE = 1024 * 1024


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return Objects(tmp_path.as_uri(), "groups")


async def test_what_is_kept_comes_back_in_pieces(objects: Objects) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(12):
            yield bytes([number]) * MEBIBYTE

    await objects.keep("one", pieces())
    chunks = [chunk async for chunk in objects.chunks("one")]
    assert len(chunks) > 1
    assert b"".join(chunks) == b"".join(bytes([number]) * MEBIBYTE for number in range(12))


async def test_what_breaks_off_is_not_stored(objects: Objects, tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield bytes(2 * MEBIBYTE)
        raise BadInput("FILE_TOO_LARGE", "That is enough.")

    with pytest.raises(BadInput):
        await objects.keep("broken", pieces())
    with pytest.raises(NotFound):
        await objects.content("broken")
    assert not files_below(tmp_path)


async def test_an_empty_content_is_a_content(objects: Objects) -> None:
    await objects.keep("empty", whole(b""))
    assert await objects.content("empty") == b""


async def test_what_is_removed_is_gone_and_may_be_removed_again(objects: Objects) -> None:
    await objects.keep("gone", whole(b"content"))
    await objects.remove(["gone", "never was"])
    with pytest.raises(NotFound):
        await objects.content("gone")
    await objects.remove(["gone"])


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
