"""The filters for what people write."""

import sqlalchemy as sa

METADATA = sa.MetaData()

filters = sa.Table(
    "filters",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("effect", sa.SmallInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    # What it looks for: there is one of each.
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# One row, which whoever changes a filter holds: so changes are told in their order.
filter_revisions = sa.Table(
    "filter_revisions",
    METADATA,
    sa.Column("one", sa.Boolean, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
