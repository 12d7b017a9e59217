"""Drafts in PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from services.blog.domain.drafts import Draft
from services.blog.store import rows
from services.blog.tables import drafts


async def add(tx: AsyncConnection, draft: Draft) -> None:
    """Stores the draft of a new article."""
    await tx.execute(sa.insert(drafts).values(_values(draft)))


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "article": draft.article,
        "title": draft.content.title,
        "text": draft.content.text,
        "summary": draft.content.summary,
        "cover": rows.cover_value(draft.content.cover),
        "person": draft.person,
        "update_time": draft.update_time,
        "revision": draft.revision,
    }
