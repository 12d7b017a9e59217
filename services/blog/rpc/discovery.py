"""What editors feature, and how much is read."""

from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf import empty_pb2
from plein.blog.v1 import discovery_pb2, discovery_pb2_grpc, events_pb2

from chassis import pages
from chassis.events import append
from chassis.ids import new_id
from chassis.once import once
from chassis.resources import Resources
from services.blog.domain.features import Feature, check_feature
from services.blog.domain.reads import day_of, end_of, mark, told
from services.blog.rpc.base import now
from services.blog.rpc.search import Search
from services.blog.store import articles, features, reads
from services.blog.wire import articles as articles_wire
from services.blog.wire import discovery as wire
from services.blog.wire.names import article_id, unknown_article


class Discovery(Search, discovery_pb2_grpc.ArticleDiscoveryServiceServicer):
    """All methods of the ArticleDiscoveryService."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._day_keys = resources.one(reads.DayKeys)
        self._zone = ZoneInfo(self.settings.organisation_time_zone)

    async def ListFeaturedArticles(
        self, request: discovery_pb2.ListFeaturedArticlesRequest, context: Any
    ) -> discovery_pb2.ListFeaturedArticlesResponse:
        after, size = wire.place(self.pages.position(request)), pages.size(request, 20, 100)
        async with self.database.snapshot() as tx:
            found = await features.visible_featured(tx, self.sight(), now(), after, size + 1)
        shown = [articles_wire.article(article, whole=False) for _, article in found[:size]]
        answer = discovery_pb2.ListFeaturedArticlesResponse(articles=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.place_position(found[size - 1][0]))
        return answer

    async def ListFeatures(
        self, request: discovery_pb2.ListFeaturesRequest, context: Any
    ) -> discovery_pb2.ListFeaturesResponse:
        before, size = wire.id_of_position(self.pages.position(request)), pages.size(request, 20, 100)
        async with self.database.snapshot() as tx:
            found = await features.visible_features(tx, self.sight().despite_blocks(), before, size + 1)
        answer = discovery_pb2.ListFeaturesResponse(features=[wire.feature(feature) for feature in found[:size]])
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, found[size - 1].id.bytes)
        return answer

    async def CreateFeature(self, request: discovery_pb2.CreateFeatureRequest, context: Any) -> discovery_pb2.Feature:
        sight, asked, moment = self.sight_of_member(), request.feature, now()
        begin, end = wire.begin_and_end(asked)
        async with self.database.transaction() as tx:

            async def made() -> discovery_pb2.Feature:
                article = await articles.visible_article(tx, sight, article_id(asked.article))
                if article is None:
                    raise unknown_article(asked.article)
                feature = Feature(new_id(), article.id, asked.position, begin or moment, end, sight.viewer, moment)
                await features.lock(tx)
                check_feature(feature, await features.overlapping(tx, feature))
                await features.add(tx, feature)
                event = events_pb2.ArticleFeatured(feature=feature.name, article=article.name)
                await append(tx, feature.name, feature.version, event)
                return wire.feature(feature)

            return await once(tx, request, discovery_pb2.Feature, made)

    async def UpdateFeature(self, request: discovery_pb2.UpdateFeatureRequest, context: Any) -> discovery_pb2.Feature:
        sight, asked, changes = self.sight_of_member(), request.feature, wire.changes(request)
        async with self.database.transaction() as tx:
            await features.lock(tx)
            before = await features.visible_feature(tx, sight.despite_blocks(), wire.feature_id(asked.name))
            if before is None:
                raise wire.unknown_feature(asked.name)
            feature = before.changed(changes, asked.etag)
            if feature is not before:
                check_feature(feature, await features.overlapping(tx, feature))
                await features.save(tx, feature)
                event = events_pb2.FeatureChanged(feature=feature.name, article=f"articles/{feature.article}")
                await append(tx, feature.name, feature.version, event)
        return wire.feature(feature)

    async def DeleteFeature(self, request: discovery_pb2.DeleteFeatureRequest, context: Any) -> empty_pb2.Empty:
        sight = self.sight_of_member()
        async with self.database.transaction() as tx:
            await features.lock(tx)
            feature = await features.visible_feature(tx, sight.despite_blocks(), wire.feature_id(request.name))
            if feature is None:
                raise wire.unknown_feature(request.name)
            await features.delete(tx, feature.id)
            event = events_pb2.FeatureEnded(feature=feature.name, article=f"articles/{feature.article}")
            await append(tx, feature.name, feature.version + 1, event)
        return empty_pb2.Empty()

    async def CountRead(self, request: discovery_pb2.CountReadRequest, context: Any) -> empty_pb2.Empty:
        sight, day = self.sight(), day_of(now(), self._zone)
        key = await self._day_keys.key(day, end_of(day, self._zone))
        async with self.database.transaction() as tx:
            article = await articles.visible_article(tx, sight, article_id(request.name))
            if article is None:
                raise unknown_article(request.name)
            if article.author != sight.viewer:
                await reads.count(tx, article.id, day, mark(key, article.id, sight.viewer))
        return empty_pb2.Empty()

    async def BatchGetReadCounts(
        self, request: discovery_pb2.BatchGetReadCountsRequest, context: Any
    ) -> discovery_pb2.BatchGetReadCountsResponse:
        asked = wire.article_ids(request.names)
        async with self.database.snapshot() as tx:
            seen = {article.id for article in await articles.visible_batch(tx, self.sight(), asked)}
            counts = await reads.counts(tx, list(seen))
        found = [
            discovery_pb2.ReadCount(article=f"articles/{id_}", count=told(counts.get(id_, 0)))
            for id_ in asked
            if id_ in seen
        ]
        return discovery_pb2.BatchGetReadCountsResponse(read_counts=found)
