"""The first answers to requests with a request_id (`chassis.once`)."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE SCHEMA once;
        CREATE TABLE once.requests (
            caller text NOT NULL,
            request_id text NOT NULL,
            question bytea NOT NULL,
            answer bytea,
            asked_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (caller, request_id)
        );
    """)
