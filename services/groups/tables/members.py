"""Who belongs to groups, or wants to, or may not."""

from uuid import UUID

import sqlalchemy as sa

from services.groups.tables import METADATA


def _group() -> "sa.Column[UUID]":
    return sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)


# A membership that is suspended rests: the member is none, until no barrier stands between them and another.
members = sa.Table(
    "members",
    METADATA,
    _group(),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("role", sa.SmallInteger, nullable=False),
    sa.Column("suspended", sa.Boolean, nullable=False),
    sa.Column("join_time", sa.DateTime(timezone=True), nullable=False),
)

bans = sa.Table(
    "bans",
    METADATA,
    _group(),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("banned_by", sa.Uuid),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

requests = sa.Table(
    "requests",
    METADATA,
    _group(),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

invitations = sa.Table(
    "invitations",
    METADATA,
    _group(),
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("inviter", sa.Uuid, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
)

# The secret in a link is the sealed id, so what stands here opens nothing.
invite_links = sa.Table(
    "invite_links",
    METADATA,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), nullable=False),
    sa.Column("creator", sa.Uuid, nullable=False),
    sa.Column("most_uses", sa.Integer, nullable=False),
    sa.Column("use_count", sa.Integer, nullable=False),
    sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
)
