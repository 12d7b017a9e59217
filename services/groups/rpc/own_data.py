"""What groups keeps of people: for them to take along, and to be erased."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from plein.groups.v1 import own_data_pb2, own_data_pb2_grpc
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import viewer
from chassis.calls import refuse_ended
from chassis.ids import new_id
from chassis.problems import WrongState
from services.groups import wire
from services.groups.domain.entering import Ban, Invitation, InviteLink, Request
from services.groups.domain.erasures import Erasure, Mode
from services.groups.rpc.base import now
from services.groups.rpc.own_contents import AT_ONCE, OwnContents, Part
from services.groups.store import erasures, exporting, links, members, visible
from services.groups.wire import own_data as own_wire

# Field of the answer, table, and what a row is called there.
_OWN: list[tuple[str, sa.Table, Callable[[Any], Any]]] = [
    ("memberships", exporting.MEMBERSHIPS, lambda row: wire.membership(members.member_of(row))),
    ("requests", exporting.REQUESTS, lambda row: wire.request(Request(*row))),
    ("invitations", exporting.INVITATIONS, lambda row: wire.invitation(Invitation(*row))),
    ("bans", exporting.BANS, lambda row: wire.ban(Ban(row.group_id, row.person, None, row.create_time))),
]


class PersonalRecords(OwnContents, own_data_pb2_grpc.OwnDataServiceServicer):
    """An export is read a page at a time, each in a transaction of its own; an erasing is a job's work."""

    async def ExportOwnData(self, request: own_data_pb2.ExportOwnDataRequest, context: Any) -> AsyncIterator[Part]:
        person = viewer.person()
        for section in (self._groups, self._standing, self._inviting, self.made, self.answered, self.wished):
            async for part in section(person):
                refuse_ended(self.access, viewer.current())
                yield part
        yield Part(complete=True)

    async def _groups(self, person: UUID) -> AsyncIterator[Part]:
        async for ids in self.paged(partial(_group_ids, person), lambda id_: id_):
            sight = self.access.sight(person)
            async with self.database.snapshot() as tx:
                found = await visible.visible_groups(tx, sight, ids)
            yield Part(groups=[wire.group(*found[id_]) for id_ in ids if id_ in found])

    async def _standing(self, person: UUID) -> AsyncIterator[Part]:
        for field, table, message in _OWN:
            async for rows in self.paged(partial(_own, table, person), lambda row: row.group_id):
                part = Part()
                getattr(part, field).extend(message(row) for row in rows)
                yield part

    async def _inviting(self, person: UUID) -> AsyncIterator[Part]:
        async for rows in self.paged(partial(_sent, person), lambda sent: (sent.group, sent.person)):
            sight = self.access.sight(person)
            known = [row for row in rows if sight.meets(row.person)]
            yield Part(sent_invitations=[wire.invitation(invitation) for invitation in known])
        async for made in self.paged(partial(_links, person), lambda link: link.id):
            yield Part(invite_links=[wire.invite_link(link) for link in made])

    async def EraseOwnData(self, request: own_data_pb2.EraseOwnDataRequest, context: Any) -> own_data_pb2.Erasure:
        person, mode = wire.person_id(request.name), Mode(request.mode)
        known = self.access.person(person)
        if known is not None and known.active:
            raise WrongState("STILL_ACTIVE", "Only who does not come in any more can be erased.")
        async with self.database.transaction() as tx:
            erasure = (await erasures.begin(tx, Erasure(new_id(), person, mode, now()))).asked_again(mode)
            await erasures.save(tx, erasure)
        return own_wire.erasure(erasure)

    async def GetErasure(self, request: own_data_pb2.GetErasureRequest, context: Any) -> own_data_pb2.Erasure:
        async with self.database.snapshot() as tx:
            found = await erasures.by_id(tx, own_wire.erasure_id(request.name))
        if found is None:
            raise own_wire.unknown_erasure(request.name)
        return own_wire.erasure(found)


async def _group_ids(person: UUID, tx: AsyncConnection, after: Any) -> list[UUID]:
    return await exporting.group_ids(tx, person, after, AT_ONCE)


async def _own(table: sa.Table, person: UUID, tx: AsyncConnection, after: Any) -> list[exporting.Row]:
    return await exporting.own(tx, table, person, after, AT_ONCE)


async def _sent(person: UUID, tx: AsyncConnection, after: Any) -> list[Invitation]:
    return await exporting.sent(tx, person, after, AT_ONCE)


async def _links(person: UUID, tx: AsyncConnection, after: Any) -> list[InviteLink]:
    return await links.made_by(tx, person, after, AT_ONCE)
