"""Profiles and photos."""

from alembic import op

revision = "0001"
down_revision = None

# A photo may come before its person does, so photos stand apart and refer to nobody.
SCHEMA = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE profiles (
    id uuid PRIMARY KEY,
    handle text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    kind smallint NOT NULL,
    employer text NOT NULL,
    department text NOT NULL,
    title text NOT NULL,
    manager uuid,
    location text NOT NULL,
    phone text NOT NULL,
    email text NOT NULL,
    former boolean NOT NULL,
    headline text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    search_text text NOT NULL,
    sort_name text NOT NULL COLLATE "C",
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1
);
-- Without fastupdate: what waits to be sorted into the index is read by every search, for minutes after an import.
CREATE INDEX profiles_search ON profiles USING gin (search_text gin_trgm_ops) WITH (fastupdate = off) WHERE NOT former;
CREATE INDEX profiles_listed ON profiles (sort_name, id) WHERE NOT former;
CREATE INDEX profiles_departments ON profiles (department, sort_name, id) WHERE NOT former;
CREATE TABLE photos (
    person uuid PRIMARY KEY,
    digest bytea NOT NULL,
    small text NOT NULL,
    large text NOT NULL,
    import_time timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
