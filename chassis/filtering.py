"""The filters that moderation sets, in every service where people write: a replica that follows moderation's log.

    follows=[…, FilterReactions], checks=[read_filters], background=[…, keep_filters_fresh]

    held = resources.one(Filtering).judge(text, warnings_accepted=request.warnings_accepted)
    …                                                          # what is held is stored as hidden
    await tell_held(tx, "posts/…", version, held)

Whoever writes is judged in the process, without asking anybody.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from plein.chassis.v1.event_log_pb2 import Event
from plein.chassis.v1.events_pb2 import SubjectHeld
from plein.moderation.v1 import filters_pb2, filters_pb2_grpc
from plein.moderation.v1.events_pb2 import FiltersChanged
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import Reactions, append, on
from chassis.filters import Effect, Filter, Filters, Kind
from chassis.problems import Problem, WrongState
from chassis.resources import Resources

log = logging.getLogger(__name__)

FILTER_API = filters_pb2.DESCRIPTOR.services_by_name["FilterService"]
# How long another process may still judge by filters that were changed.
POLL_SECONDS = 0.5

_REVISION = "SELECT revision FROM filtering.state"
_FILTERS = text("SELECT id, kind, content, effect FROM filtering.filters")
_ADVANCE = text("UPDATE filtering.state SET revision = :revision WHERE revision < :revision")
_DROP = text("DELETE FROM filtering.filters")
_KEEP = text("""
    INSERT INTO filtering.filters (id, kind, content, effect) SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:kinds AS smallint[]), CAST(:contents AS text[]), CAST(:effects AS smallint[]))""")


class Filtering:
    """The filters as one process knows them."""

    def __init__(self, resources: Resources) -> None:
        self._database = resources.database
        self._filters = Filters()
        self._revision = 0
        self._refreshing = asyncio.Lock()

    def judge(self, *texts: str, before: Sequence[str] = (), warnings_accepted: bool = False) -> list[UUID]:
        """The filters because of which moderators must look at what somebody is about to write; none as a rule.

        WrongState (FILTER_WARNING) with what was found when the author is to think again, and did not say that it is
        meant so. What was in the texts `before` already was judged then.
        """
        if not self._filters:
            return []
        known = {match.filter.id for earlier in before for match in self._filters.matches(earlier)}
        found = [(each, match) for each in texts for match in self._filters.matches(each)]
        found = [(each, match) for each, match in found if match.filter.id not in known]
        if not warnings_accepted:
            _warn([each[match.start : match.end] for each, match in found if match.filter.effect is Effect.WARN])
        held = {match.filter.id: None for _, match in found if match.filter.effect is Effect.HOLD}
        return list(held)

    async def refresh(self) -> None:
        """Takes in what was committed since the last time; one tiny query when that is nothing."""
        async with self._refreshing:
            (revision,) = await self._database.peek(_REVISION)
            if revision == self._revision:
                return
            async with self._database.snapshot() as tx:
                rows = list(await tx.execute(_FILTERS))
            self._filters = Filters(Filter(id_, Kind(kind), said, Effect(does)) for id_, kind, said, does in rows)
            self._revision = revision


class FilterReactions(Reactions):
    """Follows which filters there are. Of a change the log tells only that there was one; what it was is asked for."""

    source = "moderation"
    name = "filters"
    may_be_absent = True

    def __init__(self, resources: Resources) -> None:
        self._filtering = resources.one(Filtering)
        self._neighbours = resources.neighbours
        self._current = filters_pb2.CurrentFilters()

    @cached_property
    def _moderation(self) -> "filters_pb2_grpc.FilterServiceAsyncStub":
        """Not before it is needed, since an installation can do without moderation."""
        return filters_pb2_grpc.FilterServiceStub(self._neighbours.as_service("moderation", FILTER_API))

    async def gather(self, events: Sequence[Event]) -> None:
        """Reads the filters once for a batch of events."""
        if any(event.type == FiltersChanged.DESCRIPTOR.full_name for event in events):
            self._current = await self._moderation.ReadFilters(filters_pb2.ReadFiltersRequest(), timeout=2)

    @on(FiltersChanged)
    async def filters_changed(self, tx: AsyncConnection, event: FiltersChanged) -> None:
        """Puts the filters that there are now in the place of the old ones; telling it again changes nothing."""
        advanced = await tx.execute(_ADVANCE, {"revision": self._current.revision})
        if advanced.rowcount:
            await tx.execute(_DROP)
            await tx.execute(_KEEP, _columns(self._current))

    async def after_commit(self, events: Sequence[Any]) -> None:
        """Lets this process judge by it at once; others take it in with their next poll."""
        await self._filtering.refresh()


async def tell_held(tx: AsyncConnection, subject: str, version: int, filters: Sequence[UUID]) -> None:
    """Lets moderators judge what was held, if it was; `version` is as for `events.append`."""
    if filters:
        names = [f"filters/{found}" for found in filters]
        await append(tx, subject, version, SubjectHeld(subject=subject, filters=names))


async def read_filters(resources: Resources) -> None:
    """Knows the filters before anybody writes."""
    await resources.one(Filtering).refresh()


async def keep_filters_fresh(resources: Resources) -> None:
    """Takes in what another process of this service heard."""
    filtering = resources.one(Filtering)
    while True:
        try:
            await filtering.refresh()
        except Problem as problem:
            log.warning("The filters were not refreshed: %s", problem)
        await asyncio.sleep(POLL_SECONDS)


def _warn(found: Sequence[str]) -> None:
    if found:
        words = "”, “".join(dict.fromkeys(found))
        sentence = "It says “{words}”. Write something else, or say that you mean it."
        raise WrongState("FILTER_WARNING", sentence, words=words)


def _columns(current: filters_pb2.CurrentFilters) -> dict[str, Any]:
    return {
        "ids": [UUID(found.name.removeprefix("filters/")) for found in current.filters],
        "kinds": [int(found.kind) for found in current.filters],
        "contents": [found.text for found in current.filters],
        "effects": [int(found.effect) for found in current.filters],
    }
