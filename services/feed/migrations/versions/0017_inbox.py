"""The inbox: what people are told, and how they want to be told."""

from alembic import op

revision = "0017"
down_revision = "0016"

TABLES = """
CREATE TABLE inboxes (
    recipient uuid PRIMARY KEY,
    changed bigint NOT NULL DEFAULT 0,
    newest bigint NOT NULL DEFAULT 0,
    pushed bigint NOT NULL DEFAULT 0
);
CREATE INDEX inboxes_unpushed ON inboxes (recipient) WHERE pushed < newest;
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    recipient uuid NOT NULL,
    kind smallint NOT NULL,
    subject text NOT NULL,
    position bigint NOT NULL,
    read boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX notifications_open ON notifications (recipient, kind, subject) WHERE NOT read;
CREATE INDEX notifications_newest ON notifications (recipient, position DESC);
CREATE INDEX notifications_unread ON notifications (recipient, position DESC) WHERE NOT read;
CREATE TABLE notification_entries (
    recipient uuid NOT NULL,
    cause uuid NOT NULL,
    notification uuid NOT NULL REFERENCES notifications ON DELETE CASCADE,
    kind smallint NOT NULL,
    position bigint NOT NULL,
    moment timestamptz NOT NULL,
    actor uuid,
    post uuid,
    article uuid,
    group_id uuid,
    thing text NOT NULL DEFAULT '',
    PRIMARY KEY (cause, recipient)
);
CREATE INDEX notification_entries_together ON notification_entries (notification, position DESC);
CREATE INDEX notification_entries_by_post ON notification_entries (post) WHERE post IS NOT NULL;
CREATE INDEX notification_entries_by_article ON notification_entries (article) WHERE article IS NOT NULL;
CREATE TABLE articles (
    id uuid PRIMARY KEY,
    author uuid NOT NULL,
    kinds smallint[] NOT NULL DEFAULT '{}',
    group_id uuid,
    create_time timestamptz NOT NULL
);
CREATE TABLE hidden_subjects (id uuid PRIMARY KEY);
CREATE TABLE notification_settings (
    person uuid PRIMARY KEY,
    muted_kinds smallint[] NOT NULL,
    quiet_begin time,
    quiet_end time,
    time_zone text NOT NULL,
    digest smallint NOT NULL,
    language smallint NOT NULL,
    push_kinds smallint[] NOT NULL,
    mail_kinds smallint[] NOT NULL,
    revision integer NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
