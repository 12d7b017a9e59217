"""The pen finds what is in the outbox by its index, however many rows that it took out still lie there.

PostgreSQL takes a table that is empty most of the time for a small one, and would read all of it each time.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER FUNCTION eventlog.sequence_events(integer) SET enable_seqscan = off")
