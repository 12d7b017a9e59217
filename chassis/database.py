"""A service's own PostgreSQL database: a pool, transactions, deadlines.

SQL is cut off at the call's deadline twice: PostgreSQL gets it as `statement_timeout`, and the socket is shut a little
later, since a database that is frozen answers neither the statement nor a request to cancel it.
"""

import asyncio
import os
import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import psycopg
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis.deadline import remaining
from chassis.problems import TooLate, Unavailable

LONGEST_STATEMENT_SECONDS = 10.0
SESSION = (
    "-c timezone=UTC -c idle_in_transaction_session_timeout=10s -c lock_timeout=2s "
    f"-c statement_timeout={LONGEST_STATEMENT_SECONDS:.0f}s"
)
# Whether there was anything to commit.
COMMIT_TELLING = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT"
# A deadline that is nearly as long as the session's own time-out is not worth a statement of its own.
NEARLY = 0.9
# The event loop itself holds its tasks weakly.
_closings: "set[asyncio.Future[None]]" = set()


class Database:
    """The engine of one service's database."""

    def __init__(self, url: str, password: str | None = None, pool_size: int = 8) -> None:
        self.url = address = address_of(url, password)
        self.engine: AsyncEngine = create_async_engine(
            address,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=1,
            pool_reset_on_return=None,  # a block ends its transaction itself, or throws the connection away
            hide_parameters=True,  # errors are logged, and parameters are what people wrote
            connect_args={
                "connect_timeout": 2,
                "options": SESSION,
                "application_name": "plein",
            },
        )
        self._pool_size = pool_size
        self._after_write: list[Callable[[], None]] = []
        self._written = asyncio.Event()
        self.writes = 0

    def after_write(self, callback: Callable[[], None]) -> None:
        """Calls `callback` after each commit in this process that changed something; it must not block."""
        self._after_write.append(callback)

    async def written_since(self, writes: int, seconds: float) -> None:
        """Returns once there have been more than so many `writes`: commits of this process that changed something.

        After `seconds` it returns anyhow.
        """
        if self.writes == writes:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._written.wait()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A READ COMMITTED transaction: commits at the end of the block, rolls back when it is left by an error."""
        async with self._begun("BEGIN", tells=True) as tx:
            yield tx

    @asynccontextmanager
    async def quiet_transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is not counted among the writes: it is part of what those set off."""
        async with self._begun("BEGIN") as tx:
            yield tx

    async def peek(self, statement: str, *parameters: Any) -> Any:
        """The row that one statement answers, or None; `%s` stands for a parameter.

        It is a transaction by itself and costs a third of others: for what is asked often.
        """
        tx, cursor = await self._begin(statement, remaining(LONGEST_STATEMENT_SECONDS), parameters or None)
        try:
            return await cursor.fetchone()
        finally:
            await tx.close()

    async def write(self, statement: str, *parameters: Any) -> None:
        """The same for a statement that changes something, which is counted among the writes.

        When the database goes away meanwhile, nobody knows whether it was done, as with any commit.
        """
        tx, _ = await self._begin(statement, remaining(LONGEST_STATEMENT_SECONDS), parameters, once=True)
        await tx.close()
        self._tell()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A read-only transaction in which all statements see the same moment."""
        async with self._begun("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as tx:
            yield tx

    @asynccontextmanager
    async def _begun(self, begin: str, *, tells: bool = False) -> AsyncIterator[AsyncConnection]:
        seconds = remaining(LONGEST_STATEMENT_SECONDS)
        if seconds < NEARLY * LONGEST_STATEMENT_SECONDS:
            begin = f"{begin}; SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"
        tx, _ = await self._begin(begin, seconds)
        connection = driver(tx)
        guard = _Guard(connection, seconds)
        try:
            yield tx
            ended = await connection.execute(COMMIT_TELLING if tells else "COMMIT")
            if tells and await ended.fetchone() == (True,):
                self._tell()
        except (DBAPIError, psycopg.Error) as error:
            await _rolled_back(tx, connection)
            raise _problem(error, guard.fired) from error
        except BaseException:
            await _rolled_back(tx, connection)
            raise
        finally:
            guard.stop()
            await tx.close()

    def _tell(self) -> None:
        self.writes += 1
        self._written.set()
        self._written = asyncio.Event()
        for callback in self._after_write:
            callback()

    async def _begin(
        self, first: str, seconds: float, parameters: "tuple[Any, ...] | None" = None, *, once: bool = False
    ) -> "tuple[AsyncConnection, psycopg.AsyncCursor[Any]]":
        """A connection and what it answers to a first statement. Those that broke while they were idle are replaced.

        What may be done only `once` is not tried again: it is asked of no connection that the database closed.
        """
        for idle in range(self._pool_size, -1, -1):  # all that are idle may have broken, the next is a new one
            try:
                tx = await self._pooled()
            except PoolTimeoutError as error:
                raise Unavailable("DATABASE_BUSY", "The database has too much to do.") from error
            except (DBAPIError, OSError, psycopg.Error) as error:
                raise Unavailable("DATABASE_AWAY", "The database cannot be reached.") from error
            connection = driver(tx)
            if once and idle and _has_something_to_say(connection):
                await _closed(tx)
                continue
            guard = _Guard(connection, seconds)
            try:
                return tx, await connection.execute(first, parameters)
            except (psycopg.Error, OSError) as error:
                broke = connection.closed
                # An IntegrityError is all about the statement.
                await (tx.close() if isinstance(error, psycopg.IntegrityError) else _closed(tx))
                if once or not broke or not idle or guard.fired:
                    raise _problem(error, guard.fired) from error
            except BaseException:  # Whoever is cancelled here must not take the connection along.
                await _closed(tx)
                raise
            finally:
                guard.stop()
        raise AssertionError("unreachable")

    async def _pooled(self) -> AsyncConnection:
        """A connection of the pool. One that is being opened when its caller is cancelled is closed, and not lost."""
        if self.engine.pool.checkedin():  # type: ignore[attr-defined] # it is a QueuePool
            return await self.engine.connect()  # waits for nothing, so nobody is cancelled in it
        opening = asyncio.ensure_future(_opened(self.engine))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_unwanted)
            raise

    async def close(self) -> None:
        """Closes all connections."""
        await self.engine.dispose()


class _Guard:
    """Shuts a connection's socket when the time is over, without waiting for the server."""

    def __init__(self, driver: "psycopg.AsyncConnection[Any]", seconds: float) -> None:
        self.fired = False
        self._driver = driver
        self._timer = asyncio.get_running_loop().call_later(seconds + 0.25, self._fire)

    def _fire(self) -> None:
        self.fired = True
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._driver.pgconn.socket)) as shared:
            shared.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._timer.cancel()


