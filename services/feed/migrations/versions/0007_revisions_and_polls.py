"""What posts said before they were changed, when polls end, and under what the log knows a vote."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = """
CREATE TABLE post_revisions (
    post uuid REFERENCES posts,
    revision integer,
    create_time timestamptz NOT NULL,
    text text NOT NULL,
    image_alt_texts text[] NOT NULL,
    poll_choices text[] NOT NULL,
    PRIMARY KEY (post, revision)
);
ALTER TABLE posts ADD COLUMN poll_due timestamptz;
CREATE INDEX posts_polls_due ON posts (poll_due) WHERE poll_due IS NOT NULL;
ALTER TABLE marks ADD COLUMN ballot uuid;
CREATE INDEX marks_ballots ON marks (post, ballot) WHERE ballot IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
