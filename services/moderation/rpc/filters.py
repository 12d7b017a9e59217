"""Filters: who sets them, what they find, and who applies them."""

from typing import Any
from uuid import UUID

from google.protobuf import empty_pb2
from plein.moderation.v1 import events_pb2, filters_pb2, filters_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import pages, viewer
from chassis.events import append
from chassis.filters import Effect, Filters, Kind
from chassis.ids import new_id
from chassis.once import once
from chassis.problems import AlreadyExists, BadInput, WrongState
from services.moderation.domain.filters import MOST_FILTERS, Rule, ruled
from services.moderation.rpc.base import Base, now
from services.moderation.store import audit, filters
from services.moderation.wire import filters as filter_wire

CHANGEABLE = ("text", "effect", "note")


class TextFilters(Base, filters_pb2_grpc.FilterServiceServicer):
    """Every change is in the audit log, and told to those who apply the filters."""

    async def CreateFilter(self, request: filters_pb2.CreateFilterRequest, context: Any) -> filters_pb2.Filter:
        asked = request.filter
        _check_chosen(asked, "kind", "effect")
        rule = ruled(new_id(), Kind(asked.kind), asked.text, Effect(asked.effect), asked.note, now())
        async with self.database.transaction() as tx:

            async def made() -> filters_pb2.Filter:
                revision = await filters.advance(tx)
                if await filters.count(tx) >= MOST_FILTERS:
                    raise WrongState("TOO_MANY_FILTERS", "There are at most {most} filters.", most=MOST_FILTERS)
                await _save(tx, rule)
                await _tell(tx, "filter.created", rule, revision)
                return filter_wire.rule(rule)

            return await once(tx, request, filters_pb2.Filter, made)

    async def GetFilter(self, request: filters_pb2.GetFilterRequest, context: Any) -> filters_pb2.Filter:
        async with self.database.snapshot() as tx:
            return filter_wire.rule(await _known(tx, request.name))

    async def ListFilters(
        self, request: filters_pb2.ListFiltersRequest, context: Any
    ) -> filters_pb2.ListFiltersResponse:
        size, packed = pages.size(request, 50, 200), self.pages.position(request)
        after = (packed[16:].decode(), UUID(bytes=packed[:16])) if packed else None
        async with self.database.snapshot() as tx:
            found = await filters.page(tx, after, size + 1)
        answer = filters_pb2.ListFiltersResponse(filters=map(filter_wire.rule, found[:size]))
        if len(found) > size:
            last = found[size - 1]
            answer.next_page_token = self.pages.seal(request, last.id.bytes + last.folded.encode())
        return answer

    async def UpdateFilter(self, request: filters_pb2.UpdateFilterRequest, context: Any) -> filters_pb2.Filter:
        asked, paths = request.filter, _paths(request)
        fields: dict[str, Any] = {path: getattr(asked, path) for path in paths}
        if "effect" in paths:
            _check_chosen(asked, "effect")
            fields["effect"] = Effect(asked.effect)
        async with self.database.transaction() as tx:
            revision = await filters.advance(tx)
            before = await _known(tx, asked.name, lock=True)
            rule = before.changed(fields, asked.etag, now())
            if rule is not before:
                await _save(tx, rule)
                await _tell(tx, "filter.updated", rule, revision, before)
        return filter_wire.rule(rule)

    async def DeleteFilter(self, request: filters_pb2.DeleteFilterRequest, context: Any) -> empty_pb2.Empty:
        async with self.database.transaction() as tx:
            revision = await filters.advance(tx)
            rule = await _known(tx, request.name, lock=True)
            await filters.delete(tx, rule.id)
            await _tell(tx, "filter.deleted", rule, revision)
        return empty_pb2.Empty()

    async def TestFilters(
        self, request: filters_pb2.TestFiltersRequest, context: Any
    ) -> filters_pb2.TestFiltersResponse:
        async with self.database.snapshot() as tx:
            rules, _ = await filters.current(tx)
        by_id = {rule.id: rule for rule in rules}
        found = Filters(rule.filter for rule in rules).matches(request.text)
        matches = [filter_wire.match(match, by_id[match.filter.id], request.text) for match in found]
        return filters_pb2.TestFiltersResponse(matches=matches)

    async def ReadFilters(self, request: filters_pb2.ReadFiltersRequest, context: Any) -> filters_pb2.CurrentFilters:
        async with self.database.snapshot() as tx:
            rules, revision = await filters.current(tx)
        return filters_pb2.CurrentFilters(filters=map(filter_wire.applied, rules), revision=revision)


async def _known(tx: AsyncConnection, name: str, *, lock: bool = False) -> Rule:
    found = await filters.by_id(tx, filter_wire.filter_id(name), lock=lock)
    if found is None:
        raise filter_wire.unknown_filter(name)
    return found


async def _save(tx: AsyncConnection, rule: Rule) -> None:
    same = await filters.same(tx, rule)
    if same is not None:
        sentence = "{name} looks for the same already."
        raise AlreadyExists("FILTER_EXISTS", sentence, field="filter.text", name=same.name)
    await filters.save(tx, rule)


async def _tell(tx: AsyncConnection, action: str, rule: Rule, revision: int, before: Rule | None = None) -> None:
    """Rules that bind everybody are written down with what they say, and with what they said before."""
    facts = {"kind": rule.kind.name, "text": rule.text, "effect": rule.effect.name}
    earlier = {"text_before": before.text, "effect_before": before.effect.name} if before else {}
    await audit.append(tx, viewer.current().name, action, rule.name, **facts, **earlier)
    await append(tx, "filters", revision, events_pb2.FiltersChanged(revision=revision))


def _check_chosen(asked: filters_pb2.Filter, *fields: str) -> None:
    for field in fields:
        if not getattr(asked, field):
            raise BadInput("NOT_CHOSEN", "A filter needs its {what}.", field=f"filter.{field}", what=field)


def _paths(request: filters_pb2.UpdateFilterRequest) -> set[str]:
    """The fields to change; without a mask those that are not empty (AIP-134)."""
    paths = set(request.update_mask.paths)
    if unknown := paths - set(CHANGEABLE):
        sentence = "{path} cannot be changed, only {changeable}."
        facts = {"path": min(unknown), "changeable": ", ".join(CHANGEABLE)}
        raise BadInput("BAD_MASK", sentence, field="update_mask", **facts)
    return paths or {field.name for field, _ in request.filter.ListFields()} & set(CHANGEABLE)
