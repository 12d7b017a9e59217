"""Which part of a list by id is wanted."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa

Item = TypeVar("Item")


class Window(NamedTuple):
    """Ids below `before`, or above `after`, or the newest; at most `limit`, those that come next."""

    limit: int
    before: UUID | None = None
    after: UUID | None = None

    def of(self, column: sa.ColumnElement[UUID], query: "sa.Select[Any]") -> "sa.Select[Any]":
        """The query with this window: newest first, or above `after` oldest first."""
        if self.before is not None:
            query = query.where(column < self.before)
        if self.after is not None:
            query = query.where(column > self.after)
        return query.order_by(column.asc() if self.after is not None else column.desc()).limit(self.limit)

    def newest_first(self, found: Sequence[Item]) -> list[Item]:
        """What `of` found, in the order in which it is shown."""
        return list(found) if self.after is None else list(reversed(found))
