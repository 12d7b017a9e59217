"""The table of people who were erased: the one place where they are still named."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.blog.tables import METADATA

erasures = sa.Table(
    "erasures",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("stand_in", sa.Uuid, nullable=False),
    sa.Column("mode", sa.SmallInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("step", sa.SmallInteger, nullable=False),
    sa.Column("found", sa.Boolean, nullable=False),
    sa.Column("counts", JSONB, nullable=False),
    sa.Column("finish_time", sa.DateTime(timezone=True)),
)
