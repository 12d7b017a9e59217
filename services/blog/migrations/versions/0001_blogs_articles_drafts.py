"""Blogs, their authors, articles and drafts."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE blogs (
    id uuid PRIMARY KEY,
    kind smallint NOT NULL,
    owner uuid NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    kinds smallint[] NOT NULL,
    group_id uuid,
    cover jsonb,
    hidden boolean NOT NULL,
    removed boolean NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX blogs_by_group ON blogs (group_id) WHERE group_id IS NOT NULL;
CREATE TABLE blog_authors (
    blog uuid REFERENCES blogs ON DELETE CASCADE,
    person uuid,
    role smallint NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (blog, person)
);
CREATE INDEX blog_authors_by_person ON blog_authors (person, blog);
CREATE TABLE articles (
    id uuid PRIMARY KEY,
    blog uuid NOT NULL REFERENCES blogs,
    author uuid NOT NULL,
    state smallint NOT NULL,
    kinds smallint[] NOT NULL,
    group_id uuid,
    title text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    summary text NOT NULL,
    plain_text text NOT NULL,
    cover jsonb,
    tags text[] NOT NULL,
    mentions uuid[] NOT NULL,
    reading_minutes integer NOT NULL,
    slug text NOT NULL,
    series uuid,
    series_place smallint,
    published_revision integer NOT NULL,
    hidden boolean NOT NULL,
    removed boolean NOT NULL,
    create_time timestamptz NOT NULL,
    publish_time timestamptz,
    edit_time timestamptz,
    schedule_time timestamptz,
    scheduled_by uuid,
    schedule_problem text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX articles_newest ON articles (publish_time DESC, id DESC) WHERE state = 3;
CREATE INDEX articles_of_blog ON articles (blog, publish_time DESC, id DESC) WHERE state = 3;
CREATE INDEX articles_by_author ON articles (author, publish_time DESC, id DESC) WHERE state = 3;
CREATE INDEX articles_unpublished ON articles (blog, id DESC) WHERE state <> 3;
CREATE INDEX articles_begun ON articles (author, id);
CREATE INDEX articles_scheduled ON articles (schedule_time) WHERE schedule_time IS NOT NULL;
CREATE INDEX articles_tags ON articles USING gin (tags) WHERE state = 3;
CREATE INDEX articles_mentions ON articles USING gin (mentions) WHERE mentions <> '{}';
CREATE UNIQUE INDEX articles_by_end_of_slug ON articles (right(id::text, 12));
CREATE TABLE drafts (
    article uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    title text NOT NULL,
    text text NOT NULL,
    summary text NOT NULL,
    cover jsonb,
    person uuid NOT NULL,
    update_time timestamptz NOT NULL,
    keep_time timestamptz NOT NULL,
    revision integer NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
