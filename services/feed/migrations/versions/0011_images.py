"""Images of posts, and what of them is stored."""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE image_contents (name text PRIMARY KEY, check_time timestamptz);
CREATE INDEX image_contents_to_check ON image_contents (check_time) WHERE check_time IS NOT NULL;
CREATE TABLE images (
    id uuid PRIMARY KEY,
    owner uuid NOT NULL,
    post uuid,
    width integer NOT NULL,
    height integer NOT NULL,
    large text NOT NULL REFERENCES image_contents,
    small text NOT NULL REFERENCES image_contents,
    create_time timestamptz NOT NULL,
    remove_time timestamptz
);
CREATE INDEX images_of_post ON images (post) WHERE post IS NOT NULL;
CREATE INDEX images_unused ON images (owner) WHERE remove_time IS NOT NULL;
CREATE INDEX images_to_remove ON images (remove_time) WHERE remove_time IS NOT NULL;
CREATE INDEX images_by_large ON images (large);
CREATE INDEX images_by_small ON images (small);
"""


def upgrade() -> None:
    op.execute(TABLES)
