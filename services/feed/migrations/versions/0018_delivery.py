"""What leaves the house: mail, push and webhooks."""

from alembic import op

revision = "0018"
down_revision = "0017"

TABLES = """
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    channel smallint NOT NULL,
    recipient uuid NOT NULL,
    subject uuid NOT NULL,
    place bigint NOT NULL DEFAULT 0,
    kind text NOT NULL DEFAULT '',
    content text NOT NULL DEFAULT '',
    state smallint NOT NULL DEFAULT 1,
    due_time timestamptz NOT NULL,
    give_up_time timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    last_status integer NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    create_time timestamptz NOT NULL,
    end_time timestamptz
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (recipient, subject, channel);
CREATE INDEX deliveries_due ON deliveries (channel, due_time) WHERE state = 1;
CREATE INDEX deliveries_waiting ON deliveries (recipient, channel) WHERE state = 1;
CREATE INDEX deliveries_in_order ON deliveries (channel, recipient, place, id) WHERE state = 1 AND attempts < 3;
CREATE INDEX deliveries_aside ON deliveries (channel, due_time) WHERE state = 1 AND attempts >= 3;
CREATE INDEX deliveries_of_webhook ON deliveries (recipient, place DESC, id DESC) WHERE channel = 3;
CREATE INDEX deliveries_ended ON deliveries (end_time) WHERE end_time IS NOT NULL;
CREATE TABLE outgoing_webhooks (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    url text NOT NULL,
    event_types text[] NOT NULL,
    secret text NOT NULL,
    state smallint NOT NULL,
    creator uuid NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    revision integer NOT NULL DEFAULT 1
);
CREATE TABLE push_subscriptions (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    endpoint text NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    auth bytea NOT NULL,
    device text NOT NULL DEFAULT '',
    position bigint NOT NULL DEFAULT 0,
    create_time timestamptz NOT NULL
);
CREATE INDEX push_subscriptions_by_person ON push_subscriptions (person, id);
CREATE TABLE digests (person uuid PRIMARY KEY, position bigint NOT NULL);
CREATE TABLE digest_plan (one boolean PRIMARY KEY DEFAULT true CHECK (one), day date NOT NULL);
"""


def upgrade() -> None:
    op.execute(TABLES)
