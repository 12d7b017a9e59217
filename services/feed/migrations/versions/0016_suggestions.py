"""What identity tells of people that suggests whom to follow, and whom people do not want to be suggested."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE people_facts (person uuid PRIMARY KEY, department text NOT NULL);
        CREATE INDEX people_facts_departments ON people_facts (department, person) WHERE department <> '';
        CREATE TABLE dismissals (
            person uuid,
            target uuid,
            active boolean NOT NULL,
            create_time timestamptz NOT NULL,
            version bigint NOT NULL,
            PRIMARY KEY (person, target)
        );
    """)
