"""How people stand to tags, groups and each other."""

from typing import Any

import sqlalchemy as sa

from services.feed.tables import METADATA


def _relation(name: str, target: sa.types.TypeEngine[Any]) -> sa.Table:
    """What ended stays, inactive, so that its version goes on rising."""
    return sa.Table(
        name,
        METADATA,
        sa.Column("person", sa.Uuid, primary_key=True),
        sa.Column("target", target, primary_key=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )


tag_follows = _relation("tag_follows", sa.Text())
group_follows = _relation("group_follows", sa.Uuid())
blocks = _relation("blocks", sa.Uuid())
person_mutes = _relation("person_mutes", sa.Uuid())
tag_mutes = _relation("tag_mutes", sa.Text())
thread_mutes = _relation("thread_mutes", sa.Uuid())
group_mutes = _relation("group_mutes", sa.Uuid())

# Who ever muted anything. `changed` rises in the order of the commits.
muters = sa.Table(
    "muters",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("changed", sa.BigInteger, nullable=False),
)

# Whom a person does not want to be suggested any more.
dismissals = _relation("dismissals", sa.Uuid())

# What feed keeps of what groups tells besides who is a member: in which nobody writes, and whose members keep them.
archived_groups = sa.Table("archived_groups", METADATA, sa.Column("group_id", sa.Uuid, primary_key=True))
group_keepers = sa.Table(
    "group_keepers",
    METADATA,
    sa.Column("group_id", sa.Uuid, primary_key=True),
    sa.Column("person", sa.Uuid, primary_key=True),
)

# What feed keeps of what identity knows.
people_facts = sa.Table(
    "people_facts",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("department", sa.Text, nullable=False),
)
