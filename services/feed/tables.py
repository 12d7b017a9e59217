"""The tables that feed owns."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = sa.MetaData()

posts = sa.Table(
    "posts",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("root", sa.Uuid, nullable=False),
    sa.Column("reply_to", sa.Uuid),
    sa.Column("mentions", JSONB, nullable=False),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("reply_count", sa.Integer, nullable=False),
    sa.Column("reaction_counts", ARRAY(sa.Integer), nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("delete_time", sa.DateTime(timezone=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("external_id", sa.Text),
)

post_tags = sa.Table(
    "post_tags",
    METADATA,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("post", sa.Uuid, primary_key=True),
)

reactions = sa.Table(
    "reactions",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("reaction", sa.SmallInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

follows = sa.Table(
    "follows",
    METADATA,
    sa.Column("follower", sa.Uuid, primary_key=True),
    sa.Column("followee", sa.Uuid, primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
