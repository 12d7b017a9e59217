"""The role with which moderation answers calls adds to the audit log and reads it. It can do nothing else with it."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import make_url

from services.moderation.service import SERVICE
from tests.conftest import Databases, Start
from tests.moderation.auditing import Tamperer

STATEMENTS = [
    "UPDATE audit.entries SET actor = 'people/eva'",
    "DELETE FROM audit.entries",
    "INSERT INTO audit.entries SELECT position + 100, moment, actor, action, subject, facts, chain FROM audit.entries",
    "MERGE INTO audit.entries USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE audit.entries",
    "SELECT * FROM audit.entries FOR UPDATE",
    "LOCK TABLE audit.entries IN ROW EXCLUSIVE MODE",
    "UPDATE audit.head SET position = 0",
    "DELETE FROM audit.head",
    "TRUNCATE audit.head",
    "ALTER TABLE audit.entries DROP COLUMN chain",
    "ALTER TABLE audit.entries RENAME TO other",
    "ALTER TABLE audit.entries OWNER TO CURRENT_USER",
    "ALTER TABLE audit.entries SET SCHEMA public",
    "ALTER TABLE audit.entries DISABLE TRIGGER ALL",
    "CREATE TRIGGER forget BEFORE INSERT ON audit.entries EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE forget AS ON INSERT TO audit.entries DO INSTEAD NOTHING",
    "DROP TABLE audit.entries",
    "DROP TABLE audit.head CASCADE",
    "DROP SCHEMA audit CASCADE",
    "ALTER SCHEMA audit RENAME TO other",
    "CREATE TABLE audit.more ()",
    "DROP FUNCTION audit.append",
    "CREATE OR REPLACE FUNCTION audit.measured(content text) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$",
    "ALTER FUNCTION audit.append RESET search_path",
    "SET ROLE {owner}",
    "REASSIGN OWNED BY {owner} TO CURRENT_USER",
    "DROP OWNED BY {owner}",
    "ALTER DATABASE {database} OWNER TO CURRENT_USER",
    "SET session_replication_role = replica",
]


@pytest.fixture(scope="module")
async def log(start: Start) -> AsyncIterator[Tamperer]:
    tamperer = Tamperer(await start(SERVICE))
    await tamperer.write("cases/1", "cases/2")
    yield tamperer
    await tamperer.owner.close()


@pytest.fixture
async def service(log: Tamperer) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection with the service's own role."""
    url = log.service.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_the_service_may_not(service: psycopg.AsyncConnection, log: Tamperer, statement: str) -> None:
    owner, database = log.owner.url.username, log.owner.url.database
    await service.execute("BEGIN")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await service.execute(statement.format(owner=owner, database=database).encode())


async def test_the_service_may_not_drop_its_database(service: psycopg.AsyncConnection, log: Tamperer) -> None:
    # Outside a transaction, where it would be possible.
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await service.execute(f"DROP DATABASE {log.owner.url.database}".encode())


async def test_what_the_service_grants_itself_is_nothing(service: psycopg.AsyncConnection, log: Tamperer) -> None:
    await service.execute("GRANT ALL ON audit.entries TO CURRENT_USER")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await service.execute("DELETE FROM audit.entries")


async def test_what_it_adds_is_dated_and_placed_by_the_database(log: Tamperer) -> None:
    before = (await log.entries())[-1]
    await log.write("cases/3")
    after = (await log.entries())[-1]
    assert (after.position, after.subject) == (before.position + 1, "cases/3")
    assert after.moment > before.moment
    assert await log.flaw() is None


async def test_a_tampered_search_path_leads_nowhere(service: psycopg.AsyncConnection, log: Tamperer) -> None:
    await service.execute("CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$")
    await service.execute("SET search_path = pg_temp, pg_catalog")
    await service.execute("SELECT audit.append('people/eva', 'case.decided', 'cases/4', '{}')")
    assert await log.flaw() is None


async def test_moderation_does_not_start_where_its_role_owns_the_log(start: Start, postgres: Databases) -> None:
    own = await postgres.of("one that owns its database")
    with pytest.raises(RuntimeError, match=f"The role {make_url(own['database_url']).username} could change the audit"):
        await start(SERVICE, database_owner_url="", **own)
