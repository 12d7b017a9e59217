"""Under which id feed finds whose bookmark changed, so that its log needs to tell nothing else."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE marks ADD COLUMN bookmark_change uuid;
        CREATE UNIQUE INDEX marks_bookmark_changes ON marks (bookmark_change) WHERE bookmark_change IS NOT NULL;
    """)
