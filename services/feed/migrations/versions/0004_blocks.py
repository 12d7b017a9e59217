"""Who blocks whom. The replica of access, which decides, is in `access.blocks`."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE blocks (
            person uuid,
            target uuid,
            active boolean NOT NULL,
            create_time timestamptz NOT NULL,
            version bigint NOT NULL,
            PRIMARY KEY (person, target)
        );
        CREATE INDEX blocks_newest ON blocks (person, create_time DESC, target DESC) WHERE active;
    """)
