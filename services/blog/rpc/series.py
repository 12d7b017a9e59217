"""Series."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.blog.v1 import events_pb2, series_pb2, series_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from chassis.access import Sight
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import BadInput
from services.blog.domain.blogs import Blog
from services.blog.domain.series import Series, check_editor, check_room, check_title
from services.blog.rpc.base import Base, now
from services.blog.store import articles, blogs
from services.blog.store import series as store
from services.blog.wire import series as wire
from services.blog.wire.names import article_id

CHANGEABLE = ("title", "description", "articles")


class SeriesOfBlogs(Base, series_pb2_grpc.SeriesServiceServicer):
    """Read by who sees the blog, made by its owners and editors."""

    async def GetSeries(self, request: series_pb2.GetSeriesRequest, context: Any) -> series_pb2.Series:
        sight = self.sight()
        async with self.database.snapshot() as tx:
            _, found = await self._seen(tx, sight, request.name)
            return wire.series(found, await articles.visible_of_series(tx, sight, found.id))

    async def ListSeries(self, request: series_pb2.ListSeriesRequest, context: Any) -> series_pb2.ListSeriesResponse:
        size, position = pages.size(request, 20, 100), self.pages.position(request)
        async with self.database.snapshot() as tx:
            blog = await self.seen_blog(tx, self.sight(), request.parent)
            found = await store.of_blog(tx, blog.id, UUID(bytes=position) if position else None, size + 1)
        answer = series_pb2.ListSeriesResponse(series=[wire.series(one) for one in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def CreateSeries(self, request: series_pb2.CreateSeriesRequest, context: Any) -> series_pb2.Series:
        sight, asked = self.sight_of_member(), request.series
        title = asked.title.strip()
        check_title(title)
        async with self.database.transaction() as tx:

            async def begun() -> series_pb2.Series:
                blog = await self.seen_blog(tx, sight, request.parent, lock=True)
                check_editor(await blogs.role_of(tx, blog.id, sight.viewer))
                check_room(await store.count(tx, blog.id))
                series = Series(new_id(), blog.id, title, asked.description.strip(), now())
                await store.add(tx, series)
                wanted = await self._place(tx, sight, series, list(asked.articles))
                await append(tx, series.name, series.version, events_pb2.SeriesChanged(series=series.name))
                return wire.series(series, wanted)

            return await once(tx, request, series_pb2.Series, begun)

    async def UpdateSeries(self, request: series_pb2.UpdateSeriesRequest, context: Any) -> series_pb2.Series:
        sight, asked, paths = self.sight_of_member(), request.series, _paths(request)
        changes = {path: getattr(asked, path).strip() for path in paths - {"articles"}}
        async with self.database.transaction() as tx:
            blog, before = await self._seen(tx, sight, asked.name, lock=True)
            check_editor(await blogs.role_of(tx, blog.id, sight.viewer))
            series = before.changed(changes, asked.etag)
            await store.save(tx, series)
            if "articles" in paths:
                await self._place(tx, sight, series, list(asked.articles))
            await append(tx, series.name, series.version, events_pb2.SeriesChanged(series=series.name))
            return wire.series(series, await articles.visible_of_series(tx, sight, series.id))

    async def DeleteSeries(self, request: series_pb2.DeleteSeriesRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            blog, series = await self._seen(tx, sight, request.name, lock=True)
            check_editor(await blogs.role_of(tx, blog.id, sight.viewer))
            await store.delete(tx, series.id)
            await append(tx, series.name, series.version + 1, events_pb2.SeriesDeleted(series=series.name))
        return empty_pb2.Empty()

    async def _seen(self, tx: AsyncConnection, sight: Sight, name: str, *, lock: bool = False) -> tuple[Blog, Series]:
        blog_id, id_ = wire.series_ids(name)
        blog = await blogs.visible_blog(tx, sight, blog_id)
        series = await store.by_id(tx, blog_id, id_, lock=lock) if blog else None
        if blog is None or series is None:
            raise wire.unknown_series(name)
        return blog, series

    async def _place(self, tx: AsyncConnection, sight: Sight, series: Series, names: list[str]) -> list[UUID]:
        """Lets these articles stand in a series; those in it that the caller does not see keep their places."""
        wanted = [article_id(name) for name in names]
        known = await articles.changeable_ids(tx, sight, series.blog, wanted)
        for place, (id_, name) in enumerate(zip(wanted, names, strict=True)):
            if id_ not in known:
                field = f"series.articles[{place}]"
                raise BadInput("UNKNOWN_ARTICLE", "There is no {name} in the blog.", field=field, name=name)
        before = await articles.visible_of_series(tx, sight, series.id)
        await articles.place_in_series(tx, series.id, before, wanted)
        return wanted


def _paths(request: series_pb2.UpdateSeriesRequest) -> set[str]:
    """The fields to change; without a mask those that are not empty (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(CHANGEABLE):
        sentence = "{path} cannot be changed, only {changeable}."
        facts = {"path": min(unknown), "changeable": ", ".join(CHANGEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.series.ListFields()} & set(CHANGEABLE)
