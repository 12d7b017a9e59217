"""Who follows which tags and groups."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name, kind in (("tag_follows", "text"), ("group_follows", "uuid")):
        op.execute(f"""
            CREATE TABLE {name} (
                person uuid,
                target {kind},
                active boolean NOT NULL,
                create_time timestamptz NOT NULL,
                version bigint NOT NULL,
                PRIMARY KEY (person, target)
            );
            CREATE INDEX {name}_newest ON {name} (person, create_time DESC, target DESC) WHERE active;
            CREATE INDEX {name}_followers ON {name} (target, person) WHERE active;
        """)
