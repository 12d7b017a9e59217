"""People, sign-in, sessions and barriers."""

from alembic import op

revision = "0001"
down_revision = None

PEOPLE = """
    CREATE TABLE people (
        id uuid PRIMARY KEY,
        personnel_number text NOT NULL UNIQUE,
        handle text NOT NULL UNIQUE,
        given_name text NOT NULL,
        family_name text NOT NULL,
        email text NOT NULL,
        kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
        create_time timestamptz NOT NULL,
        update_time timestamptz NOT NULL,
        employer text NOT NULL,
        sponsor text NOT NULL,
        start_date date,
        end_date date,
        department text NOT NULL,
        title text NOT NULL,
        manager text NOT NULL,
        location text NOT NULL,
        phone text NOT NULL,
        language text NOT NULL,
        segments text[] NOT NULL,
        roles text[] NOT NULL,
        status smallint NOT NULL CHECK (status BETWEEN 1 AND 4),
        activated boolean NOT NULL,
        epoch bigint NOT NULL,
        version bigint NOT NULL
    );
    -- Who left keeps the handle, which others wrote in their texts, but not the address.
    CREATE UNIQUE INDEX people_by_email ON people (email) WHERE status <> 4;
    CREATE INDEX people_by_manager ON people (manager) WHERE manager <> '';
    CREATE INDEX people_with_roles ON people (id) WHERE roles <> '{}';
"""
SIGN_IN = """
    CREATE TABLE passwords (
        person uuid PRIMARY KEY REFERENCES people,
        password_hash text NOT NULL,
        update_time timestamptz NOT NULL
    );
    CREATE TABLE sign_in_links (
        person uuid PRIMARY KEY REFERENCES people,
        token_hash bytea NOT NULL UNIQUE,
        expire_time timestamptz NOT NULL
    );
    CREATE TABLE sign_in_attempts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subject bytea NOT NULL,
        moment timestamptz NOT NULL
    );
    CREATE INDEX sign_in_attempts_by_subject ON sign_in_attempts (subject, moment);
    CREATE INDEX sign_in_attempts_by_moment ON sign_in_attempts (moment);
    CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        person uuid NOT NULL REFERENCES people,
        device text NOT NULL,
        client text NOT NULL,
        token_hash bytea NOT NULL,
        create_time timestamptz NOT NULL,
        expire_time timestamptz NOT NULL
    );
    CREATE INDEX sessions_by_person ON sessions (person, id DESC);
    CREATE INDEX sessions_by_expire_time ON sessions (expire_time);
"""
BARRIERS = """
    CREATE TABLE barrier_policy (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        pairs jsonb NOT NULL,
        version bigint NOT NULL
    );
"""


def upgrade() -> None:
    for statements in (PEOPLE, SIGN_IN, BARRIERS):
        op.execute(statements)
