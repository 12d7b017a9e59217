"""Incoming webhooks."""

from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = """
CREATE TABLE incoming_hooks (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    account uuid NOT NULL,
    secret text NOT NULL,
    create_time timestamptz NOT NULL,
    previous_secret text NOT NULL,
    previous_expire_time timestamptz,
    version bigint NOT NULL
);
CREATE TABLE hook_signatures (
    hook uuid REFERENCES incoming_hooks ON DELETE CASCADE,
    signature bytea,
    delivery text NOT NULL,
    receive_time timestamptz NOT NULL,
    PRIMARY KEY (hook, signature)
);
CREATE INDEX hook_signatures_by_time ON hook_signatures (receive_time);
"""


def upgrade() -> None:
    op.execute(TABLES)
