"""Identity as profile meets it: it knows people, and tells when they change."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import grpc
from plein.chassis.v1 import audience_pb2, event_log_pb2, event_log_pb2_grpc
from plein.identity.v1 import events_pb2, identity_pb2
from plein.profile.v1 import profile_pb2, profile_pb2_grpc

from chassis.problems import NotFound
from chassis.testing import Person, World

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"


@dataclass
class Office:
    """Whom identity knows, by name; `asked` are the sizes of the questions that it got."""

    people: dict[str, identity_pb2.Person] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def answers(self) -> Any:
        """What the canned identity answers."""
        return {BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, self._batch)}

    def _batch(self, request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        self.asked.append(len(request.names))
        for name in request.names:
            if name not in self.people:
                raise NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
        return identity_pb2.BatchGetPeopleResponse(people=[self.people[name] for name in request.names])

    def record(self, person: Person, given_name: str, family_name: str, **fields: Any) -> identity_pb2.Person:
        """What HR knows of somebody, as long as identity tells nothing."""
        known = identity_pb2.Person(name=person.name, handle=person.handle)
        known.given_name, known.family_name = given_name, family_name
        known.kind, known.status = audience_pb2.WORKER_KIND_EMPLOYEE, identity_pb2.PERSON_STATUS_ACTIVE
        known.MergeFrom(identity_pb2.Person(**fields))
        self.people[person.name] = known
        return known


@dataclass
class Company:
    """A running profile service and the HR office that it hears from."""

    world: World
    office: Office
    channels: dict[Person | str | None, grpc.aio.Channel] = field(default_factory=dict)

    async def hire(
        self,
        given_name: str,
        family_name: str,
        *,
        segments: tuple[str, ...] = (),
        roles: tuple[str, ...] = (),
        **fields: Any,
    ) -> Person:
        """Somebody with a profile, who is signed in."""
        handle = fields.pop("handle", f"{given_name}.{family_name}".lower().replace(" ", ""))
        person = await self.world.person(handle, segments=segments, roles=roles)
        self.office.record(person, given_name, family_name, **fields)
        await self.tell(person)
        return person

    async def change(self, person: Person, **fields: Any) -> None:
        """HR changes what it knows, and identity tells."""
        self.office.people[person.name].MergeFrom(identity_pb2.Person(**fields))
        await self.tell(person)

    async def depart(self, person: Person) -> None:
        """Somebody leaves."""
        self.office.people[person.name].status = identity_pb2.PERSON_STATUS_DEPARTED
        await self.world.access(person, active=False)
        await self.world.tell(person.name, events_pb2.PersonDeparted(person=person.name))

    async def tell(self, *people: Person) -> None:
        """Identity tells that people changed, in one go."""
        await self.world.tell("people", *(events_pb2.PersonChanged(person=person.name) for person in people))

    def calls(self, caller: Person | str | None) -> "profile_pb2_grpc.ProfileServiceAsyncStub":
        """The service's methods, called by somebody."""
        return profile_pb2_grpc.ProfileServiceStub(self.channel(caller))

    def channel(self, caller: Person | str | None) -> grpc.aio.Channel:
        """One for each caller, which closes when nobody holds it any more."""
        if caller not in self.channels:
            self.channels[caller] = self.world.channel(caller)
        return self.channels[caller]

    async def profile(self, viewer: Person, whose: Person) -> profile_pb2.Profile:
        """Somebody's profile as a viewer sees it."""
        return await self.calls(viewer).GetProfile(profile_pb2.GetProfileRequest(name=profile_name(whose)))

    async def found(self, viewer: Person, query: str, **options: Any) -> list[str]:
        """The names of those whom a viewer finds."""
        request = profile_pb2.SearchProfilesRequest(query=query, **options)
        return [profile.display_name for profile in (await self.calls(viewer).SearchProfiles(request)).profiles]

    async def told(self, person: Person, last: str) -> list[str]:
        """The kinds of the events about somebody's profile up to the first that is `last`, oldest first."""
        log = event_log_pb2_grpc.EventLogServiceStub(self.channel("feed"))
        cursor = event_log_pb2.ListEventsRequest(after_chain=sha256(b"genesis").digest(), wait_seconds=5)
        kinds: list[str] = []
        while last not in kinds:
            events = (await log.ListEvents(cursor, timeout=10)).events
            assert events, f"{last} was not told, only {kinds}"
            kinds += [event.type.rpartition(".")[2] for event in events if event.aggregate == profile_name(person)]
            cursor.after_position, cursor.after_chain = events[-1].position, events[-1].chain
        return kinds


def profile_name(person: Person) -> str:
    return f"profiles/{person.id}"


def code(caught: Any) -> grpc.StatusCode:
    """The status with which a call was refused."""
    answered: grpc.StatusCode = caught.value.code()
    return answered
