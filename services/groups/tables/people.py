"""What groups keeps of people, and what is to be done when something changes about them."""

import sqlalchemy as sa

from services.groups.tables import METADATA

people_facts = sa.Table(
    "people_facts",
    METADATA,
    sa.Column("person", sa.Uuid, primary_key=True),
    sa.Column("department", sa.Text, nullable=False),
)

# Where to look for people who must not meet, or may again: a group, the groups of a person, or without either, all.
barrier_checks = sa.Table(
    "barrier_checks",
    METADATA,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("person", sa.Uuid),
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE")),
)

# Who no longer works here, and is still a member of something.
departures = sa.Table("departures", METADATA, sa.Column("person", sa.Uuid, primary_key=True))

# The groups of which all members are told once more, and after whom to go on.
retellings = sa.Table(
    "retellings",
    METADATA,
    sa.Column("group_id", sa.Uuid, sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("after", sa.Uuid),
)
