"""Takes in HR's file: planned over the whole file first, then written a few people at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from plein.identity.v1 import events_pb2, identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.events import append_many
from chassis.ids import new_id
from chassis.problems import BadInput
from services.identity import wire
from services.identity.domain.hr_file import MOST_BYTES, Row
from services.identity.domain.imports import Plan, changes, person_told, person_told_again, planned
from services.identity.domain.people import Person
from services.identity.rpc.base import Base, now, viewer_name
from services.identity.store import people, sign_in
from services.identity.store.imports import alone

# A person makes three events at most, and followers take 500 at a time.
AT_ONCE = 160
READ_AT_ONCE = 2000

Answer = identity_pb2.ImportPeopleResponse
Outcome = identity_pb2.ImportOutcome
Thing = TypeVar("Thing")


class _Turn(NamedTuple):
    """One row, and its person before and after it."""

    row: Row
    before: Person | None
    after: Person


class Imports(Base):
    """The method that imports people."""

    async def ImportPeople(
        self, request_iterator: AsyncIterator[identity_pb2.ImportPeopleRequest], context: Any
    ) -> AsyncIterator[Answer]:
        count: Counter[int] = Counter()
        async with alone(self.database):
            options, content = await _received(request_iterator)
            known, leavers = await self._everybody(), options.depart_missing
            plan = await asyncio.to_thread(planned, content, known, now(), depart_missing=leavers)
            for note in plan.notes:
                yield wire.bad_row(note)
            for _, bad in sorted(plan.bad.items()):
                yield wire.bad_row(bad)
            async for answer in self._carried_out(plan, options.dry_run):
                count[answer.person.outcome] += 1
                yield answer
        yield _summary(count, len(plan.bad))

    async def _everybody(self) -> dict[str, Person]:
        everybody: dict[str, Person] = {}
        after: UUID | None = None
        async with self.database.snapshot() as tx:
            while some := await people.people_after(tx, after, READ_AT_ONCE):
                everybody |= {person.personnel_number: person for person in some}
                after = some[-1].id
        return everybody

    async def _carried_out(self, plan: Plan, dry_run: bool) -> AsyncIterator[Answer]:
        for rows in _batches(plan.rows(), AT_ONCE):
            for answer in await self._take_in(rows, plan, dry_run):
                yield answer
        for leavers in _batches(iter(plan.leavers), AT_ONCE):
            for answer in await self._let_go(leavers, dry_run):
                yield answer

    async def _take_in(self, rows: Sequence[Row], plan: Plan, dry_run: bool) -> list[Answer]:
        numbers = [row.personnel_number for row in rows]
        async with self.database.snapshot() if dry_run else self.database.transaction() as tx:
            known = await people.people_by_number(tx, numbers, lock=not dry_run)
            turns = [_turn(row, known.get(row.personnel_number), plan) for row in rows]
            if not dry_run:
                await self._write(tx, turns)
        return [_answer(turn, dry_run) for turn in turns]

    async def _write(self, tx: AsyncConnection, turns: Sequence[_Turn]) -> None:
        """Writes and tells. Those who waited for a newcomer to be their manager are told of again."""
        changed = [(turn.before, turn.after) for turn in turns if turn.after is not turn.before]
        ids = {after.id for _, after in changed}
        numbers = [after.personnel_number for before, after in changed if before is None]
        waited = [person for person in await people.people_naming(tx, numbers) if person.id not in ids]
        again = [person.renewed(now()) for person in waited]
        await people.save_people(tx, [after for before, after in changed if before] + again)
        await people.add_people(tx, [after for before, after in changed if before is None])
        events = _events(changed)
        events += [(person.name, person.version, events_pb2.PersonChanged(person=person.name)) for person in again]
        await append_many(tx, events)

    async def _let_go(self, leavers: Sequence[Person], dry_run: bool) -> list[Answer]:
        if not dry_run:
            async with self.database.transaction() as tx:
                found = await people.people_by_id(tx, [person.id for person in leavers], lock=True)
                gone = [(before, before.departed(now())) for before in found.values()]
                changed = [(before, after) for before, after in gone if after is not before]
                await people.save_people(tx, [after for _, after in changed])
                await sign_in.end_sessions(tx, list(found))
                await append_many(tx, _events(changed))
        outcome = Outcome.IMPORT_OUTCOME_DEPARTED
        return [wire.imported(person.name, person.personnel_number, 0, outcome) for person in leavers]


async def _received(
    requests: AsyncIterator[identity_pb2.ImportPeopleRequest],
) -> tuple[identity_pb2.ImportOptions, bytes]:
    """The options and the whole file."""
    first = await anext(requests, None)
    if first is None or first.WhichOneof("part") != "options":
        raise BadInput("OPTIONS_FIRST", "The first message has the options.", field="options")
    content = bytearray()
    async for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise BadInput("OPTIONS_TWICE", "Only the first message has options.", field="options")
        content += request.chunk
        if len(content) > MOST_BYTES:
            raise BadInput("FILE_TOO_LARGE", "The file is larger than 64 MiB.", field="chunk")
    return first.options, bytes(content)


def _turn(row: Row, known: Person | None, plan: Plan) -> _Turn:
    if known:
        return _Turn(row, known, person_told_again(known, row, now()))
    return _Turn(row, None, person_told(new_id(), row, plan.handles.get(row.line, ""), now()))


def _answer(turn: _Turn, dry_run: bool) -> Answer:
    row, before, after = turn
    if before is None:
        name = "" if dry_run else after.name
        return wire.imported(name, row.personnel_number, row.line, Outcome.IMPORT_OUTCOME_CREATED)
    outcome = Outcome.IMPORT_OUTCOME_UNCHANGED if after is before else Outcome.IMPORT_OUTCOME_UPDATED
    return wire.imported(after.name, row.personnel_number, row.line, outcome, changes(before, after))


def _events(changed: Sequence[tuple[Person | None, Person]]) -> list[tuple[str, int, Message]]:
    actor = viewer_name()
    return [
        (after.name, after.version, event) for before, after in changed for event in wire.changed(before, after, actor)
    ]


def _summary(count: Counter[int], bad: int) -> Answer:
    return Answer(
        summary=identity_pb2.ImportSummary(
            created=count[Outcome.IMPORT_OUTCOME_CREATED],
            updated=count[Outcome.IMPORT_OUTCOME_UPDATED],
            unchanged=count[Outcome.IMPORT_OUTCOME_UNCHANGED],
            departed=count[Outcome.IMPORT_OUTCOME_DEPARTED],
            bad=bad,
        )
    )


def _batches(things: Iterator[Thing], most: int) -> Iterator[list[Thing]]:
    while batch := list(islice(things, most)):
        yield batch
