"""Who wants not to meet whom, in the replica that decides about access (`chassis.access`)."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLE = """
CREATE TABLE access.blocks (
    person uuid NOT NULL,
    other uuid NOT NULL CHECK (other <> person),
    active boolean NOT NULL,
    changed bigint NOT NULL,
    PRIMARY KEY (person, other)
);
CREATE INDEX blocks_changed ON access.blocks (changed);
INSERT INTO access.clocks VALUES ('blocks', 0);
"""


def upgrade() -> None:
    op.execute(TABLE)
