"""The tables of incoming webhooks."""

import sqlalchemy as sa

from services.feed.tables import METADATA

incoming_hooks = sa.Table(
    "incoming_hooks",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("previous_secret", sa.Text, nullable=False),
    sa.Column("previous_expire_time", sa.DateTime(timezone=True)),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# The signatures of the last minutes, each good for one delivery.
hook_signatures = sa.Table(
    "hook_signatures",
    METADATA,
    sa.Column("hook", sa.Uuid, primary_key=True),
    sa.Column("signature", sa.LargeBinary, primary_key=True),
    sa.Column("delivery", sa.Text, nullable=False),
    sa.Column("receive_time", sa.DateTime(timezone=True), nullable=False),
)
