"""What the tests of identity do all the time: import people, let them in, and look at what came of it."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import grpc
import pytest
from google.protobuf.message import Message
from plein.chassis.v1 import audience_pb2
from plein.identity.v1 import events_pb2, identity_pb2, identity_pb2_grpc
from sqlalchemy import text

from chassis.status import reason
from chassis.testing import Person, World

PASSWORD = "drie olifanten fietsen"
COLUMNS = [
    "personnel_number", "given_name", "family_name", "email", "handle", "kind", "employer", "sponsor", "start_date",
    "end_date", "department", "title", "manager", "location", "phone", "language", "segments",
]  # fmt: skip
TABLES = ("people", "passwords", "sign_in_links", "sessions", "barrier_policy", "eventlog.outbox", "eventlog.events")
EVENTS: dict[str, type[Message]] = {
    kind.DESCRIPTOR.full_name: kind
    for kind in (
        audience_pb2.PersonAccessChanged,
        audience_pb2.ServiceAccountAccessChanged,
        audience_pb2.BarriersChanged,
        events_pb2.PersonChanged,
        events_pb2.PersonActivated,
        events_pb2.PersonSuspended,
        events_pb2.PersonReinstated,
        events_pb2.PersonDeparted,
        events_pb2.RoleGranted,
        events_pb2.RoleRevoked,
        events_pb2.ServiceAccountCreated,
        events_pb2.ServiceAccountUpdated,
        events_pb2.ServiceAccountSecretRotated,
        events_pb2.ServiceAccountDisabled,
        events_pb2.ServiceAccountEnabled,
    )
}
_numbers = count(1000)


@dataclass
class Report:
    """What an import answered."""

    people: list[identity_pb2.ImportedPerson] = field(default_factory=list)
    bad_rows: list[identity_pb2.BadRow] = field(default_factory=list)
    summary: identity_pb2.ImportSummary = field(default_factory=identity_pb2.ImportSummary)

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Created, updated, unchanged, departed, bad."""
        told = self.summary
        return told.created, told.updated, told.unchanged, told.departed, told.bad

    def names(self) -> dict[str, str]:
        """Personnel number → `people/…`."""
        return {person.personnel_number: person.name for person in self.people}

    def changes(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Personnel number → field → before and after."""
        return {
            person.personnel_number: {change.field: (change.before, change.after) for change in person.changes}
            for person in self.people
            if person.changes
        }


@dataclass
class House:
    """The service and the ways to it."""

    world: World
    _channels: dict[str, grpc.aio.Channel] = field(default_factory=dict)

    def stub(self, caller: Person | str | None) -> "identity_pb2_grpc.IdentityServiceAsyncStub":
        """The methods, called by a person, by a service by its name, or without any token."""
        key = caller.token if isinstance(caller, Person) else str(caller)
        if key not in self._channels:
            self._channels[key] = self.world.channel(caller)
        return identity_pb2_grpc.IdentityServiceStub(self._channels[key])

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()

    async def take_in(self, file: bytes, *, chunk_bytes: int = 65536, **options: bool) -> Report:
        """Imports a file as the operator."""

        async def parts() -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
            yield identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions(**options))
            for start in range(0, len(file), chunk_bytes):
                yield identity_pb2.ImportPeopleRequest(chunk=file[start : start + chunk_bytes])

        report = Report()
        async for answer in self.stub("operator").ImportPeople(parts()):
            if answer.WhichOneof("part") == "person":
                report.people.append(answer.person)
            elif answer.WhichOneof("part") == "bad_row":
                report.bad_rows.append(answer.bad_row)
            else:
                report.summary.CopyFrom(answer.summary)
        await self.world.caught_up()
        return report

    async def hire(self, handle: str, *, role: str = "", **cells: str) -> Person:
        """Somebody who works here and signed in for the first time with PASSWORD."""
        number = cells.pop("personnel_number", "") or f"h{next(_numbers)}"
        report = await self.take_in(hr_file([row(number, handle=handle, **cells)]))
        assert not report.bad_rows, report.bad_rows
        name = report.people[0].name
        if role:
            await self.stub("operator").GrantRole(identity_pb2.GrantRoleRequest(name=name, role=role))
        tokens = await self.let_in(name)
        return Person(UUID(name.removeprefix("people/")), handle, tokens.access_token)

    async def newcomer(self, handle: str, **cells: str) -> str:
        """Somebody who works here and was never seen: `people/…`."""
        return (await self.take_in(hr_file([row(f"n-{handle}", handle=handle, **cells)]))).people[0].name

    async def link(self, name: str) -> str:
        """A new one-time link's token."""
        request = identity_pb2.CreateSignInLinksRequest(people=[name])
        answer = await self.stub("operator").CreateSignInLinks(request)
        return answer.links[0].uri.partition("token=")[2]

    async def let_in(self, name: str, password: str = PASSWORD) -> identity_pb2.Tokens:
        """Signs somebody in with a one-time link."""
        request = identity_pb2.SignInWithLinkRequest(
            link_token=await self.link(name), new_password=password, device="First"
        )
        tokens = await self.stub(None).SignInWithLink(request)
        await self.world.caught_up()
        return tokens

    async def sign_in(self, login: str, password: str = PASSWORD, device: str = "") -> identity_pb2.Tokens:
        """Signs somebody in with a password."""
        request = identity_pb2.SignInRequest(login=login, password=password, device=device)
        return await self.stub(None).SignIn(request)

    async def refresh(self, refresh_token: str) -> identity_pb2.Tokens:
        """Exchanges a refresh token."""
        return await self.stub(None).RefreshTokens(identity_pb2.RefreshTokensRequest(refresh_token=refresh_token))

    async def person(self, name: str, caller: Person | str = "operator") -> identity_pb2.Person:
        """A person as a caller sees them."""
        return await self.stub(caller).GetPerson(identity_pb2.GetPersonRequest(name=name))

    async def bar(self, *pairs: tuple[str, str]) -> None:
        """Keeps segments apart, and waits until that works."""
        barriers = [audience_pb2.Barrier(segment=one, other_segment=other) for one, other in pairs]
        policy = identity_pb2.BarrierPolicy(barriers=barriers)
        await self.stub("operator").UpdateBarrierPolicy(identity_pb2.UpdateBarrierPolicyRequest(policy=policy))
        await self.world.caught_up()

    async def told(self, aggregate: str) -> list[Message]:
        """What the log tells of somebody, in order."""
        await self.world.caught_up()
        query = text("SELECT type, payload FROM eventlog.events WHERE aggregate = :aggregate ORDER BY position")
        async with self.world.server.resources.database.snapshot() as tx:
            return [
                EVENTS[row.type].FromString(row.payload) for row in await tx.execute(query, {"aggregate": aggregate})
            ]

    async def dump(self) -> dict[str, list[Any]]:
        """Everything that is stored, to compare."""
        await self.world.caught_up()
        async with self.world.server.resources.database.snapshot() as tx:
            return {
                table: [tuple(row) for row in await tx.execute(text(f"SELECT * FROM {table} ORDER BY 1"))]
                for table in TABLES
            }


def person_of(tokens: identity_pb2.Tokens) -> Person:
    """The caller that these tokens make."""
    return Person(UUID(tokens.person.removeprefix("people/")), "", tokens.access_token)


async def hours_pass(house: House, hours: float) -> None:
    """Makes everything that identity remembers about sign-in so much older."""
    older = f"- interval '{hours} hours'"
    async with house.world.server.resources.database.transaction() as tx:
        await tx.execute(text(f"UPDATE sign_in_attempts SET moment = moment {older}"))
        await tx.execute(text(f"UPDATE sign_in_links SET expire_time = expire_time {older}"))
        await tx.execute(text(f"UPDATE sessions SET expire_time = expire_time {older}"))


def row(number: str, **cells: str) -> dict[str, str]:
    """A line of HR's file: an employee, unless the cells say otherwise."""
    handle = cells.get("handle") or f"p{number}".lower()
    usual = {"personnel_number": number, "given_name": "Noor", "family_name": "Bakker", "kind": "EMPLOYEE"}
    return usual | {"email": f"{handle}@telwiek.example"} | cells


def outsider(number: str, sponsor: str, **cells: str) -> dict[str, str]:
    """A line of HR's file with somebody who is seconded."""
    contract = {"kind": "EXTERNAL", "employer": "Detavast", "sponsor": sponsor, "end_date": "2031-12-31"}
    return row(number, **(contract | cells))


def hr_file(
    rows: Sequence[dict[str, str]], *, columns: Sequence[str] = COLUMNS, delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """HR's file."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, restval="", delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


def why(refusal: pytest.ExceptionInfo[grpc.aio.AioRpcError]) -> tuple[grpc.StatusCode, str]:
    """The status and the reason of a refused call."""
    return refusal.value.code(), reason(refusal.value)
