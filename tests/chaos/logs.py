"""What must hold of every service's log, and of all who follow it, whatever befell them; and how databases are read."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from deploy.stack import Stack
from services.__main__ import names, service

# Each finds rows that should not be there.
OF_EVERY_LOG = {
    "I4 the log is dense": """
        SELECT position FROM (SELECT position, row_number() OVER (ORDER BY position) AS place FROM eventlog.events) one
        WHERE position <> place
        UNION SELECT position FROM eventlog.head WHERE position <> (SELECT count(*) FROM eventlog.events)""",
    "I4 the log is chained": """
        SELECT position FROM (
            SELECT position, chain, payload_hash <> sha256(payload) AS changed, eventlog.link(
                coalesce(lag(chain) OVER (ORDER BY position), sha256('genesis')), position, event_id, payload_hash
            ) AS expected FROM eventlog.events
        ) one WHERE chain <> expected OR changed""",
    "I4 the outbox is empty": "SELECT seq FROM eventlog.outbox",
    # Counts change a version too, and are not told: so some may be left out. One may tell several things.
    "I5 versions rise": """
        SELECT aggregate, version FROM (
            SELECT aggregate, version, lag(version) OVER (PARTITION BY aggregate ORDER BY position) AS before
            FROM eventlog.events
        ) one WHERE version < before
        UNION SELECT aggregate, version FROM eventlog.events GROUP BY aggregate, version, type HAVING count(*) > 1""",
    "I6 nothing is parked": "SELECT source, position, error FROM eventlog.parked WHERE resolved_at IS NULL",
}
_CURSORS = "SELECT source, position FROM eventlog.cursor"
_HEAD = "SELECT position FROM eventlog.head"


async def wrong_logs(stack: Stack) -> dict[str, Any]:
    """What does not hold now of the logs of all services."""
    wrong: dict[str, Any] = {}
    cursors: list[tuple[str, str, int]] = []
    heads: dict[str, int] = {}
    for own in names():
        sources = _sources(own)
        for name, found in (await every(stack, own, OF_EVERY_LOG | {"cursors": _CURSORS, "head": _HEAD})).items():
            match name:
                case "cursors":
                    cursors += [(own, sources[cursor], position) for cursor, position in found]
                case "head":
                    heads[own] = found[0][0]
                case _ if found:
                    wrong[f"{name}, of {own}"] = found[:5]
    if behind := [one for one in cursors if one[2] != heads[one[1]]]:
        wrong["I6 cursors are at the head"] = behind[:5], heads
    return wrong


def _sources(name: str) -> dict[str, str]:
    """Whose log each cursor of a service is in."""
    follows = [(getattr(one, "name", ""), getattr(one, "source", "")) for one in service(name).follows]
    return {name or source: source for name, source in follows}


async def every(stack: Stack, service: str, queries: Mapping[str, str]) -> dict[str, list[Any]]:
    """What each of these queries finds in the database of a service at one moment."""
    async with connected(stack, service) as tx:
        await tx.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        return {name: await (await tx.execute(query.encode())).fetchall() for name, query in queries.items()}


async def rows(stack: Stack, service: str, query: str) -> list[Any]:
    """What a query finds in the database of a service."""
    return (await every(stack, service, {"rows": query}))["rows"]


@asynccontextmanager
async def connected(stack: Stack, service: str) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
    """A connection to the database of a service, with the rights of the service."""
    address = next(process.address for process in stack.processes if process.name == "postgres")
    password = stack.secrets.database_password(service).read_text()
    url = f"postgresql://{service}:{password}@{address}/{service}"
    async with await psycopg.AsyncConnection.connect(url) as tx:
        yield tx
