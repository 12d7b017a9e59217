"""Erasing people, and finding what others wrote that names them."""

from alembic import op

revision = "0019"
down_revision = "0018"

TABLES = """
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    person uuid NOT NULL UNIQUE,
    stand_in uuid NOT NULL,
    mode smallint NOT NULL,
    create_time timestamptz NOT NULL,
    step smallint NOT NULL,
    found boolean NOT NULL,
    awaited bigint NOT NULL,
    counts jsonb NOT NULL,
    finish_time timestamptz,
    due_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX erasures_due ON erasures (due_time) WHERE finish_time IS NULL;
CREATE INDEX posts_mentions ON posts USING gin (mentions jsonb_path_ops) WHERE mentions <> '[]';
CREATE INDEX notification_entries_by_actor ON notification_entries (actor) WHERE actor IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
