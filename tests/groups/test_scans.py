"""Where a scanner is set, a file is served when it was found clean, and not before."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from plein.groups.v1 import files_pb2

from chassis.objects import whole
from chassis.testing import World
from services.groups.domain.files import Verdict
from services.groups.jobs.scanning import CannotScan, Clamd, Program
from services.groups.service import SERVICE
from tests.conftest import Start
from tests.feed.caller import refused
from tests.groups.caller import Meet, Staff
from tests.groups.sharing import Sharer

STATE = files_pb2.GroupFileState
HARMFUL = b"EICAR" + bytes(3 * 1024 * 1024)
# Waits until it may look; then it ends as clamscan does.
SCANNER = """
import pathlib, sys, time
content = sys.stdin.buffer.read()
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
sys.exit(2 if b"BROKEN" in content else b"EICAR" in content)
"""


@dataclass(frozen=True)
class Gate:
    """The scanner looks while the file exists."""

    file: Path

    def open(self) -> None:
        self.file.touch()

    def shut(self) -> None:
        self.file.unlink()


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("scanner") / "open")


@pytest.fixture(scope="module")
def program(gate: Gate) -> Path:
    """The scanner."""
    program = gate.file.with_name("scan.py")
    program.write_text(SCANNER)
    return program


@pytest.fixture(scope="module")
async def world(start: Start, staff: Staff, gate: Gate, program: Path) -> World:
    return await start(SERVICE, staff.answers, file_scanner=f"command:{sys.executable} {program} {gate.file}")


async def test_nothing_is_served_before_it_was_found_clean(meet: Meet, gate: Gate) -> None:
    (ada,) = await meet("ada")
    sharer = Sharer(ada)
    brought = await sharer.bring((await ada.found()).name, b"harmless")
    assert brought.newest.state == STATE.GROUP_FILE_STATE_SCANNING
    assert (await refused(sharer.content(brought.name))).reason == "FILE_NOT_SCANNED"
    gate.open()
    await until(sharer, brought.name, STATE.GROUP_FILE_STATE_CLEAN)
    assert await sharer.content(brought.name) == b"harmless"
    gate.shut()
    newer = await sharer.bring(name=brought.name, content=b"newer")
    assert newer.newest.state == STATE.GROUP_FILE_STATE_SCANNING
    assert await sharer.content(brought.name) == b"harmless"
    assert (await refused(sharer.content(newer.newest.name))).reason == "FILE_NOT_SCANNED"
    gate.open()
    await until(sharer, brought.name, STATE.GROUP_FILE_STATE_CLEAN)
    assert await sharer.content(brought.name) == b"newer"


async def test_what_is_harmful_is_never_served_and_not_kept(meet: Meet, gate: Gate) -> None:
    (ada,) = await meet("ada")
    sharer = Sharer(ada)
    brought = await sharer.bring((await ada.found()).name, HARMFUL)
    gate.open()
    await until(sharer, brought.name, STATE.GROUP_FILE_STATE_INFECTED)
    assert (await refused(sharer.content(brought.name))).reason == "FILE_INFECTED"
    assert (await refused(sharer.content(brought.newest.name))).reason == "FILE_INFECTED"


async def test_what_cannot_be_scanned_waits(meet: Meet, gate: Gate) -> None:
    (ada,) = await meet("ada")
    sharer, group = Sharer(ada), (await ada.found()).name
    broken = await sharer.bring(group, b"BROKEN")
    gate.open()
    clean = await sharer.bring(group, b"clean")
    await until(sharer, clean.name, STATE.GROUP_FILE_STATE_CLEAN)
    assert (await refused(sharer.content(broken.name))).reason == "FILE_NOT_SCANNED"


async def until(sharer: Sharer, name: str, state: int) -> None:
    """Waits until the newest version of a file has a state."""
    async with asyncio.timeout(20):
        while (await sharer.file(name)).newest.state != state:
            pass


@pytest.fixture
async def clamd() -> AsyncIterator[Callable[[bytes], Clamd]]:
    """A clamd that answers as it is told, after it has read what INSTREAM sends."""
    answers: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
        found = b"stream: Eicar-Test-Signature FOUND\0" if b"EICAR" in content else answers[0]
        writer.write(found)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    def answering(answer: bytes) -> Clamd:
        answers[:] = [answer]
        return Clamd(f"//127.0.0.1:{port}")

    yield answering
    server.close()
    await server.wait_closed()


async def test_clamd_says_what_is_clean(clamd: Callable[[bytes], Clamd]) -> None:
    assert await clamd(b"stream: OK\0").verdict(whole(b"harmless")) is Verdict.CLEAN
    assert await clamd(b"stream: OK\0").verdict(whole(b"")) is Verdict.CLEAN
    assert await clamd(b"stream: OK\0").verdict(whole(HARMFUL)) is Verdict.INFECTED


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: lstat() failed ERROR\0", b""])
async def test_what_clamd_does_not_say_is_not_known(clamd: Callable[[bytes], Clamd], answer: bytes) -> None:
    with pytest.raises(CannotScan):
        await clamd(answer).verdict(whole(b"harmless"))


async def test_a_scanner_that_is_away_finds_nothing_clean() -> None:
    with pytest.raises(CannotScan):
        await Clamd("/no/such/socket").verdict(whole(b"harmless"))
    with pytest.raises(CannotScan):
        await Program(["/no/such/program"]).verdict(whole(b"harmless"))


async def test_a_program_need_not_read_to_the_end() -> None:
    assert await Program([sys.executable, "-c", "raise SystemExit(1)"]).verdict(whole(HARMFUL)) is Verdict.INFECTED
