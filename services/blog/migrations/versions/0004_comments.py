"""Comments on articles, and consultations."""

from alembic import op

revision = "0004"
down_revision = "0003"

COMMENTS = """
CREATE TABLE discussions (
    article uuid PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    closed_by uuid,
    close_time timestamptz,
    version bigint NOT NULL DEFAULT 0
);
CREATE TABLE comments (
    id uuid PRIMARY KEY,
    article uuid NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    author uuid NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    plain_text text NOT NULL,
    mentions uuid[] NOT NULL,
    thread uuid NOT NULL,
    reply_to uuid,
    depth integer NOT NULL,
    voice smallint NOT NULL,
    question boolean NOT NULL,
    hidden boolean NOT NULL DEFAULT false,
    removed boolean NOT NULL DEFAULT false,
    reaction_counts integer[] NOT NULL,
    create_time timestamptz NOT NULL,
    edit_time timestamptz,
    delete_time timestamptz,
    revision integer NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX comments_of_article ON comments (article, id) WHERE reply_to IS NULL;
CREATE INDEX comments_of_thread ON comments (thread, id) WHERE reply_to IS NOT NULL;
CREATE INDEX comments_under_article ON comments (article);
CREATE INDEX comments_of_author ON comments (author, id);
CREATE INDEX comments_that_mention ON comments USING gin (mentions);
CREATE TABLE comment_reactions (
    comment uuid NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    person uuid NOT NULL,
    reaction smallint NOT NULL,
    react_time timestamptz NOT NULL,
    PRIMARY KEY (comment, person)
);
CREATE INDEX comment_reactions_of_person ON comment_reactions (person, comment);
"""
CONSULTATIONS = """
CREATE TABLE consultations (
    article uuid PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    open_time timestamptz NOT NULL,
    close_time timestamptz NOT NULL,
    summary uuid REFERENCES articles (id) ON DELETE SET NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX consultations_summed_up ON consultations (summary) WHERE summary IS NOT NULL;
CREATE TABLE contributions (
    comment uuid PRIMARY KEY REFERENCES comments (id) ON DELETE CASCADE,
    article uuid NOT NULL,
    state smallint NOT NULL,
    reason text NOT NULL,
    owner uuid,
    decider uuid,
    decide_time timestamptz,
    first_answer_time timestamptz,
    version bigint NOT NULL
);
CREATE INDEX contributions_of_article ON contributions (article, comment);
CREATE INDEX contributions_of_owner ON contributions (owner) WHERE owner IS NOT NULL;
CREATE INDEX contributions_of_decider ON contributions (decider) WHERE decider IS NOT NULL;
CREATE TABLE contribution_changes (
    comment uuid NOT NULL REFERENCES contributions (comment) ON DELETE CASCADE,
    version bigint NOT NULL,
    create_time timestamptz NOT NULL,
    person uuid NOT NULL,
    state smallint NOT NULL,
    reason text NOT NULL,
    owner uuid,
    PRIMARY KEY (comment, version)
);
CREATE INDEX contribution_changes_of_person ON contribution_changes (person);
"""


def upgrade() -> None:
    op.execute(COMMENTS)
    op.execute(CONSULTATIONS)
