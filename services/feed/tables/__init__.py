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
    sa.Column("group_id", sa.Uuid),
    sa.Column("reply_rule", sa.SmallInteger, nullable=False),
    sa.Column("reshare_of", sa.Uuid),
    sa.Column("images", JSONB, nullable=False),
    sa.Column("poll", JSONB(none_as_null=True)),
    sa.Column("vote_counts", ARRAY(sa.Integer), nullable=False),
    sa.Column("voter_count", sa.Integer, nullable=False),
    # When the end of its poll is to be told; empty once it was.
    sa.Column("poll_due", sa.DateTime(timezone=True)),
    sa.Column("link_preview", JSONB(none_as_null=True)),
    sa.Column("announcement", sa.Boolean, nullable=False),
    sa.Column("card", JSONB(none_as_null=True)),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("reply_count", sa.Integer, nullable=False),
    sa.Column("reshare_count", sa.Integer, nullable=False),
    sa.Column("reaction_counts", ARRAY(sa.Integer), nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("edit_time", sa.DateTime(timezone=True)),
    sa.Column("delete_time", sa.DateTime(timezone=True)),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("external_id", sa.Text),
)

# What posts said before they were changed, each from `create_time` on.
post_revisions = sa.Table(
    "post_revisions",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("image_alt_texts", ARRAY(sa.Text), nullable=False),
    sa.Column("poll_choices", ARRAY(sa.Text), nullable=False),
)

post_tags = sa.Table(
    "post_tags",
    METADATA,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("post", sa.Uuid, primary_key=True),
)

# What one person did with one post. A row stays when all of it was taken back, so that its version goes on rising.
marks = sa.Table(
    "marks",
    METADATA,
    sa.Column("post", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("reaction", sa.SmallInteger, nullable=False),
    sa.Column("react_time", sa.DateTime(timezone=True)),
    sa.Column("bookmark_time", sa.DateTime(timezone=True)),
    sa.Column("bookmark_change", sa.Uuid),
    sa.Column("reshared", sa.Boolean, nullable=False),
    sa.Column("votes", sa.SmallInteger, nullable=False),
    # Under what the log knows the vote; another one each time.
    sa.Column("ballot", sa.Uuid),
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

# Whose posts are merged into homes at reading, instead of being pushed to each.
merged_authors = sa.Table("merged_authors", METADATA, sa.Column("author", sa.Uuid, primary_key=True))
