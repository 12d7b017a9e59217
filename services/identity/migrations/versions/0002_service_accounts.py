"""Service accounts."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLE = """
    CREATE TABLE service_accounts (
        id uuid PRIMARY KEY,
        title text NOT NULL,
        owner uuid NOT NULL REFERENCES people,
        scopes text[] NOT NULL,
        secret_hash bytea NOT NULL,
        previous_secret_hash bytea NOT NULL,
        previous_expire_time timestamptz,
        disabled boolean NOT NULL,
        epoch bigint NOT NULL,
        version bigint NOT NULL,
        create_time timestamptz NOT NULL,
        update_time timestamptz NOT NULL
    );
"""


def upgrade() -> None:
    op.execute(TABLE)