def address_of(url: str, password: str | None) -> URL:
    """Where a database is, and as whom it is entered; a password that is given comes before one in the URL."""
    address = make_url(url)
    return address.set(password=password) if password else address


def _has_something_to_say(connection: "psycopg.AsyncConnection[Any]") -> bool:
    """Whether there is something to read though nothing was asked: mostly that the other side has hung up."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


async def _opened(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def _unwanted(opening: "asyncio.Future[AsyncConnection]") -> None:
    if not opening.cancelled() and not opening.exception():
        closing = asyncio.ensure_future(_closed(opening.result()))
        _closings.add(closing)
        closing.add_done_callback(_closings.discard)


async def _closed(tx: AsyncConnection) -> None:
    await tx.invalidate()
    await tx.close()


def driver(tx: AsyncConnection) -> "psycopg.AsyncConnection[Any]":
    """What lies under a transaction, for the few statements that every write makes: a third of what Core costs."""
    begun = cast(Connection, tx.sync_connection)
    return cast("psycopg.AsyncConnection[Any]", begun.connection.driver_connection)


async def _rolled_back(tx: AsyncConnection, connection: "psycopg.AsyncConnection[Any]") -> None:
    """Rolls back, or throws the connection away when even that does not work."""
    try:
        async with asyncio.timeout(1):
            await connection.execute("ROLLBACK")
    except (psycopg.Error, OSError, TimeoutError):
        await tx.invalidate()


def _problem(error: Exception, out_of_time: bool) -> Exception:
    """What a database's error means to the caller; an error of ours stays what it is."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if out_of_time or isinstance(cause, psycopg.errors.QueryCanceled):
        return TooLate("DATABASE_TOO_SLOW", "The database did not answer in time.")
    busy = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
    if isinstance(cause, busy):
        return Unavailable("DATABASE_BUSY", "Somebody else is changing the same thing.")
    if isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable("DATABASE_AWAY", "The database cannot be reached.")
    return error
