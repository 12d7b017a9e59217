"""Reports, cases, what is decided on them, and who is kept out for it."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE subjects (
    name text PRIMARY KEY,
    measure smallint NOT NULL DEFAULT 0,
    judged_revision text NOT NULL DEFAULT '',
    judged_case uuid,
    version bigint NOT NULL DEFAULT 0
);
CREATE TABLE cases (
    id uuid PRIMARY KEY,
    subject text NOT NULL REFERENCES subjects ON UPDATE CASCADE,
    author uuid NOT NULL,
    root text NOT NULL,
    parent text NOT NULL,
    group_name text NOT NULL,
    concerned uuid[] NOT NULL,
    revision text NOT NULL,
    state smallint NOT NULL,
    assignee uuid,
    offered_to uuid,
    hidden_while_pending boolean NOT NULL,
    report_count integer NOT NULL,
    reasons smallint[] NOT NULL,
    verdict smallint NOT NULL,
    decider uuid,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX cases_undecided ON cases (subject) WHERE state IN (1, 2);
CREATE INDEX cases_by_subject ON cases (subject, id);
CREATE INDEX cases_by_author ON cases (author, id DESC);
CREATE INDEX cases_at_work ON cases (id) WHERE state IN (1, 2, 4, 5);
CREATE TABLE reports (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    subject text NOT NULL,
    reporter uuid NOT NULL,
    reason smallint NOT NULL,
    note text NOT NULL,
    revision text NOT NULL,
    result smallint NOT NULL,
    misuse boolean NOT NULL,
    create_time timestamptz NOT NULL,
    decide_time timestamptz,
    unmask_time timestamptz,
    told boolean NOT NULL,
    UNIQUE (case_id, reporter)
);
CREATE INDEX reports_by_reporter ON reports (reporter, create_time DESC, id);
CREATE INDEX reports_untold ON reports (decide_time) WHERE decide_time IS NOT NULL AND NOT told;
CREATE INDEX reports_by_subject ON reports (subject, reporter);
CREATE TABLE snapshots (
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    revision text NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    images text[] NOT NULL,
    update_time timestamptz,
    take_time timestamptz NOT NULL,
    PRIMARY KEY (case_id, revision)
);
CREATE TABLE kept_images (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    image text NOT NULL,
    content_type text NOT NULL,
    content bytea,
    due_time timestamptz,
    UNIQUE (case_id, image)
);
CREATE INDEX kept_images_due ON kept_images (due_time) WHERE due_time IS NOT NULL;
CREATE TABLE notes (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    author uuid NOT NULL,
    text text NOT NULL,
    create_time timestamptz NOT NULL
);
CREATE INDEX notes_by_case ON notes (case_id, id);
CREATE INDEX notes_by_author ON notes (author);
CREATE TABLE decisions (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    subject text NOT NULL,
    person uuid NOT NULL,
    revision text NOT NULL,
    verdict smallint NOT NULL,
    content_verdict smallint NOT NULL,
    reason smallint,
    explanation text NOT NULL,
    until timestamptz,
    decider uuid NOT NULL,
    on_appeal boolean NOT NULL,
    create_time timestamptz NOT NULL,
    end_time timestamptz,
    end_explanation text NOT NULL
);
CREATE INDEX decisions_by_case ON decisions (case_id, id);
CREATE INDEX decisions_by_person ON decisions (person, id DESC);
CREATE INDEX decisions_by_subject ON decisions (subject) WHERE end_time IS NULL;
CREATE INDEX decisions_by_decider ON decisions (decider);
CREATE TABLE appeals (
    decision uuid PRIMARY KEY REFERENCES decisions ON DELETE CASCADE,
    case_id uuid NOT NULL,
    person uuid NOT NULL,
    text text NOT NULL,
    create_time timestamptz NOT NULL
);
CREATE INDEX appeals_by_person ON appeals (person);
CREATE INDEX appeals_by_case ON appeals (case_id);
CREATE TABLE unmaskings (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    report uuid NOT NULL REFERENCES reports ON DELETE CASCADE,
    justification text NOT NULL,
    requester uuid NOT NULL,
    answerer uuid,
    state smallint NOT NULL,
    create_time timestamptz NOT NULL,
    answer_time timestamptz,
    expire_time timestamptz NOT NULL
);
CREATE INDEX unmaskings_by_case ON unmaskings (case_id, id);
CREATE TABLE sanctions (
    person uuid PRIMARY KEY,
    muted_until timestamptz,
    suspended_until timestamptz,
    told_until timestamptz,
    due_time timestamptz,
    version bigint NOT NULL DEFAULT 0
);
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    person uuid NOT NULL UNIQUE,
    stand_in uuid NOT NULL,
    create_time timestamptz NOT NULL,
    finish_time timestamptz NOT NULL,
    counts jsonb NOT NULL
);
CREATE INDEX sanctions_due ON sanctions (due_time) WHERE due_time IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
