"""What groups tells besides who is a member, and which groups people muted."""

from alembic import op

revision = "0021"
down_revision = "0020"

SCHEMA = """
CREATE TABLE archived_groups (group_id uuid PRIMARY KEY);
CREATE TABLE group_keepers (group_id uuid, person uuid, PRIMARY KEY (group_id, person));
CREATE INDEX group_keepers_by_person ON group_keepers (person);
CREATE TABLE group_mutes (
    person uuid,
    target uuid,
    active boolean NOT NULL,
    create_time timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (person, target)
);
CREATE INDEX group_mutes_newest ON group_mutes (person, create_time DESC, target DESC) WHERE active;
"""


def upgrade() -> None:
    op.execute(SCHEMA)
