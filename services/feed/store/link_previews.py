"""Link previews in PostgreSQL: which links are to be looked at, what is behind them, and the posts that wait for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.feed.domain.posts import LinkPreview
from services.feed.tables.link_previews import link_preview_posts, link_previews

# Not looked at yet; a page with a preview; nothing that could be shown.
WAITING, FOUND, NOTHING = range(3)

_IS_WAITING = link_previews.c.state == WAITING


class Known(NamedTuple):
    """What a waiting post can be told: its link, and the preview if there is one."""

    url: str
    preview: LinkPreview | None


async def expect(tx: AsyncConnection, links: Mapping[UUID, str], now: datetime) -> None:
    """Lets posts wait for the previews of their links; what is not known, or not any more, is to be looked at."""
    if not links:
        return
    waiting = insert(link_preview_posts)
    waiting = waiting.on_conflict_do_update(index_elements=["post"], set_={"url": waiting.excluded.url})
    await tx.execute(waiting, [{"post": post, "url": url} for post, url in sorted(links.items())])
    fresh = {"state": WAITING, "next_try": now, "attempts": 0}
    wanted = insert(link_previews).on_conflict_do_update(
        index_elements=["url"], set_=fresh, where=sa.and_(~_IS_WAITING, link_previews.c.next_try <= now)
    )
    await tx.execute(wanted, [fresh | {"url": url} for url in sorted(set(links.values()))])


async def expect_no_more(tx: AsyncConnection, posts: Sequence[UUID]) -> None:
    """Lets posts wait no longer."""
    await tx.execute(sa.delete(link_preview_posts).where(link_preview_posts.c.post.in_(posts)))


async def is_anyone_waiting(tx: AsyncConnection) -> bool:
    """Whether a post waits for a preview; otherwise there is nothing to look at."""
    return bool((await tx.execute(sa.select(sa.exists(sa.select(link_preview_posts.c.post))))).scalar_one())


async def claim(tx: AsyncConnection, now: datetime, until: datetime, limit: int) -> dict[str, int]:
    """Links to look at, each for one process until a time: link → which attempt it is."""
    due = sa.select(link_previews.c.url).where(_IS_WAITING, link_previews.c.next_try <= now)
    due = due.order_by(link_previews.c.next_try).limit(limit).with_for_update(skip_locked=True)
    claimed = sa.update(link_previews).where(link_previews.c.url.in_(due))
    claimed = claimed.values(next_try=until, attempts=link_previews.c.attempts + 1)
    rows = await tx.execute(claimed.returning(link_previews.c.url, link_previews.c.attempts))
    return {row.url: row.attempts for row in rows}


async def keep(tx: AsyncConnection, url: str, preview: LinkPreview | None, now: datetime, until: datetime) -> None:
    """Stores what is behind a link, and until when that is known."""
    shown = preview or LinkPreview(url, "")
    values = {"title": shown.title, "description": shown.description, "site": shown.site}
    state = FOUND if preview else NOTHING
    changed = sa.update(link_previews).where(link_previews.c.url == url)
    await tx.execute(changed.values(**values, state=state, fetched_time=now, next_try=until))


async def known(tx: AsyncConnection, limit: int) -> dict[UUID, Known]:
    """Posts whose link was looked at, locked as far as they wait: each is told once."""
    query = sa.select(link_preview_posts.c.post, link_previews)
    query = query.join(link_previews, link_previews.c.url == link_preview_posts.c.url).where(~_IS_WAITING)
    query = query.order_by(link_preview_posts.c.post).limit(limit)
    rows = await tx.execute(query.with_for_update(of=link_preview_posts, skip_locked=True))
    return {
        row.post: Known(
            row.url, LinkPreview(row.url, row.title, row.description, row.site) if row.state == FOUND else None
        )
        for row in rows
    }


async def forget_old(tx: AsyncConnection, now: datetime, limit: int) -> None:
    """Removes what is known no longer, or never was, and what nobody waits for."""
    waited_for = sa.exists().where(link_preview_posts.c.url == link_previews.c.url)
    old = sa.select(link_previews.c.url).where(link_previews.c.next_try <= now, ~waited_for)
    old = old.limit(limit).with_for_update(skip_locked=True)
    await tx.execute(sa.delete(link_previews).where(link_previews.c.url.in_(old)))
