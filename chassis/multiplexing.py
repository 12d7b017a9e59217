"""A client for Redis and Valkey whose callers all share one connection; `chassis.cache` is what services use.

Commands of one turn of the event loop leave in one write: under load most system calls are saved. Replies carry no ids
and come in the order of the commands, so a command keeps its place in the queue after its caller has gone. A reply that
is late ends the connection: nobody knows what became of the commands behind it, and callers had better be refused at
once than wait in line.

What is read again and again need not be fetched again: the server tells when it changes (client-side caching: CLIENT
TRACKING with OPTIN, over RESP3). `watched` commands ask for that, and `changes` is what was told.
"""

import asyncio
import hashlib
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from hiredis import ProtocolError, PushNotification, Reader, pack_command

from chassis.changes import Changes
from chassis.problems import Unavailable

Argument = bytes | str | int | float
Command = tuple[Argument, ...]
Reply = Any  # bytes, int, None, or a list or dictionary of these: each command's documentation says which

CONNECT_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 2.0
MOST_IN_FLIGHT = 10_000
MOST_UNSENT_BYTES = 16 * 1024 * 1024
TICKS_PER_DEADLINE = 5

_WATCH: Command = (b"CLIENT", b"CACHING", b"YES")
# Error replies that tell of the server's state, not of a mistake in the command.
_SERVER_STATES = frozenset(
    {"BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM", "READONLY", "TRYAGAIN"}
)

_log = logging.getLogger(__name__)
_pack = cast("Callable[[Command], bytes]", pack_command)


class Prepared(NamedTuple):
    """Commands as they go over the wire, and how many they are."""

    packed: bytes
    size: int


def prepared(commands: "Sequence[Command]") -> Prepared:
    """Commands that are sent again and again are packed once."""
    return Prepared(_packed(commands), len(commands))


def watched(commands: "Sequence[Command]") -> Prepared:
    """Reading commands that are sent again and again, whose keys are told in `changes` when they are not the same any
    more. Before the reply to each of them comes one that says nothing.
    """
    return prepared([part for command in commands for part in (_WATCH, command)])


class CacheUnavailable(Unavailable):
    """The cache cannot be used for now; `str()` says why, for the log. What was in flight may have been carried out."""

    def __init__(self, why: str) -> None:
        super().__init__("CACHE_AWAY", "The cache cannot be used for now.")
        self._why = why

    def __str__(self) -> str:
        return self._why


class CommandError(Exception):
    """The server refuses a command that makes no sense to it; `code` is the first word, such as WRONGTYPE."""

    @property
    def code(self) -> str:
        return str(self).partition(" ")[0]


