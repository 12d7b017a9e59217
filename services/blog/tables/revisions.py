"""The tables of what drafts said before, and of who may look at them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from services.blog.tables import METADATA

revisions = sa.Table(
    "revisions",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("cover", JSONB(none_as_null=True)),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("publish_time", sa.DateTime(timezone=True)),
)

draft_shares = sa.Table(
    "draft_shares",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
)
