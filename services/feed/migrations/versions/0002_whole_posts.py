"""Posts with images, polls, reshares and edits; reactions become marks: all that a person did with a post."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
ALTER TABLE posts
    ADD COLUMN group_id uuid,
    ADD COLUMN reply_rule smallint NOT NULL DEFAULT 0,
    ADD COLUMN reshare_of uuid,
    ADD COLUMN images jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN poll jsonb,
    ADD COLUMN vote_counts integer[] NOT NULL DEFAULT '{}',
    ADD COLUMN voter_count integer NOT NULL DEFAULT 0,
    ADD COLUMN link_preview jsonb,
    ADD COLUMN announcement boolean NOT NULL DEFAULT false,
    ADD COLUMN reshare_count integer NOT NULL DEFAULT 0,
    ADD COLUMN edit_time timestamptz,
    ADD COLUMN revision integer NOT NULL DEFAULT 1;
CREATE INDEX posts_by_group ON posts (group_id, id DESC)
    WHERE group_id IS NOT NULL AND reply_to IS NULL AND delete_time IS NULL;
CREATE INDEX posts_announced ON posts (id DESC) WHERE announcement AND delete_time IS NULL;
CREATE UNIQUE INDEX posts_plain_reshares ON posts (author, reshare_of)
    WHERE reshare_of IS NOT NULL AND text = '' AND images = '[]' AND delete_time IS NULL;
CREATE INDEX posts_reshares ON posts (reshare_of, id DESC) WHERE reshare_of IS NOT NULL AND delete_time IS NULL;
ALTER TABLE reactions RENAME TO marks;
ALTER TABLE marks RENAME COLUMN create_time TO react_time;
ALTER TABLE marks
    ALTER COLUMN react_time DROP NOT NULL,
    ALTER COLUMN reaction SET DEFAULT 0,
    ADD COLUMN bookmark_time timestamptz,
    ADD COLUMN reshared boolean NOT NULL DEFAULT false,
    ADD COLUMN votes smallint NOT NULL DEFAULT 0;
ALTER INDEX reactions_newest RENAME TO marks_reactions;
ALTER INDEX reactions_by_person RENAME TO marks_by_person;
CREATE INDEX marks_bookmarks ON marks (person, bookmark_time DESC, post) WHERE bookmark_time IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
