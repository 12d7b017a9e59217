"""The replica of the filters that moderation sets (`chassis.filtering`)."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
CREATE SCHEMA filtering;
CREATE TABLE filtering.filters (
    id uuid PRIMARY KEY,
    kind smallint NOT NULL,
    content text NOT NULL,
    effect smallint NOT NULL
);
CREATE TABLE filtering.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL
);
INSERT INTO filtering.state VALUES (true, 0);
"""


def upgrade() -> None:
    op.execute(TABLES)
