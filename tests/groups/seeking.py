"""People as they look for groups, in the words that the tests use."""

from plein.groups.v1 import discovery_pb2, discovery_pb2_grpc

from tests.feed.caller import walked
from tests.groups.caller import Caller


class Seeker:
    """Somebody who looks for groups; answers are their titles."""

    def __init__(self, caller: Caller) -> None:
        self.api = discovery_pb2_grpc.GroupDiscoveryServiceStub(caller.channel)

    async def search(self, query: str, size: int = 100) -> list[str]:
        request = discovery_pb2.SearchGroupsRequest(query=query, page_size=size)
        return titles(await walked(self.api.SearchGroups, request))

    async def mine(self, size: int = 100) -> list[str]:
        return titles(await walked(self.api.ListMyGroups, discovery_pb2.ListMyGroupsRequest(page_size=size)))

    async def popular(self, size: int = 100) -> list[str]:
        request = discovery_pb2.ListPopularGroupsRequest(page_size=size)
        return titles(await walked(self.api.ListPopularGroups, request))

    async def new(self, size: int = 100) -> list[str]:
        return titles(await walked(self.api.ListNewGroups, discovery_pb2.ListNewGroupsRequest(page_size=size)))

    async def suggestions(self, size: int = 100) -> list[discovery_pb2.SuggestedGroup]:
        request = discovery_pb2.ListSuggestedGroupsRequest(page_size=size)
        return await walked(self.api.ListSuggestedGroups, request)

    async def suggested(self, size: int = 100) -> list[str]:
        return titles([suggestion.found for suggestion in await self.suggestions(size)])

    async def dismiss(self, group: str) -> None:
        await self.api.DismissGroupSuggestion(discovery_pb2.DismissGroupSuggestionRequest(name=group))

    async def everything(self, query: str) -> bytes:
        """All that the caller can learn of groups that are not the caller's, to the byte."""
        answers = [
            await self.api.SearchGroups(discovery_pb2.SearchGroupsRequest(query=query)),
            await self.api.ListPopularGroups(discovery_pb2.ListPopularGroupsRequest()),
            await self.api.ListNewGroups(discovery_pb2.ListNewGroupsRequest()),
            await self.api.ListSuggestedGroups(discovery_pb2.ListSuggestedGroupsRequest()),
        ]
        return b"|".join(answer.SerializeToString(deterministic=True) for answer in answers)


def titles(found: list[discovery_pb2.FoundGroup]) -> list[str]:
    return [one.group.title for one in found]
