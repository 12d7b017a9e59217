"""One import at a time, over all processes of identity."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Database
from chassis.problems import Unavailable, WrongState

_TAKE = sa.text("SELECT pg_try_advisory_lock(hashtext('identity.imports'))")
_GIVE_BACK = sa.text("SELECT pg_advisory_unlock(hashtext('identity.imports'))")


@asynccontextmanager
async def alone(database: Database) -> AsyncIterator[None]:
    """Holds a lock of PostgreSQL for as long as it takes; it dies with the process. WrongState when it is taken."""
    connection = await _connected(database)
    try:
        if not (await connection.execute(_TAKE)).scalar_one():
            raise WrongState("IMPORT_RUNNING", "Another import is running. Wait until it has ended.")
        try:
            yield
        finally:
            await _give_back(connection)
    finally:
        await connection.close()


async def _give_back(connection: AsyncConnection) -> None:
    """Releases the lock. A connection with which that fails is closed, and loses the lock so."""
    try:
        await connection.execute(_GIVE_BACK)
    except BaseException:
        await connection.invalidate()
        raise


async def _connected(database: Database) -> AsyncConnection:
    try:
        return await database.engine.connect()
    except PoolTimeoutError as error:
        raise Unavailable("DATABASE_BUSY", "The database has too much to do.") from error
    except (DBAPIError, OSError) as error:
        raise Unavailable("DATABASE_AWAY", "The database cannot be reached.") from error
