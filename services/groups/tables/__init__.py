"""The tables that groups owns."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

METADATA = sa.MetaData()

# `revision` counts what its owners changed, `version` all that was told of it or its members.
groups = sa.Table(
    "groups",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("handle", sa.Text, nullable=False),
    sa.Column("visibility", sa.SmallInteger, nullable=False),
    sa.Column("history", sa.SmallInteger, nullable=False),
    sa.Column("kinds", ARRAY(sa.SmallInteger), nullable=False),
    sa.Column("departments", ARRAY(sa.Text), nullable=False),
    sa.Column("segments", ARRAY(sa.Text), nullable=False),
    sa.Column("founder", sa.Uuid),
    sa.Column("member_count", sa.Integer, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("update_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("archive_time", sa.DateTime(timezone=True)),
    sa.Column("delete_time", sa.DateTime(timezone=True)),
    sa.Column("purge_time", sa.DateTime(timezone=True)),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("removed", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# Every handle under which a group that is not secret can be found, also those that it had before.
handles = sa.Table(
    "handles",
    METADATA,
    sa.Column("handle", sa.Text, primary_key=True),
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False),
)
