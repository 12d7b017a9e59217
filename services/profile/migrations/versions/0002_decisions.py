"""What moderators hid or removed of what people tell, and of their photos."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("profiles", "photos"):
        for state in ("hidden", "removed"):
            op.execute(f"ALTER TABLE {table} ADD COLUMN {state} boolean NOT NULL DEFAULT false")
