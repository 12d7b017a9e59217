"""What links lead to, and the posts that wait to hear it."""

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = """
CREATE TABLE link_previews (
    url text PRIMARY KEY,
    state smallint NOT NULL,
    title text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    site text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    fetched_time timestamptz,
    next_try timestamptz NOT NULL
);
CREATE INDEX link_previews_due ON link_previews (next_try);
CREATE TABLE link_preview_posts (post uuid PRIMARY KEY, url text NOT NULL);
CREATE INDEX link_preview_posts_by_url ON link_preview_posts (url);
"""


def upgrade() -> None:
    op.execute(TABLES)
