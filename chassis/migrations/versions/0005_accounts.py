"""Service accounts in the replica that decides about access (`chassis.access`)."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLE = """
CREATE TABLE access.accounts (
    account uuid PRIMARY KEY,
    owner uuid NOT NULL,
    scopes text[] NOT NULL,
    active boolean NOT NULL,
    epoch bigint NOT NULL,
    changed bigint NOT NULL
);
CREATE INDEX accounts_changed ON access.accounts (changed);
INSERT INTO access.clocks VALUES ('accounts', 0);
"""


def upgrade() -> None:
    op.execute(TABLE)
