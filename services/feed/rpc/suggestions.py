"""Whom people may want to follow."""

from datetime import timedelta
from typing import Any

from google.protobuf import empty_pb2
from plein.feed.v1 import relations_pb2

from chassis import pages, viewer
from services.feed import wire
from services.feed.domain.suggestions import INTEREST_DAYS
from services.feed.rpc.base import Base, now
from services.feed.store import relations, suggestions
from services.feed.store.relations import DISMISSALS


class Suggestions(Base):
    """Suggesting people to each other, and taking it back."""

    async def ListSuggestedPeople(
        self, request: relations_pb2.ListSuggestedPeopleRequest, context: Any
    ) -> relations_pb2.ListSuggestedPeopleResponse:
        person, size = viewer.person(), pages.size(request, 20, 100)
        sight, silence = self.access.sight(person), self.mutes.of(person)
        after = wire.strength_and_person(self.pages.position(request))
        since = now() - timedelta(days=INTEREST_DAYS)
        async with self.database.snapshot() as tx:
            found = await suggestions.strongest(tx, sight, silence, since, after, size + 1)
        shown = [wire.suggested(suggestion) for suggestion in found[:size]]
        answer = relations_pb2.ListSuggestedPeopleResponse(suggestions=shown)
        if len(found) > size:
            answer.next_page_token = self.pages.seal(request, wire.suggestion_position(found[size - 1]))
        return answer

    async def DismissSuggestion(self, request: relations_pb2.DismissSuggestionRequest, context: Any) -> empty_pb2.Empty:
        person, other = viewer.person(), self.known_person(request.name)
        async with self.database.transaction() as tx:
            await relations.begin(tx, DISMISSALS, person, other, now())
        return empty_pb2.Empty()
