"""A TCP proxy that hurts the connections through it, as networks do."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Self

CHUNK_BYTES = 64 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultyProxy:
    """Passes bytes between clients and the server on `target_port`; what clients sent is kept, by chunk.

    Each `slice_bytes` of a reply wait for `latency_seconds`. After `reset_after_bytes` of replies their connection is
    reset, once.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.latency_seconds = 0.0
        self.slice_bytes = CHUNK_BYTES
        self.reset_after_bytes: int | None = None
        self.requests: list[bytes] = []
        self._target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._frozen = self._flowing
        self._pipes: set[asyncio.Task[None]] = set()
        self._stuck: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._closing = asyncio.get_running_loop().create_future()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._closing.cancel()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    def freeze(self) -> None:
        """Leaves the present connections half-open: they stand, and nothing passes. New ones are not touched."""
        self._flowing.clear()
        self._frozen, self._flowing = self._flowing, asyncio.Event()
        self._flowing.set()
        self._stuck = set(self._pipes)

    async def thaw(self) -> None:
        """Passes on what got stuck, and returns when these connections have ended: their clients have to be gone."""
        self._frozen.set()
        await asyncio.wait(self._stuck)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe = asyncio.create_task(self._pipe(reader, writer))
        self._pipes.add(pipe)
        pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            writers.append(server_writer)
            requests = self._pass_requests(reader, server_writer, self._flowing)
            await asyncio.gather(requests, self._pass_replies(server_reader, writer, self._flowing))
        except ConnectionRefusedError:
            pass  # The client learns of it by losing its connection.
        finally:
            for each in writers:
                each.transport.abort()
            await asyncio.gather(*(each.wait_closed() for each in writers), return_exceptions=True)

    async def _pass_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                self.requests.append(chunk)
                await flowing.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _pass_replies(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(self.slice_bytes):
                await asyncio.wait([self._closing], timeout=self.latency_seconds)
                await flowing.wait()
                left, self.reset_after_bytes = self.reset_after_bytes, None
                writer.write(chunk[:left])
                await writer.drain()
                if left is not None and left <= len(chunk):
                    reset(writer)
                elif left is not None:
                    self.reset_after_bytes = left - len(chunk)
        writer.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection as a firewall does: at once, without regard to what is under way."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
