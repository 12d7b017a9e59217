"""Comments and what is done with them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.blog.tables import METADATA

# There is a row once somebody commented, or closed the discussion. Who writes under the article holds it.
discussions = sa.Table(
    "discussions",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("closed_by", sa.Uuid),
    sa.Column("close_time", sa.DateTime(timezone=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
)

comments = sa.Table(
    "comments",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("article", sa.Uuid, nullable=False),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    # The text without its marks.
    sa.Column("plain_text", sa.Text, nullable=False),
    sa.Column("mentions", ARRAY(sa.Uuid), nullable=False),
    sa.Column("thread", sa.Uuid, nullable=False),
    sa.Column("reply_to", sa.Uuid),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("voice", sa.SmallInteger, nullable=False),
    sa.Column("question", sa.Boolean, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("reaction_counts", ARRAY(sa.Integer), nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("edit_time", sa.DateTime(timezone=True)),
    sa.Column("delete_time", sa.DateTime(timezone=True)),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

comment_reactions = sa.Table(
    "comment_reactions",
    METADATA,
    sa.Column("comment", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("reaction", sa.SmallInteger, nullable=False),
    sa.Column("react_time", sa.DateTime(timezone=True), nullable=False),
)

consultations = sa.Table(
    "consultations",
    METADATA,
    sa.Column("article", sa.Uuid, primary_key=True),
    sa.Column("open_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("close_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("summary", sa.Uuid),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

contributions = sa.Table(
    "contributions",
    METADATA,
    sa.Column("comment", sa.Uuid, primary_key=True),
    sa.Column("article", sa.Uuid, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("owner", sa.Uuid),
    sa.Column("decider", sa.Uuid),
    sa.Column("decide_time", sa.DateTime(timezone=True)),
    sa.Column("first_answer_time", sa.DateTime(timezone=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# What was done with a contribution, each from `create_time` on.
contribution_changes = sa.Table(
    "contribution_changes",
    METADATA,
    sa.Column("comment", sa.Uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("owner", sa.Uuid),
)
