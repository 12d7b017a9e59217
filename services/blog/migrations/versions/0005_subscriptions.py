"""Subscriptions, and the addresses at which programs read articles."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE TABLE subscriptions (
    person uuid,
    target text,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (person, target)
);
CREATE INDEX subscriptions_by_target ON subscriptions (target, person);
CREATE TABLE atom_addresses (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    target text NOT NULL,
    create_time timestamptz NOT NULL,
    etag text NOT NULL DEFAULT '',
    change_time timestamptz
);
CREATE INDEX atom_addresses_by_person ON atom_addresses (person, id);
CREATE INDEX atom_addresses_by_target ON atom_addresses (target);
"""


def upgrade() -> None:
    op.execute(TABLES)
