"""Has contents looked at for viruses: by a clamd, or by a program that reads them."""

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from services.groups.domain.files import Verdict

# The replies of clamd, and what a program may have to say, are short.
MOST_ANSWER_BYTES = 4096
# As clamscan, clamdscan and most others end.
CLEAN_CODE, INFECTED_CODE = 0, 1


class CannotScan(Exception):
    """The scanner is away, or gave no verdict."""


class Scanner(Protocol):
    """Looks at a content."""

    async def verdict(self, content: AsyncIterator[bytes]) -> Verdict:
        """CLEAN or INFECTED; CannotScan when that is not known."""


def scanner(setting: str) -> Scanner:
    """What `FILE_SCANNER` names: `clamd://host:port`, `clamd:/path/of/socket` or `command:program with arguments`."""
    kind, _, rest = setting.partition(":")
    if kind == "command":
        return Program(shlex.split(rest))
    return Clamd(rest)


class Clamd:
    """A clamd, asked with INSTREAM (clamd(8)); `address` is `//host:port` or the path of a socket."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def verdict(self, content: AsyncIterator[bytes]) -> Verdict:
        try:
            reader, writer = await self._connected()
        except OSError as error:
            raise CannotScan("clamd cannot be reached") from error
        try:
            writer.write(b"zINSTREAM\0")
            # A clamd that has had enough says so and closes: its answer is still there to be read.
            with suppress(ConnectionError):
                async for piece in content:
                    if piece:
                        writer.write(len(piece).to_bytes(4, "big") + piece)
                        await writer.drain()
                writer.write((0).to_bytes(4, "big"))
                await writer.drain()
            return _said((await reader.read(MOST_ANSWER_BYTES)).rstrip(b"\0\n").decode(errors="replace"))
        except OSError as error:
            raise CannotScan("clamd broke off") from error
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith("//"):
            host, _, port = self._address[2:].rpartition(":")
            return await asyncio.open_connection(host.strip("[]"), int(port))
        return await asyncio.open_unix_connection(self._address)


class Program:
    """A program that reads a content from its input, and ends with 0 when that is clean and with 1 when it is not."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    async def verdict(self, content: AsyncIterator[bytes]) -> Verdict:
        nowhere = asyncio.subprocess.DEVNULL
        try:
            running = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere
            )
        except OSError as error:
            raise CannotScan(f"{self._command[0]} cannot be started") from error
        try:
            await _fed(running, content)
            code = await running.wait()
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
        if code not in (CLEAN_CODE, INFECTED_CODE):
            raise CannotScan(f"{self._command[0]} ended with {code}")
        return Verdict.CLEAN if code == CLEAN_CODE else Verdict.INFECTED


async def _fed(running: asyncio.subprocess.Process, content: AsyncIterator[bytes]) -> None:
    """Writes a content to a program, which need not read to its end."""
    assert running.stdin is not None  # noqa: S101 # it was asked for
    with suppress(ConnectionError):
        async for piece in content:
            running.stdin.write(piece)
            await running.stdin.drain()
    running.stdin.close()


def _said(answer: str) -> Verdict:
    """What clamd's answer means: `stream: OK`, `stream: Eicar-Test-Signature FOUND`, or that something went wrong."""
    if answer.endswith(": OK"):
        return Verdict.CLEAN
    if answer.endswith(" FOUND"):
        return Verdict.INFECTED
    raise CannotScan(f"clamd says: {answer}")
