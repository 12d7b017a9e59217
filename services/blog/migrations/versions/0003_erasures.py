"""Erasing people."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    person uuid NOT NULL UNIQUE,
    stand_in uuid NOT NULL,
    mode smallint NOT NULL,
    create_time timestamptz NOT NULL,
    step smallint NOT NULL,
    found boolean NOT NULL,
    counts jsonb NOT NULL,
    finish_time timestamptz
);
CREATE INDEX erasures_unfinished ON erasures (create_time) WHERE finish_time IS NULL;
CREATE INDEX blogs_by_owner ON blogs (owner);
CREATE INDEX drafts_by_person ON drafts (person);
CREATE INDEX articles_scheduled_by ON articles (scheduled_by) WHERE scheduled_by IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
