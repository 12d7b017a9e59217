"""Asking that a person is erased. The work is a job's."""

from typing import Any
from uuid import uuid4

from plein.blog.v1 import own_data_pb2

from chassis.ids import new_id
from chassis.problems import Unavailable, WrongState
from services.blog.domain.erasures import Erasure, Mode, stand_in
from services.blog.rpc.base import Base, now
from services.blog.store import erasures
from services.blog.wire import erasures as wire
from services.blog.wire.names import person_id


class Erasures(Base):
    """One a person."""

    async def EraseOwnData(self, request: own_data_pb2.EraseOwnDataRequest, context: Any) -> own_data_pb2.Erasure:
        person, mode = person_id(request.name), Mode(request.mode)
        known = self.access.person(person)
        if known is not None and known.active:
            raise WrongState("STILL_ACTIVE", "Only who does not come in any more can be erased.")
        asked = Erasure(new_id(), person, stand_in(uuid4()), mode, now())
        async with self.database.transaction() as tx:
            await erasures.add(tx, asked)
            before = await erasures.of_person(tx, person)
            if before is None:
                raise Unavailable("ERASURE_BUSY", "The same person is being erased at this moment.")
            erasure = before.asked_again(mode)
            await erasures.introduce_stand_in(tx, erasure)
            await erasures.save(tx, erasure)
        return wire.erasure(erasure)

    async def GetErasure(self, request: own_data_pb2.GetErasureRequest, context: Any) -> own_data_pb2.Erasure:
        async with self.database.snapshot() as tx:
            found = await erasures.by_id(tx, wire.erasure_id(request.name))
        if found is None:
            raise wire.unknown(request.name)
        return wire.erasure(found)
