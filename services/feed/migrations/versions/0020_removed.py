"""What moderators removed: nobody sees it, and it stays for an appeal. `hidden` is what its author alone sees."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for table in ("posts", "hidden_subjects"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN removed boolean NOT NULL DEFAULT false")
