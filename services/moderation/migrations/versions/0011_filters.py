"""The filters for what people write, and the cases that they open."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE filters (
    id uuid PRIMARY KEY,
    kind smallint NOT NULL,
    text text NOT NULL,
    effect smallint NOT NULL,
    note text NOT NULL,
    folded text NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    version bigint NOT NULL,
    UNIQUE (kind, folded)
);
CREATE INDEX filters_by_alphabet ON filters (folded, id);
CREATE TABLE filter_revisions (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL
);
ALTER TABLE cases ADD COLUMN held_by uuid[] NOT NULL DEFAULT '{}';
"""


def upgrade() -> None:
    op.execute(TABLES)
