"""What groups are found by, and which suggestions people do not want."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from services.groups.tables import METADATA

# Kept by triggers, so that no writer can forget it.
group_texts = sa.Table(
    "group_texts",
    METADATA,
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("vector", TSVECTOR, nullable=False),
)

dismissals = sa.Table(
    "dismissals",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
)
