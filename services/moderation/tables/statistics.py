"""What is left of cases that are gone: numbers."""

import sqlalchemy as sa

METADATA = sa.MetaData()

statistics = sa.Table(
    "statistics",
    METADATA,
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("counted", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)
