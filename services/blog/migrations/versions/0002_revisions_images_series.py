"""What drafts said before, with whom they are shared, images, and series."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE revisions (
    article uuid REFERENCES articles ON DELETE CASCADE,
    number integer,
    title text NOT NULL,
    text text NOT NULL,
    summary text NOT NULL,
    cover jsonb,
    person uuid NOT NULL,
    create_time timestamptz NOT NULL,
    publish_time timestamptz,
    PRIMARY KEY (article, number)
);
CREATE INDEX revisions_by_person ON revisions (person, article, number);
CREATE TABLE draft_shares (
    article uuid REFERENCES articles ON DELETE CASCADE,
    person uuid,
    expire_time timestamptz NOT NULL,
    PRIMARY KEY (article, person)
);
CREATE INDEX draft_shares_by_person ON draft_shares (person);
CREATE TABLE image_contents (name text PRIMARY KEY, check_time timestamptz);
CREATE INDEX image_contents_to_check ON image_contents (check_time) WHERE check_time IS NOT NULL;
CREATE TABLE images (
    id uuid PRIMARY KEY,
    owner uuid NOT NULL,
    article uuid,
    blog uuid,
    shown boolean NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    large text NOT NULL REFERENCES image_contents,
    small text NOT NULL REFERENCES image_contents,
    create_time timestamptz NOT NULL,
    remove_time timestamptz
);
CREATE INDEX images_of_article ON images (article) WHERE article IS NOT NULL;
CREATE INDEX images_of_blog ON images (blog) WHERE blog IS NOT NULL;
CREATE INDEX images_by_owner ON images (owner);
CREATE INDEX images_to_remove ON images (remove_time) WHERE remove_time IS NOT NULL;
CREATE INDEX images_by_large ON images (large);
CREATE INDEX images_by_small ON images (small);
CREATE TABLE series (
    id uuid PRIMARY KEY,
    blog uuid NOT NULL REFERENCES blogs ON DELETE CASCADE,
    title text NOT NULL,
    description text NOT NULL,
    create_time timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX series_of_blog ON series (blog, id DESC);
ALTER TABLE articles ADD FOREIGN KEY (series) REFERENCES series ON DELETE SET NULL;
CREATE INDEX articles_of_series ON articles (series, series_place) WHERE series IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
