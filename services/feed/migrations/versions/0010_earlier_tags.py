"""Which tags posts had before they were changed: their followers' homes change with them."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE post_revisions ADD COLUMN tags text[] NOT NULL DEFAULT '{}'")
