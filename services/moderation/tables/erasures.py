"""Who was erased, which is all that is still known of them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.moderation.tables import METADATA

erasures = sa.Table(
    "erasures",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("stand_in", sa.Uuid, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finish_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("counts", JSONB, nullable=False),
)
