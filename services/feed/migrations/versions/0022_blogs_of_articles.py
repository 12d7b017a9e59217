"""In which blog an article stands: what is told of it is hidden with that."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE articles ADD COLUMN blog uuid")
    op.execute("CREATE INDEX articles_of_blog ON articles (blog) WHERE blog IS NOT NULL")
