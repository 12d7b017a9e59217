"""Finds the members of a group in the replica of memberships."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE INDEX memberships_by_group ON access.memberships (group_id, person) WHERE active")
