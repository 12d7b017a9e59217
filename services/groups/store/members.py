"""Members in PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.members import Member, Role
from services.groups.tables.members import members

Row = sa.Row[Any]


async def add(tx: AsyncConnection, member: Member) -> None:
    await tx.execute(
        sa.insert(members).values(
            group_id=member.group,
            person=member.person,
            role=member.role.value,
            join_time=member.join_time,
            suspended=member.suspended,
        )
    )


def member_of(row: Row) -> Member:
    """A row of the table `members`."""
    return Member(row.group_id, row.person, Role(row.role), row.join_time, row.suspended)
