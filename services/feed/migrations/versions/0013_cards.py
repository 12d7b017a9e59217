"""Cards, and who follows them."""

from alembic import op

revision = "0013"
down_revision = "0012"

TABLES = """
ALTER TABLE posts ADD COLUMN card jsonb;
CREATE TABLE cards (
    post uuid PRIMARY KEY REFERENCES posts,
    account uuid NOT NULL,
    external_id text,
    sort smallint NOT NULL,
    state smallint NOT NULL,
    close_time timestamptz
);
CREATE UNIQUE INDEX cards_by_external_id ON cards (account, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX cards_newest ON cards (sort, state, post DESC);
CREATE INDEX cards_closing ON cards (close_time) WHERE close_time IS NOT NULL;
CREATE TABLE card_followers (
    post uuid REFERENCES posts,
    person uuid,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (post, person)
);
CREATE INDEX card_followers_by_person ON card_followers (person);
"""


def upgrade() -> None:
    op.execute(TABLES)
