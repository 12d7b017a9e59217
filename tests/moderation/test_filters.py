"""Filters are set by those who answer for the community, read by those who judge, and followed by services."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from plein.moderation.v1 import audit_pb2, audit_pb2_grpc, events_pb2, filters_pb2, filters_pb2_grpc

from chassis.events.chain import BEGINNING
from chassis.testing import World
from services.moderation.store import filters as filter_store
from tests.moderation.caller import Caller, Meet, refused, walked

WORD, DOMAIN = filters_pb2.FILTER_KIND_WORD, filters_pb2.FILTER_KIND_DOMAIN
WARN, HOLD = filters_pb2.FILTER_EFFECT_WARN, filters_pb2.FILTER_EFFECT_HOLD


class Setter:
    """Somebody who sets filters, or tries to."""

    def __init__(self, who: Caller) -> None:
        self.name = who.name
        self.api = filters_pb2_grpc.FilterServiceStub(who.channel)

    async def set(
        self, text: str, effect: Any = HOLD, kind: Any = WORD, *, note: str = "", request_id: str = ""
    ) -> filters_pb2.Filter:
        asked = filters_pb2.Filter(text=text, effect=effect, kind=kind, note=note)
        return await self.api.CreateFilter(filters_pb2.CreateFilterRequest(filter=asked, request_id=request_id))

    async def change(self, name: str, *paths: str, **fields: Any) -> filters_pb2.Filter:
        asked = filters_pb2.Filter(name=name, **fields)
        return await self.api.UpdateFilter(
            filters_pb2.UpdateFilterRequest(filter=asked, update_mask=FieldMask(paths=paths))
        )

    async def delete(self, name: str) -> None:
        await self.api.DeleteFilter(filters_pb2.DeleteFilterRequest(name=name))

    async def found(self, text: str) -> list[tuple[str, str, int]]:
        answer = await self.api.TestFilters(filters_pb2.TestFiltersRequest(text=text))
        return [(match.filter.name, match.found, match.start) for match in answer.matches]

    async def all(self, size: int = 100) -> list[str]:
        listed = await walked(self.api.ListFilters, filters_pb2.ListFiltersRequest(page_size=size))
        return [each.text for each in listed]


@pytest.fixture
async def eva(world: World, meet: Meet) -> Setter:
    """A community manager, in a world without filters."""
    await world.clean()
    (eva,) = await meet("eva", roles=["community-manager"])
    return Setter(eva)


async def told(world: World) -> list[int]:
    """The revisions of which moderation's log tells."""
    events, _ = await world.server.resources.events.list_after(0, BEGINNING.chain, 500)
    name = events_pb2.FiltersChanged.DESCRIPTOR.full_name
    return [events_pb2.FiltersChanged.FromString(event.payload).revision for event in events if event.type == name]


async def audited(world: World, subject: str) -> list[tuple[str, str, str]]:
    """What was done with a filter, oldest first."""
    api = audit_pb2_grpc.AuditServiceStub(world.channel(await world.person("olga", roles=["auditor"])))
    listed = await walked(api.ListAuditEntries, audit_pb2.ListAuditEntriesRequest(subject=subject, page_size=50))
    return [(entry.actor, entry.action, entry.facts) for entry in reversed(listed)]


async def test_a_filter_is_found_again(eva: Setter) -> None:
    made = await eva.set("  Sukkel ", WARN, note="Somebody complained.")
    assert (made.text, made.kind, made.effect, made.note) == ("Sukkel", WORD, WARN, "Somebody complained.")
    assert await eva.api.GetFilter(filters_pb2.GetFilterRequest(name=made.name)) == made


async def test_they_are_listed_in_the_order_of_the_alphabet(eva: Setter) -> None:
    for text in ("Wortel", "aap", "Élan", "noot"):
        await eva.set(text)
    assert await eva.all(size=3) == ["aap", "Élan", "noot", "Wortel"]


async def test_what_they_find_can_be_tried_on_a_text(eva: Setter) -> None:
    word, domain = await eva.set("sukkel"), await eva.set("evil.example", WARN, DOMAIN)
    found = await eva.found("Jij SÚKKEL, zie https://www.evil.example/x en sukkels")
    assert found == [(word.name, "SÚKKEL", 4), (domain.name, "www.evil.example", 24)]


async def test_two_that_find_the_same_are_one(eva: Setter) -> None:
    first = await eva.set("Sukkel")
    refusal = await refused(eva.set("súkkel"))
    assert (refusal.code, refusal.reason, refusal.fields) == ("ALREADY_EXISTS", "FILTER_EXISTS", ("filter.text",))
    assert dict(refusal.facts)["name"] == first.name
    other = await eva.set("anders")
    assert (await refused(eva.change(other.name, text="SUKKEL"))).reason == "FILTER_EXISTS"


