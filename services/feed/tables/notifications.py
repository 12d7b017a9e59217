"""The tables of the inbox."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.feed.tables import METADATA

# One row a person who was ever told anything. Whoever changes an inbox locks it first.
inboxes = sa.Table(
    "inboxes",
    METADATA,
    sa.Column("recipient", sa.Uuid, primary_key=True),
    # Rises with each change: what came, was read or was taken back.
    sa.Column("changed", sa.BigInteger, nullable=False),
    # The position of what came last, and up to where it was dealt with for push.
    sa.Column("newest", sa.BigInteger, nullable=False),
    sa.Column("pushed", sa.BigInteger, nullable=False),
)

# Entries of one kind and subject. At most one of these is unread, and takes in what is new.
notifications = sa.Table(
    "notifications",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient", sa.Uuid, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    # Where the inbox stood (`changed`) when its newest entry came: no two of a recipient's are equal.
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("read", sa.Boolean, nullable=False),
)

notification_entries = sa.Table(
    "notification_entries",
    METADATA,
    sa.Column("cause", sa.Uuid, primary_key=True),
    sa.Column("recipient", sa.Uuid, primary_key=True),
    sa.Column("notification", sa.Uuid, nullable=False),
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.Uuid),
    sa.Column("post", sa.Uuid),
    sa.Column("article", sa.Uuid),
    sa.Column("group_id", sa.Uuid),
    sa.Column("thing", sa.Text, nullable=False),
)

# What decides who sees an article, as blog told.
articles = sa.Table(
    "articles",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("author", sa.Uuid, nullable=False),
    sa.Column("blog", sa.Uuid),
    sa.Column("kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("group_id", sa.Uuid),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

# Articles and comments that moderators hid, or removed.
hidden_subjects = sa.Table(
    "hidden_subjects",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("removed", sa.Boolean, nullable=False),
)

notification_settings = sa.Table(
    "notification_settings",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("muted_kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("quiet_begin", sa.Time),
    sa.Column("quiet_end", sa.Time),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("digest", sa.SmallInteger, nullable=False),
    sa.Column("language", sa.SmallInteger, nullable=False),
    sa.Column("push_kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("mail_kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)
