"""What editors feature, and how much is read."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE features (
    id uuid PRIMARY KEY,
    article uuid NOT NULL REFERENCES articles ON DELETE CASCADE,
    position integer NOT NULL,
    begin_time timestamptz NOT NULL,
    end_time timestamptz,
    editor uuid NOT NULL,
    create_time timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX features_by_time ON features (begin_time);
CREATE INDEX features_by_article ON features (article);
CREATE TABLE article_reads (
    article uuid PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    reads integer NOT NULL
);
CREATE TABLE read_marks (
    day date,
    mark bytea,
    PRIMARY KEY (day, mark)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
