"""The event log: what this service tells, and how far it has followed others.

A pen (`sequence_events`) moves what was committed from the outbox to the log and gives it dense positions and a hash
chain. Whoever holds the row lock on `head` writes; the lock is held until the batch is visible, so batches are ordered.
"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statements in (OUTBOX, EVENTS, LINK, SEQUENCE_EVENTS, READ_AFTER, PRUNE, FOLLOWING):
        op.execute(statements)


OUTBOX = """
    CREATE SCHEMA eventlog;
    CREATE TABLE eventlog.outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL DEFAULT gen_random_uuid(),
        aggregate text NOT NULL,
        version bigint NOT NULL,
        type text NOT NULL,
        payload bytea NOT NULL,
        written_at timestamptz NOT NULL DEFAULT clock_timestamp()
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
"""

# No UNIQUE (aggregate, version): one writer's mistake would stop the pen for all.
EVENTS = """
    CREATE TABLE eventlog.events (
        position bigint PRIMARY KEY,
        seq bigint NOT NULL UNIQUE,
        event_id uuid NOT NULL,
        aggregate text NOT NULL,
        version bigint NOT NULL,
        type text NOT NULL,
        payload bytea,
        payload_hash bytea NOT NULL,
        written_at timestamptz NOT NULL,
        chain bytea NOT NULL
    );
    CREATE TABLE eventlog.head (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        position bigint NOT NULL,
        chain bytea NOT NULL,
        floor bigint NOT NULL,
        floor_chain bytea NOT NULL
    );
    INSERT INTO eventlog.head VALUES (true, 0, sha256('genesis'), 0, sha256('genesis'));
"""

LINK = """
    CREATE FUNCTION eventlog.link(previous bytea, at bigint, id uuid, payload_hash bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE AS
    $$ SELECT sha256(previous || int8send(at) || uuid_send(id) || payload_hash) $$;
"""

# Waits for nobody: `written` is -1 when another process holds the pen. It looks before it takes the pen, so that an
# idle poll writes nothing; what decides is the second look, whose snapshot is younger than the lock.
SEQUENCE_EVENTS = """
    CREATE FUNCTION eventlog.sequence_events(most integer, OUT written integer, OUT head bigint)
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        pen eventlog.head;
        told record;
        payload_hash bytea;
    BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'the pen needs READ COMMITTED';
        END IF;
        IF current_setting('synchronous_commit') = 'off' THEN
            RAISE EXCEPTION 'the pen needs durable commits (synchronous_commit)';
        END IF;
        written := 0;
        PERFORM 1 FROM eventlog.outbox ORDER BY seq LIMIT 1;
        IF NOT FOUND THEN
            SELECT position INTO head FROM eventlog.head;
            RETURN;
        END IF;
        SELECT * INTO pen FROM eventlog.head FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            written := -1;
            SELECT position INTO head FROM eventlog.head;
            RETURN;
        END IF;
        FOR told IN
            WITH batch AS (SELECT seq FROM eventlog.outbox ORDER BY seq LIMIT most),
                moved AS (DELETE FROM eventlog.outbox USING batch WHERE outbox.seq = batch.seq RETURNING outbox.*)
            SELECT * FROM moved ORDER BY seq
        LOOP
            payload_hash := sha256(told.payload);
            pen.position := pen.position + 1;
            pen.chain := eventlog.link(pen.chain, pen.position, told.event_id, payload_hash);
            INSERT INTO eventlog.events VALUES (pen.position, told.seq, told.event_id, told.aggregate, told.version,
                told.type, told.payload, payload_hash, told.written_at, pen.chain);
            written := written + 1;
        END LOOP;
        head := pen.position;
        IF written > 0 THEN
            UPDATE eventlog.head SET position = pen.position, chain = pen.chain;
        END IF;
    END $$;
"""

# STABLE: the head and the events are of one moment.
READ_AFTER = """
    CREATE FUNCTION eventlog.read_after(after bigint, after_chain bytea, most integer) RETURNS SETOF eventlog.events
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
        pen eventlog.head;
        known bytea;
    BEGIN
        SELECT * INTO pen FROM eventlog.head;
        IF after < pen.floor THEN
            RAISE EXCEPTION 'LOG_TRUNCATED: the log begins after %', pen.floor USING ERRCODE = 'EL001';
        END IF;
        IF after > pen.position THEN
            RAISE EXCEPTION 'LOG_DIVERGED: % is ahead of the head, %', after, pen.position USING ERRCODE = 'EL002';
        END IF;
        IF after = pen.floor THEN
            known := pen.floor_chain;
        ELSE
            SELECT chain INTO known FROM eventlog.events WHERE position = after;
        END IF;
        IF known IS DISTINCT FROM after_chain THEN
            RAISE EXCEPTION 'LOG_DIVERGED: another history up to %', after USING ERRCODE = 'EL002';
        END IF;
        RETURN QUERY SELECT * FROM eventlog.events WHERE position > after ORDER BY position LIMIT most;
    END $$;
"""

PRUNE = """
    CREATE FUNCTION eventlog.prune(keep interval) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        last eventlog.events;
    BEGIN
        PERFORM 1 FROM eventlog.head FOR UPDATE;
        SELECT * INTO last FROM eventlog.events WHERE written_at < now() - keep ORDER BY position DESC LIMIT 1;
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
        UPDATE eventlog.head SET floor = last.position, floor_chain = last.chain;
        DELETE FROM eventlog.events WHERE position <= last.position;
        RETURN last.position;
    END $$;
"""

# `event` is a serialized plein.chassis.v1.Event.
FOLLOWING = """
    CREATE TABLE eventlog.cursor (
        source text PRIMARY KEY,
        position bigint NOT NULL,
        chain bytea NOT NULL,
        moved_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE eventlog.parked (
        source text NOT NULL,
        position bigint NOT NULL,
        aggregate text NOT NULL,
        type text NOT NULL,
        event bytea NOT NULL,
        error text NOT NULL,
        parked_at timestamptz NOT NULL DEFAULT now(),
        resolved_at timestamptz,
        PRIMARY KEY (source, position)
    );
    CREATE INDEX parked_aggregates ON eventlog.parked (source, aggregate) WHERE resolved_at IS NULL;
"""
