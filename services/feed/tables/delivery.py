"""The tables of what leaves the house."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.feed.tables import METADATA

deliveries = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("channel", sa.SmallInteger, nullable=False),
    sa.Column("recipient", sa.Uuid, nullable=False),
    sa.Column("subject", sa.Uuid, nullable=False),
    sa.Column("place", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("due_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("give_up_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("last_status", sa.Integer, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("end_time", sa.DateTime(timezone=True)),
)

webhooks = sa.Table(
    "outgoing_webhooks",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("event_types", ARRAY(sa.Text), nullable=False),
    # Sealed: the database alone does not let anybody sign.
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("creator", sa.Uuid, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

push_subscriptions = sa.Table(
    "push_subscriptions",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("auth", sa.LargeBinary, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    # Up to where in the person's inbox it was told.
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

# Up to where in the inbox a person was told by mail.
digests = sa.Table(
    "digests",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)

# The one row says up to which day the mail of all people was planned.
digest_plan = sa.Table(
    "digest_plan",
    METADATA,
    sa.Column("one", sa.Boolean, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
)
