"""The replica that decides about access (`chassis.access`)."""

from alembic import op

revision = "0003"
down_revision = "0002"

SCHEMA = """
CREATE SCHEMA access;

CREATE TABLE access.clocks (
    name text PRIMARY KEY,
    ticks bigint NOT NULL
);
INSERT INTO access.clocks VALUES ('people', 0), ('barriers', 0), ('memberships', 0);

CREATE TABLE access.people (
    person uuid PRIMARY KEY,
    kind smallint NOT NULL,
    segments text[] NOT NULL,
    active boolean NOT NULL,
    epoch bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE INDEX people_changed ON access.people (changed);

CREATE TABLE access.barriers (
    segment text NOT NULL,
    other_segment text NOT NULL,
    PRIMARY KEY (segment, other_segment)
);

CREATE TABLE access.memberships (
    person uuid NOT NULL,
    group_id uuid NOT NULL,
    since timestamptz,
    active boolean NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (person, group_id)
);
CREATE INDEX memberships_changed ON access.memberships (changed);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
