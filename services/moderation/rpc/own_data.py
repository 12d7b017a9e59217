"""What moderation keeps of people: for them, and gone when they are erased."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from plein.moderation.v1 import own_data_pb2, own_data_pb2_grpc

from chassis import viewer
from chassis.calls import refuse_ended
from chassis.ids import new_id
from chassis.moments import timestamp
from chassis.problems import NotFound, WrongState
from chassis.resources import Resources
from services.moderation import wire
from services.moderation.domain.erasures import Erasure, stand_in
from services.moderation.neighbours import Identity, Refused
from services.moderation.rpc.base import Base, now
from services.moderation.rpc.statements import statements_of
from services.moderation.store import cases, erasing, reports, sanctions
from services.moderation.wire import decisions as decision_wire

AT_ONCE = 200
Part = own_data_pb2.ExportOwnDataResponse


class OwnRecords(Base, own_data_pb2_grpc.OwnDataServiceServicer):
    """A page at a time, each in a transaction of its own: however much it is, little of it is held."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._identity = Identity(resources)

    async def ExportOwnData(self, request: own_data_pb2.ExportOwnDataRequest, context: Any) -> AsyncIterator[Part]:
        person = viewer.person()
        for section in (self._reports, self._statements):
            async for part in section(person):
                refuse_ended(self.access, viewer.current())
                yield part
        yield Part(complete=True)

    async def EraseOwnData(self, request: own_data_pb2.EraseOwnDataRequest, context: Any) -> own_data_pb2.Erasure:
        person, moment = wire.person_id(request.name), now()
        if person is None:
            raise NotFound("PERSON_NOT_FOUND", "There is no {name}.", name=request.name)
        known = self.access.person(person)
        if known is not None and known.active:
            raise WrongState("STILL_ACTIVE", "Only who does not come in any more can be erased.")
        await self._let_go(person)
        asked = Erasure(new_id(), person, stand_in(uuid4()), moment, moment)
        async with self.database.transaction() as tx:
            before = await erasing.locked(tx, asked)
            after = before.erased(await erasing.erase(tx, person, before.stand_in), moment)
            await erasing.save(tx, after)
        return own_data_pb2.Erasure(
            name=after.name,
            person=f"people/{after.person}",
            counts=after.counts,
            create_time=timestamp(after.create_time),
            finish_time=timestamp(after.finish_time),
        )

    async def _let_go(self, person: UUID) -> None:
        """Ends what keeps the person out: afterwards nobody knows when to."""
        async with self.database.snapshot() as tx:
            held = await sanctions.is_held(tx, person)
        if held:
            with suppress(Refused):
                await self._identity.hold(person, None)

    async def _reports(self, person: UUID) -> AsyncIterator[Part]:
        before: tuple[datetime, UUID] | None = None
        while True:
            async with self.database.snapshot() as tx:
                found = await reports.all_own(tx, person, before, AT_ONCE)
            if not found:
                return
            yield Part(reports=[wire.report(report) for report in found])
            before = found[-1].create_time, found[-1].id

    async def _statements(self, person: UUID) -> AsyncIterator[Part]:
        before: UUID | None = None
        while True:
            async with self.database.snapshot() as tx:
                found = await cases.own_page(tx, person, before, AT_ONCE)
                told = await statements_of(tx, found)
            if not found:
                return
            days, moment = self.settings.appeal_days, now()
            yield Part(statements=[decision_wire.statement(statement, days, moment) for statement in told])
            before = found[-1].id
