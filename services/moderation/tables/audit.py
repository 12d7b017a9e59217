"""The audit log, which the service only reads: its owner's function adds to it."""

import sqlalchemy as sa

METADATA = sa.MetaData()

entries = sa.Table(
    "entries",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    # The text of a JSON object, since the chain covers its bytes.
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
    schema="audit",
)

head = sa.Table(
    "head",
    METADATA,
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.LargeBinary, nullable=False),
    schema="audit",
)
