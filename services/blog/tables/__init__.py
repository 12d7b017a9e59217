"""The tables that blog owns."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = sa.MetaData()

blogs = sa.Table(
    "blogs",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("owner", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("group_id", sa.Uuid),
    sa.Column("cover", JSONB(none_as_null=True)),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

blog_authors = sa.Table(
    "blog_authors",
    METADATA,
    sa.Column("blog", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("role", sa.SmallInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

# What readers see of an article; what its author works at is its draft.
articles = sa.Table(
    "articles",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("blog", sa.Uuid, nullable=False),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("group_id", sa.Uuid),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    # What the text says without its marks, its blocks apart by line ends.
    sa.Column("plain_text", sa.Text, nullable=False),
    sa.Column("cover", JSONB(none_as_null=True)),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("mentions", ARRAY(sa.Uuid), nullable=False),
    sa.Column("reading_minutes", sa.Integer, nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("series", sa.Uuid),
    sa.Column("series_place", sa.SmallInteger),
    sa.Column("published_revision", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("publish_time", sa.DateTime(timezone=True)),
    sa.Column("edit_time", sa.DateTime(timezone=True)),
    sa.Column("schedule_time", sa.DateTime(timezone=True)),
    sa.Column("scheduled_by", sa.Uuid),
    sa.Column("schedule_problem", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# What an article says next; there is one for each article, and `revision` rises with each time it is saved.
drafts = sa.Table(
    "drafts",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("cover", JSONB(none_as_null=True)),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    # When a revision was last kept.
    sa.Column("keep_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)
