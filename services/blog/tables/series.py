"""The table of series; which articles stand in one, those know."""

import sqlalchemy as sa

from services.blog.tables import METADATA

series = sa.Table(
    "series",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("blog", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
