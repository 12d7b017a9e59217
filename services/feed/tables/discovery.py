"""What posts are found by."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from services.feed.tables import METADATA

# Written by a trigger on `posts` (migration 0008).
post_texts = sa.Table(
    "post_texts",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("vector", TSVECTOR, nullable=False),
)
