"""The audit log: the service adds to it through a function of its owner's, and may otherwise only read it.

Migrations run as the owner of the database, which no process is that answers calls (docs/operating.md). Where one
role is both, the log could be changed by the service, which then refuses to start.
"""

from alembic import op

revision = "0010"
down_revision = "0001"


def upgrade() -> None:
    for statements in (TABLES, LINK, APPEND, RIGHTS):
        op.execute(statements)


TABLES = """
    CREATE SCHEMA audit;
    CREATE TABLE audit.entries (
        position bigint PRIMARY KEY,
        moment timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        facts text NOT NULL,
        chain bytea NOT NULL
    );
    CREATE INDEX entries_actor ON audit.entries (actor, position);
    CREATE INDEX entries_subject ON audit.entries (subject, position);
    CREATE INDEX entries_action ON audit.entries (action, position);
    CREATE TABLE audit.head (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        position bigint NOT NULL,
        chain bytea NOT NULL
    );
    INSERT INTO audit.head VALUES (true, 0, sha256('audit'));
"""

# Each text with its length, so that nothing can move from one to the next.
LINK = """
    CREATE FUNCTION audit.measured(content text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
    $$ SELECT int4send(octet_length(convert_to(content, 'UTF8'))) || convert_to(content, 'UTF8') $$;

    CREATE FUNCTION audit.link(before bytea, at bigint, moment timestamptz, actor text, action text, subject text,
        facts text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
    $$ SELECT sha256(before || int8send(at) || int8send((extract(epoch FROM moment) * 1000000)::bigint)
        || audit.measured(actor) || audit.measured(action) || audit.measured(subject) || audit.measured(facts)) $$;
"""

# The lock on the head is held until the commit, so positions are in the order of the commits and have no gaps. The
# moment is the database's own: nobody dates anything back.
APPEND = """
    CREATE FUNCTION audit.append(actor text, action text, subject text, facts text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        pen audit.head;
        moment timestamptz;
    BEGIN
        SELECT * INTO STRICT pen FROM audit.head FOR UPDATE;
        moment := clock_timestamp();
        pen.position := pen.position + 1;
        pen.chain := audit.link(pen.chain, pen.position, moment, actor, action, subject, facts);
        INSERT INTO audit.entries VALUES (pen.position, moment, actor, action, subject, facts, pen.chain);
        UPDATE audit.head SET position = pen.position, chain = pen.chain;
        RETURN pen.position;
    END $$;
    REVOKE ALL ON FUNCTION audit.append FROM PUBLIC;
"""

# Takes from every role but the owner what it was given with the tables, whatever the role is called.
RIGHTS = """
    DO $$
    DECLARE
        other name;
    BEGIN
        FOR other IN
            SELECT DISTINCT pg_get_userbyid(given.grantee)
            FROM pg_class, aclexplode(pg_class.relacl) AS given
            WHERE pg_class.oid = 'audit.entries'::regclass AND given.grantee NOT IN (0, pg_class.relowner)
        LOOP
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM %I', other);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA audit TO %I', other);
            EXECUTE format('GRANT EXECUTE ON FUNCTION audit.append TO %I', other);
        END LOOP;
    END $$;
"""
