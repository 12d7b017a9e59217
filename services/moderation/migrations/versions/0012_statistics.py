"""Numbers of cases that are gone, and which cases are but a stub for what they still hide."""

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE statistics (
    year smallint NOT NULL,
    counted text NOT NULL,
    key text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (year, counted, key)
);
ALTER TABLE cases ADD COLUMN retire_time timestamptz;
CREATE INDEX cases_to_retire ON cases (update_time) WHERE state IN (3, 6) AND retire_time IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
