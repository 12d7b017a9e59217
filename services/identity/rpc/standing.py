"""Who may come in, and with which roles."""

from datetime import UTC
from typing import Any

from google.protobuf import empty_pb2
from plein.identity.v1 import identity_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.problems import AlreadyExists
from services.identity import wire
from services.identity.domain.people import (
    ADMINISTRATOR,
    Person,
    Status,
    check_administered,
    check_keeps_out,
)
from services.identity.rpc.base import Base, now
from services.identity.store import people, sign_in


class Standing(Base):
    """The methods of administrators, and of moderation where the .proto says so."""

    async def SuspendPerson(self, request: identity_pb2.SuspendPersonRequest, context: Any) -> identity_pb2.Person:
        async with self.database.transaction() as tx:
            await people.lock_administrators(tx)
            person = await self.locked_person(tx, request.name, wire.person_id(request.name))
            others = await people.others_administer(tx, [person.id])
            check_keeps_out(person, viewer.current().person, others)
            await sign_in.end_sessions(tx, [person.id])
            return await self._kept(tx, person, person.suspended(now()))

    async def ReinstatePerson(self, request: identity_pb2.ReinstatePersonRequest, context: Any) -> identity_pb2.Person:
        async with self.database.transaction() as tx:
            person = await self.locked_person(tx, request.name, wire.person_id(request.name))
            if person.status is Status.DEPARTED and await people.email_taken(tx, person):
                raise AlreadyExists("EMAIL_TAKEN", "Somebody else has this person's e-mail address now.")
            return await self._kept(tx, person, person.reinstated(now()))

    async def HoldPerson(self, request: identity_pb2.HoldPersonRequest, context: Any) -> empty_pb2.Empty:
        until = request.until.ToDatetime(tzinfo=UTC) if request.HasField("until") else None
        async with self.database.transaction() as tx:
            await people.lock_administrators(tx)
            before = await self.locked_person(tx, request.name, wire.person_id(request.name))
            after = before.held(until, now())
            if before.held_until is None and after is not before:
                check_administered(before, await people.others_administer(tx, [before.id]))
                await sign_in.end_sessions(tx, [before.id])
            await self.keep(tx, before, after)
        return empty_pb2.Empty()

    async def GrantRole(self, request: identity_pb2.GrantRoleRequest, context: Any) -> identity_pb2.Person:
        async with self.database.transaction() as tx:
            person = await self.locked_person(tx, request.name, wire.person_id(request.name))
            return await self._kept(tx, person, person.with_role(request.role, now()))

    async def RevokeRole(self, request: identity_pb2.RevokeRoleRequest, context: Any) -> identity_pb2.Person:
        async with self.database.transaction() as tx:
            await people.lock_administrators(tx)
            person = await self.locked_person(tx, request.name, wire.person_id(request.name))
            if request.role == ADMINISTRATOR:
                check_administered(person, await people.others_administer(tx, [person.id]))
            return await self._kept(tx, person, person.without_role(request.role, now()))

    async def _kept(self, tx: AsyncConnection, before: Person, after: Person) -> identity_pb2.Person:
        await self.keep(tx, before, after)
        return wire.person((await people.visible_people(tx, None, [after.id]))[after.id])
