"""Finding groups."""

from collections.abc import Sequence
from typing import Any

from google.protobuf import empty_pb2
from plein.groups.v1 import discovery_pb2, discovery_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages
from services.groups.domain.discovery import words
from services.groups.rpc.contents import Contents
from services.groups.store import discovery, presentations, suggestions
from services.groups.store.discovery import Found
from services.groups.store.visible import Seen
from services.groups.wire import discovery as wire

FoundGroup = discovery_pb2.FoundGroup


class Discovery(Contents, discovery_pb2_grpc.GroupDiscoveryServiceServicer):
    """All methods of the GroupDiscoveryService."""

    async def SearchGroups(
        self, request: discovery_pb2.SearchGroupsRequest, context: Any
    ) -> discovery_pb2.SearchGroupsResponse:
        sought, size, after = words(request.query), *self._asked(request)
        async with self.database.snapshot() as tx:
            found = await discovery.visible_matching(tx, self.sight(), sought, after, size + 1) if sought else []
            shown, token = await self._page(tx, request, found, size)
        return discovery_pb2.SearchGroupsResponse(groups=shown, next_page_token=token)

    async def ListMyGroups(
        self, request: discovery_pb2.ListMyGroupsRequest, context: Any
    ) -> discovery_pb2.ListMyGroupsResponse:
        size, after = self._asked(request)
        async with self.database.snapshot() as tx:
            found = await discovery.own(tx, self.sight(), after, size + 1)
            shown, token = await self._page(tx, request, found, size)
        return discovery_pb2.ListMyGroupsResponse(groups=shown, next_page_token=token)

    async def ListPopularGroups(
        self, request: discovery_pb2.ListPopularGroupsRequest, context: Any
    ) -> discovery_pb2.ListPopularGroupsResponse:
        size, after = self._asked(request)
        async with self.database.snapshot() as tx:
            found = await discovery.visible_popular(tx, self.sight(), after, size + 1)
            shown, token = await self._page(tx, request, found, size)
        return discovery_pb2.ListPopularGroupsResponse(groups=shown, next_page_token=token)

    async def ListNewGroups(
        self, request: discovery_pb2.ListNewGroupsRequest, context: Any
    ) -> discovery_pb2.ListNewGroupsResponse:
        size, after = self._asked(request)
        async with self.database.snapshot() as tx:
            found = await discovery.visible_new(tx, self.sight(), after[1] if after else None, size + 1)
            shown, token = await self._page(tx, request, found, size)
        return discovery_pb2.ListNewGroupsResponse(groups=shown, next_page_token=token)

    async def ListSuggestedGroups(
        self, request: discovery_pb2.ListSuggestedGroupsRequest, context: Any
    ) -> discovery_pb2.ListSuggestedGroupsResponse:
        size, after = self._asked(request)
        async with self.database.snapshot() as tx:
            found = await suggestions.strongest(tx, self.sight(), after, size + 1)
            shown = await self._shown(tx, [suggestion.seen for suggestion in found[:size]])
        suggested = [wire.suggested(group, one.reasons) for group, one in zip(shown, found, strict=False)]
        answer = discovery_pb2.ListSuggestedGroupsResponse(suggestions=suggested)
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, wire.position(last.reasons.strength, last.seen.group.id))
        return answer

    async def DismissGroupSuggestion(
        self, request: discovery_pb2.DismissGroupSuggestionRequest, context: Any
    ) -> empty_pb2.Empty:
        sight = self.sight()
        async with self.database.transaction() as tx:
            seen = await self.seen(tx, sight, request.name)
            await discovery.dismiss(tx, sight.viewer, seen.group.id)
        return empty_pb2.Empty()

    def _asked(self, request: Any) -> tuple[int, Any]:
        """How many groups, and after which place and group."""
        return pages.size(request, 20, 100), wire.after(self.pages.position(request))

    async def _page(
        self, tx: AsyncConnection, request: Any, found: Sequence[Found], size: int
    ) -> tuple[list[FoundGroup], str]:
        shown = await self._shown(tx, [group.seen for group in found[:size]])
        if len(found) <= size:
            return shown, ""
        last = found[size - 1]
        return shown, self.pages.seal(request, wire.position(last.place, last.seen.group.id))

    async def _shown(self, tx: AsyncConnection, found: Sequence[Seen]) -> list[FoundGroup]:
        written = await presentations.pages(tx, [group.id for group, _ in found])
        return [wire.found(group, standing, written) for group, standing in found]
