"""A mail server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailRoom:
    """A mail server (RFC 5321) that keeps what it gets, and refuses the `unwanted`."""

    address: str
    unwanted: str = ""
    refusal: str = "550 nobody here"
    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["MailRoom"]:
        host, _, port = self.address.rpartition(":")
        async with await asyncio.start_server(self._serve, host, int(port)):
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail room\r\n")
        while command := (await reader.readline()).decode().strip():
            if command == "DATA":
                writer.write(b"354 go on\r\n")
                content = (await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
                self.raw.append(content)
                self.letters.append(message_from_bytes(content, policy=policy.default))
            refused = command.startswith("RCPT") and self.unwanted and self.unwanted in command
            writer.write(f"{self.refusal}\r\n".encode() if refused else b"250 fine\r\n")
            if command == "QUIT":
                break
        writer.close()
        await writer.wait_closed()
