"""Pages of how the caller stands to people, tags and the rest."""

from typing import Any

import sqlalchemy as sa

from chassis import pages, viewer
from services.feed import wire
from services.feed.rpc.base import Base
from services.feed.store import relations
from services.feed.store.relations import Row


class Listing(Base):
    """What the methods that list the tables of `store.relations` have in common."""

    async def listed(
        self, request: Any, table: sa.Table, rule: sa.ColumnElement[bool] | None = None
    ) -> tuple[list[Row], str]:
        """A page of the caller's rows, as `relations.listed` answers them, and the next page's token."""
        person, size = viewer.person(), pages.size(request, 20, 100)
        is_tag = isinstance(table.c.target.type, sa.Text)
        before = wire.moment_and_target(self.pages.position(request), is_tag=is_tag)
        async with self.database.snapshot() as tx:
            found = await relations.listed(tx, table, person, before, size + 1, rule)
        if len(found) <= size:
            return found, ""
        last = found[size - 1]
        return found[:size], self.pages.seal(request, wire.target_position(last.create_time, last.target))