class MultiplexingClient:
    """Calls raise `CacheUnavailable` when replies take `deadline_seconds`, and at once while there is no connection.

    `generation` grows each time the connection is lost: writes may be missing, or the whole cache may be empty. Nothing
    that was sent before is carried out after the next connection is there; for that the server has to permit CLIENT.
    Send only commands with one reply that do not block: no SUBSCRIBE, no MONITOR, no BLPOP.
    """

    def __init__(self, url: str, password: str | None = None, deadline_seconds: float = 0.25) -> None:
        address = urlsplit(url)
        if address.scheme not in ("redis", "rediss") or not address.hostname:
            raise ValueError("The address of a cache looks like redis://host:6379/0, or rediss:// for TLS.")
        self._host, self._port, self._tls = address.hostname, address.port or 6379, address.scheme == "rediss"
        self._user, self._password = unquote(address.username or ""), password or unquote(address.password or "")
        self._database = int(address.path.strip("/") or 0)
        self._deadline_seconds = deadline_seconds
        self.changes = Changes()
        self._connection = _Connection(deadline_seconds, self._lost, self.changes)
        self._predecessor: list[Command] = []
        self._keeper: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._logged = ""
        self.generation = 0

    @property
    def available(self) -> bool:
        """Whether calls are accepted."""
        return self._connection.refusal is None

    @property
    def heard_at(self) -> float:
        """When the server last said something (time.monotonic): a silent one may have changes to tell."""
        return self._connection.heard_at

    async def connect(self) -> None:
        """Tries to connect, for two seconds at most. Whether or not that works, the client is usable until `close`."""
        self._keeper = asyncio.create_task(self._keep_connected())
        await self._tried.wait()

    async def close(self) -> None:
        """Ends the connection; who still waits for a reply gets `CacheUnavailable`."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self._connection.drop("closed")

    def call(self, name: bytes, *arguments: Argument) -> "asyncio.Future[Reply]":
        """The reply to one command; texts are bytes. Raises `CacheUnavailable` or `CommandError`."""
        return self._connection.send(_pack((name, *arguments)))

    def pipeline(self, commands: Sequence[Command]) -> "asyncio.Future[list[Reply]]":
        """The replies to several commands, in their order. An error reply is raised after all have been carried out."""
        return self._connection.send(_packed(commands), len(commands))

    def run(self, commands: Prepared) -> "asyncio.Future[list[Reply]]":
        """As `pipeline`, of commands that were `prepared` or are `watched`."""
        return self._connection.send(*commands)

    def script(self, source: str) -> "Script":
        """A Lua script, to be called with its keys and arguments."""
        return Script(self, source)

    async def _keep_connected(self) -> None:
        failures = 0
        while True:
            if await self._connected():
                failures = 0
                await self._connection.lost.wait()
            pause_seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**failures)
            failures = min(failures + 1, 10)
            # Part of it is chance, so that not all processes come back in the same moment.
            await asyncio.sleep(pause_seconds * random.uniform(0.5, 1))

    async def _connected(self) -> bool:
        connection = _Connection(self._deadline_seconds, self._lost, self.changes)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._opened(connection)
            self._connection = connection
            self._log_change("connected")
        except Exception as error:  # Whatever it is, only the next attempt can bring the cache back.
            self._log_change(str(error) or "no connection in time")
        finally:
            self._tried.set()
            if connection is not self._connection:
                connection.drop("not set up")
        return connection is self._connection

    async def _opened(self, connection: "_Connection") -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: connection, self._host, self._port, ssl=self._tls or None)
        password = (b"AUTH", self._user or "default", self._password) if self._password else ()
        commands: list[Command] = [(b"HELLO", 3, *password), (b"SELECT", self._database), *self._predecessor]
        commands += [(b"CLIENT", b"TRACKING", b"ON", b"OPTIN"), (b"CLIENT", b"INFO")]
        *_, client = await connection.send(_packed(commands), len(commands))
        fields = dict(field.split(b"=", 1) for field in client.split())
        # The server may still have unread commands of a connection that we gave up: its successor makes it forget them.
        self._predecessor = [(b"CLIENT", b"KILL", b"ID", fields[b"id"], b"ADDR", fields[b"addr"])]

    def _lost(self, connection: "_Connection", why: str) -> None:
        if connection is self._connection:
            self.generation += 1
            self.changes.add(None)
            self._log_change(why)

    def _log_change(self, what: str) -> None:
        """Logs news only: a cache that stays away does not fill the log."""
        if what != self._logged:
            self._logged = what
            _log.log(logging.INFO if self.available else logging.WARNING, "Cache: %s", what)


class Script:
    """A Lua script that is sent as its digest, and in full to a server that does not know it."""

    def __init__(self, client: MultiplexingClient, source: str) -> None:
        self._client = client
        self._source = source
        self._digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[Argument], *arguments: Argument) -> Reply:
        """What the script returns. Raises `CacheUnavailable` or `CommandError`."""
        try:
            return await self._client.call(b"EVALSHA", self._digest, len(keys), *keys, *arguments)
        except CommandError as error:
            if error.code != "NOSCRIPT":
                raise
        return await self._client.call(b"EVAL", self._source, len(keys), *keys, *arguments)


class _Batch:
    """The place of a whole pipeline in the queue."""

    __slots__ = ("_replies", "_size", "future")

    def __init__(self, future: "asyncio.Future[Reply]", size: int) -> None:
        self.future = future
        self._size = size
        self._replies: list[Reply] = []

    def completed_by(self, reply: Reply) -> bool:
        self._replies.append(reply)
        if len(self._replies) < self._size:
            return False
        _settle(self.future, next((reply for reply in self._replies if isinstance(reply, Exception)), self._replies))
        return True


class _Connection(asyncio.Protocol):
    """One connection from its first command until it is lost. `refusal` says why calls are not accepted, if so."""

    def __init__(
        self, deadline_seconds: float, on_loss: "Callable[[_Connection, str], None]", changes: Changes
    ) -> None:
        self.refusal: str | None = "not connected"
        self.lost = asyncio.Event()
        self.heard_at = float("-inf")
        self._changes = changes
        self._on_loss = on_loss
        self._transport: asyncio.Transport | None = None
        self._reader = Reader(replyError=_error)
        self._unsent: list[bytes] = []
        self._waiting: deque[asyncio.Future[Reply] | _Batch] = deque()
        self._answered = 0
        self._flushing = False
        self._tick_seconds = deadline_seconds / TICKS_PER_DEADLINE
        self._ticking = False
        self._due: deque[int] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(MOST_UNSENT_BYTES)
        self.refusal = None

    def send(self, packed: bytes, size: int | None = None) -> "asyncio.Future[Reply]":
        """The reply to one packed command, or the list of replies to `size` commands."""
        if self.refusal is not None or len(self._waiting) >= MOST_IN_FLIGHT:
            raise CacheUnavailable(self.refusal or "too many calls in flight")
        future = self._loop.create_future()
        if size == 0:
            future.set_result([])
            return future
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)
        self._unsent.append(packed)
        self._waiting.append(future if size is None else _Batch(future, size))
        return future

    def _flush(self) -> None:
        self._flushing = False
        if self._transport and self._unsent:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()
            if not self._ticking:
                self._ticking = True
                self._loop.call_later(self._tick_seconds, self._tick)

    def data_received(self, data: bytes) -> None:
        reader, waiting = self._reader, self._waiting
        before = len(waiting)
        self.heard_at = time.monotonic()
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not False:
                if type(reply) is PushNotification:
                    self._take_note(reply)
                    continue
                first = waiting[0]
                if not isinstance(first, _Batch):
                    _settle(first, reply)
                elif not first.completed_by(reply):
                    continue
                waiting.popleft()
        except (ProtocolError, IndexError) as error:
            self._lose(f"it sends nonsense ({error})")
        self._answered += before - len(waiting)

    def _take_note(self, told: PushNotification) -> None:
        if told[0] == b"invalidate":
            self._changes.add(told[1])

    def _tick(self) -> None:
        """Ends the connection when a call has waited for too long.

        Counting ticks instead of looking at a clock forgives a busy event loop: replies are read between two ticks.
        """
        if not self._waiting:
            self._ticking = False
            self._due.clear()
            return
        self._due.append(self._answered + len(self._waiting))
        if len(self._due) > TICKS_PER_DEADLINE and self._due.popleft() > self._answered:
            self._lose("it does not answer in time")
        else:
            self._loop.call_later(self._tick_seconds, self._tick)

    def pause_writing(self) -> None:
        self.refusal = self.refusal or "too much to send"

    def resume_writing(self) -> None:
        if not self.lost.is_set():
            self.refusal = None

    def connection_lost(self, error: Exception | None) -> None:
        self._lose(f"the connection broke ({error or 'the other end closed it'})")

    def _lose(self, why: str) -> None:
        if not self.lost.is_set():
            self.drop(why)
            self._on_loss(self, why)

    def drop(self, why: str) -> None:
        """Ends the connection without a word to the server; all who wait hear why."""
        self.lost.set()
        self.refusal = why
        if self._transport:
            self._transport.abort()
        for place in self._waiting:
            _settle(place.future if isinstance(place, _Batch) else place, CacheUnavailable(why))
        self._waiting.clear()
        self._unsent.clear()


def _settle(future: "asyncio.Future[Reply]", reply: Reply) -> None:
    if future.done():
        return  # Its caller was cancelled.
    if isinstance(reply, Exception):
        future.set_exception(reply)
    else:
        future.set_result(reply)


def _error(text: str) -> Exception:
    return CacheUnavailable(text) if text.partition(" ")[0] in _SERVER_STATES else CommandError(text)


def _packed(commands: Sequence[Command]) -> bytes:
    if not all(commands):
        raise ValueError("An empty command gets no reply, and the next one's would be taken for it.")
    return b"".join(map(_pack, commands))
