"""Finding the members of a group."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE INDEX memberships_by_group ON access.memberships (group_id) WHERE active")