async def test_the_same_request_makes_one(eva: Setter) -> None:
    request_id = str(uuid4())
    first, again = [await eva.set("sukkel", request_id=request_id) for _ in range(2)]
    assert first == again
    assert await eva.all() == ["sukkel"]


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (WORD, "", "NO_WORD"),
        (WORD, "!?", "NO_WORD"),
        (WORD, "a", "NO_WORD"),
        (WORD, "a b c d e f g h i j k", "TOO_MANY_WORDS"),
        (DOMAIN, "example", "NO_DOMAIN"),
        (DOMAIN, "https://example.com", "NO_DOMAIN"),
        (DOMAIN, "*.example.com", "NO_DOMAIN"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(eva: Setter, kind: Any, text: str, reason: str) -> None:
    refusal = await refused(eva.set(text, kind=kind))
    assert (refusal.code, refusal.reason, refusal.fields) == ("INVALID_ARGUMENT", reason, ("filter.text",))


async def test_what_it_does_has_to_be_chosen(eva: Setter) -> None:
    assert (await refused(eva.set("sukkel", 0))).fields == ("filter.effect",)
    assert (await refused(eva.set("sukkel", kind=0))).fields == ("filter.kind",)
    made = await eva.set("sukkel")
    assert (await refused(eva.change(made.name, "effect"))).fields == ("filter.effect",)


async def test_a_filter_is_changed_by_who_has_read_it(eva: Setter) -> None:
    made = await eva.set("sukkel", WARN)
    changed = await eva.change(made.name, text="sukkels", effect=HOLD, etag=made.etag)
    assert (changed.text, changed.effect, changed.note) == ("sukkels", HOLD, "")
    assert changed.update_time.ToDatetime() > made.update_time.ToDatetime()
    assert (await refused(eva.change(made.name, note="Late", etag=made.etag))).code == "ABORTED"
    assert (await refused(eva.change(made.name, "kind", kind=DOMAIN))).reason == "BAD_MASK"
    assert await eva.change(made.name, text="sukkels") == changed


async def test_a_deleted_filter_finds_nothing(eva: Setter) -> None:
    made = await eva.set("sukkel")
    await eva.delete(made.name)
    assert await eva.found("sukkel") == []
    assert (await refused(eva.delete(made.name))).reason == "FILTER_NOT_FOUND"
    assert (await refused(eva.api.GetFilter(filters_pb2.GetFilterRequest(name="filters/x")))).code == "NOT_FOUND"


async def test_every_change_is_in_the_audit_log(world: World, eva: Setter) -> None:
    made = await eva.set("sukkel", WARN)
    await eva.change(made.name, effect=HOLD)
    await eva.change(made.name, note="No rule by itself.")
    await eva.change(made.name, effect=HOLD)
    await eva.delete(made.name)
    done = await audited(world, made.name)
    assert [action for _, action, _ in done] == ["filter.created", "filter.updated", "filter.updated", "filter.deleted"]
    assert {actor for actor, _, _ in done} == {eva.name}
    before = '"effect_before":"WARN","kind":"WORD","text":"sukkel","text_before":"sukkel"'
    assert done[1][2] == f'{{"effect":"HOLD",{before}}}'


async def test_each_change_is_told_once(world: World, eva: Setter) -> None:
    before = await told(world)
    made = await eva.set("sukkel", WARN)
    await refused(eva.set("sukkel"))
    await eva.change(made.name, effect=HOLD)
    await eva.change(made.name, effect=HOLD)
    await eva.delete(made.name)
    after = await told(world)
    assert len(after) == len(before) + 3
    assert after[-3:] == sorted(set(after[-3:]))


@pytest.mark.parametrize("role", ["moderator", "auditor"])
async def test_who_judges_reads_filters_and_does_not_set_them(eva: Setter, meet: Meet, role: str) -> None:
    made = await eva.set("sukkel")
    (ada,) = await meet("ada", roles=[role])
    judge = Setter(ada)
    assert await judge.all() == ["sukkel"]
    assert await judge.found("sukkel") == [(made.name, "sukkel", 0)]
    for call in (judge.set("ander"), judge.change(made.name, text="ander"), judge.delete(made.name)):
        assert (await refused(call)).code == "PERMISSION_DENIED"


@pytest.mark.parametrize("roles", [[], ["editor"], ["ambassador"]])
async def test_nobody_else_learns_what_is_filtered(eva: Setter, meet: Meet, roles: list[str]) -> None:
    made = await eva.set("sukkel")
    (ada,) = await meet("ada", roles=roles)
    other = Setter(ada)
    for call in (
        other.all(),
        other.found("sukkel"),
        other.api.GetFilter(filters_pb2.GetFilterRequest(name=made.name)),
        other.api.ReadFilters(filters_pb2.ReadFiltersRequest()),
        other.set("ander"),
    ):
        assert (await refused(call)).code == "PERMISSION_DENIED"


async def test_services_read_all_at_once(world: World, eva: Setter) -> None:
    made = await eva.set("sukkel", WARN, note="Nobody else's business.")
    api = filters_pb2_grpc.FilterServiceStub(world.channel("feed"))
    current = await api.ReadFilters(filters_pb2.ReadFiltersRequest())
    expected = filters_pb2.Filter(name=made.name, kind=WORD, text="sukkel", effect=WARN)
    assert (list(current.filters), current.revision) == ([expected], (await told(world))[-1])


async def test_there_are_not_more_than_can_be_looked_for(
    world: World, eva: Setter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.moderation.rpc.filters.MOST_FILTERS", 3)
    answers = await asyncio.gather(*(eva.set(f"woord{number}") for number in range(6)), return_exceptions=True)
    assert sum(isinstance(answer, filters_pb2.Filter) for answer in answers) == 3
    async with world.server.resources.database.snapshot() as tx:
        assert await filter_store.count(tx) == 3
