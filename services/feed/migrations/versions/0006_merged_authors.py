"""Authors with so many followers that their posts are merged into homes at reading."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE TABLE merged_authors (author uuid PRIMARY KEY)")
