"""Posts from before there was a search are found as well. A start that dies in it goes on with what is left."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BATCH = 2000
FILL = sa.text("""
    WITH batch AS (SELECT id FROM posts WHERE id > :after ORDER BY id LIMIT :size),
    filled AS (
        INSERT INTO post_texts SELECT posts.id, post_vector(posts) FROM posts JOIN batch USING (id)
        WHERE post_is_searchable(posts)
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1""")


def upgrade() -> None:
    """Each batch is a transaction of its own, which keeps nobody waiting who writes meanwhile."""
    last: UUID | None = UUID(int=0)
    with op.get_context().autocommit_block():
        while last is not None:
            last = op.get_bind().execute(FILL, {"after": last, "size": BATCH}).scalar()
