"""Pages of groups in PostgreSQL. A group of which nobody wrote a page has an empty one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.groups.domain.presentations import Cover, Page, Text
from services.groups.tables.contents import group_pages

Row = sa.Row[Any]


async def page(tx: AsyncConnection, group: UUID) -> Page:
    """The page of a group that the viewer may know."""
    found = (await tx.execute(sa.select(group_pages).where(group_pages.c.group_id == group))).first()
    return page_of(found) if found else Page(group)


async def locked(tx: AsyncConnection, group: UUID) -> Page:
    """The same, which nobody else changes until the transaction ends."""
    await tx.execute(insert(group_pages).values(group_id=group).on_conflict_do_nothing())
    query = sa.select(group_pages).where(group_pages.c.group_id == group).with_for_update()
    return page_of((await tx.execute(query)).one())


async def pages(tx: AsyncConnection, groups: Sequence[UUID]) -> dict[UUID, Page]:
    """The pages of groups that the viewer may know, as far as somebody wrote them."""
    query = sa.select(group_pages).where(group_pages.c.group_id.in_(groups))
    return {row.group_id: page_of(row) for row in await tx.execute(query)}


async def save(tx: AsyncConnection, page: Page) -> None:
    """Keeps all of a page that is locked; a trigger lets go of a picture that is not its any more."""
    values = {
        "description": page.description.markdown,
        "description_html": page.description.html,
        "description_plain": page.description.plain,
        "rules": page.rules.markdown,
        "rules_html": page.rules.html,
        "rules_plain": page.rules.plain,
        "tags": list(page.tags),
        "pins": list(page.pins),
        "update_time": page.update_time,
        "revision": page.revision,
    }
    await tx.execute(sa.update(group_pages).where(group_pages.c.group_id == page.group).values(values | _cover(page)))


def _cover(page: Page) -> dict[str, Any]:
    cover = page.cover
    return {
        "cover_large": cover.large if cover else None,
        "cover_small": cover.small if cover else None,
        "cover_width": cover.width if cover else 0,
        "cover_height": cover.height if cover else 0,
    }


def page_of(row: Row) -> Page:
    """A row of the table `group_pages`."""
    cover = row.cover_large and Cover(row.cover_large, row.cover_small, row.cover_width, row.cover_height)
    return Page(
        group=row.group_id,
        description=Text(row.description, row.description_html, row.description_plain),
        rules=Text(row.rules, row.rules_html, row.rules_plain),
        tags=tuple(row.tags),
        cover=cover,
        pins=tuple(row.pins),
        update_time=row.update_time,
        revision=row.revision,
    )
