"""Who may not speak for some time, in the replica that decides about access (`chassis.access`)."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLE = """
CREATE TABLE access.mutes (
    person uuid PRIMARY KEY,
    until timestamptz,
    changed bigint NOT NULL
);
CREATE INDEX mutes_changed ON access.mutes (changed);
INSERT INTO access.clocks VALUES ('mutes', 0);
"""


def upgrade() -> None:
    op.execute(TABLE)
