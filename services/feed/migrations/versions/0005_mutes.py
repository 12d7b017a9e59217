"""What people muted, and in which order they last changed it."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name, kind in (("person_mutes", "uuid"), ("tag_mutes", "text"), ("thread_mutes", "uuid")):
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
        """)
    op.execute("""
        CREATE TABLE muters (person uuid PRIMARY KEY, changed bigint NOT NULL);
        CREATE INDEX muters_changed ON muters (changed);
    """)
