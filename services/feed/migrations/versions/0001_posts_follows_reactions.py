"""Posts, tags, reactions and follows."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE posts (
    id uuid PRIMARY KEY,
    author uuid NOT NULL,
    text text NOT NULL,
    root uuid NOT NULL,
    reply_to uuid,
    mentions jsonb NOT NULL DEFAULT '[]',
    tags text[] NOT NULL DEFAULT '{}',
    kinds smallint[] NOT NULL DEFAULT '{}',
    hidden boolean NOT NULL DEFAULT false,
    reply_count integer NOT NULL DEFAULT 0,
    reaction_counts integer[] NOT NULL DEFAULT '{0,0,0,0,0,0}',
    create_time timestamptz NOT NULL,
    delete_time timestamptz,
    version bigint NOT NULL DEFAULT 1,
    external_id text UNIQUE
);
CREATE INDEX posts_everyone ON posts (id DESC) WHERE reply_to IS NULL AND delete_time IS NULL;
CREATE INDEX posts_by_author ON posts (author, id DESC) WHERE delete_time IS NULL;
CREATE INDEX posts_by_root_author ON posts (author, id DESC) WHERE reply_to IS NULL AND delete_time IS NULL;
CREATE INDEX posts_replies ON posts (root, id) WHERE reply_to IS NOT NULL;
CREATE TABLE post_tags (tag text, post uuid REFERENCES posts, PRIMARY KEY (tag, post));
CREATE TABLE reactions (
    post uuid REFERENCES posts,
    person uuid,
    reaction smallint NOT NULL,
    create_time timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (post, person)
);
CREATE INDEX reactions_newest ON reactions (post, create_time DESC, person) WHERE reaction > 0;
CREATE INDEX reactions_by_person ON reactions (person, post);
CREATE TABLE follows (
    follower uuid,
    followee uuid,
    active boolean NOT NULL,
    create_time timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (follower, followee)
);
CREATE INDEX follows_following ON follows (follower, create_time DESC, followee) WHERE active;
CREATE INDEX follows_followers ON follows (followee, create_time DESC, follower) WHERE active;
"""


def upgrade() -> None:
    op.execute(TABLES)
