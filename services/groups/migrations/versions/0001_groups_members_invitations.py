"""Groups, who belongs to them, asks, is invited or banned."""

from alembic import op

revision = "0001"
down_revision = None

SCHEMA = """
CREATE TABLE groups (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    handle text NOT NULL,
    visibility smallint NOT NULL,
    history smallint NOT NULL,
    kinds smallint[] NOT NULL,
    departments text[] NOT NULL,
    segments text[] NOT NULL,
    founder uuid,
    member_count integer NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    archive_time timestamptz,
    delete_time timestamptz,
    purge_time timestamptz,
    hidden boolean NOT NULL DEFAULT false,
    removed boolean NOT NULL DEFAULT false,
    revision integer NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1
);
CREATE INDEX groups_by_founder ON groups (founder, create_time);
CREATE INDEX groups_to_purge ON groups (purge_time) WHERE purge_time IS NOT NULL;
CREATE TABLE handles (
    handle text PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE
);
CREATE INDEX handles_by_group ON handles (group_id);
CREATE TABLE members (
    group_id uuid REFERENCES groups ON DELETE CASCADE,
    person uuid,
    role smallint NOT NULL,
    suspended boolean NOT NULL DEFAULT false,
    join_time timestamptz NOT NULL,
    PRIMARY KEY (group_id, person)
);
CREATE INDEX members_by_person ON members (person, group_id);
CREATE INDEX members_listed ON members (group_id, role DESC, join_time, person) WHERE NOT suspended;
CREATE TABLE bans (
    group_id uuid REFERENCES groups ON DELETE CASCADE,
    person uuid,
    banned_by uuid,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (group_id, person)
);
CREATE INDEX bans_by_person ON bans (person);
CREATE INDEX bans_by_banner ON bans (banned_by);
CREATE TABLE requests (
    group_id uuid REFERENCES groups ON DELETE CASCADE,
    person uuid,
    note text NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (group_id, person)
);
CREATE INDEX requests_by_person ON requests (person);
CREATE TABLE invitations (
    group_id uuid REFERENCES groups ON DELETE CASCADE,
    person uuid,
    inviter uuid NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (group_id, person)
);
CREATE INDEX invitations_by_person ON invitations (person);
CREATE INDEX invitations_by_inviter ON invitations (inviter);
CREATE TABLE invite_links (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    creator uuid NOT NULL,
    most_uses integer NOT NULL,
    use_count integer NOT NULL DEFAULT 0,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL
);
CREATE INDEX invite_links_by_group ON invite_links (group_id);
CREATE INDEX invite_links_by_creator ON invite_links (creator);
CREATE TABLE people_facts (
    person uuid PRIMARY KEY,
    department text NOT NULL
);
CREATE TABLE barrier_checks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid,
    group_id uuid REFERENCES groups ON DELETE CASCADE
);
CREATE TABLE departures (person uuid PRIMARY KEY);
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    person uuid NOT NULL UNIQUE,
    mode smallint NOT NULL,
    counts jsonb NOT NULL,
    create_time timestamptz NOT NULL,
    finish_time timestamptz
);
CREATE TABLE retellings (
    group_id uuid PRIMARY KEY REFERENCES groups ON DELETE CASCADE,
    after uuid
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
