"""People as they use groups, each over a channel of their own, in the words that the tests use."""

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from plein.groups.v1 import groups_pb2, groups_pb2_grpc
from plein.identity.v1 import events_pb2, identity_pb2

from chassis.problems import NotFound
from chassis.testing import Answers, Person, World

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
UNKNOWN_GROUP = "groups/01993e54-0000-7000-8000-000000000000"


class Caller:
    """Somebody who is signed in, or a service by its name, or nobody."""

    def __init__(self, world: World, who: Person | str | None) -> None:
        self.who = who
        self.channel = world.channel(who)
        self.groups = groups_pb2_grpc.GroupServiceStub(self.channel)

    @property
    def person(self) -> Person:
        assert isinstance(self.who, Person)
        return self.who

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    async def found(self, title: str = "Golf", visibility: str = "OPEN", **fields: Any) -> groups_pb2.Group:
        """Founds a group."""
        request_id = fields.pop("request_id", "")
        sort = groups_pb2.GroupVisibility.Value(f"GROUP_VISIBILITY_{visibility}")
        group = groups_pb2.Group(title=title, visibility=sort, **fields)
        return await self.groups.CreateGroup(groups_pb2.CreateGroupRequest(group=group, request_id=request_id))

    async def group(self, name: str) -> groups_pb2.Group:
        return await self.groups.GetGroup(groups_pb2.GetGroupRequest(name=name))


class Meet(Protocol):
    """`ada, bob = await meet("ada", "bob")`; `department`, `kind`, `segments` and `roles` are those of all."""

    async def __call__(self, *handles: str, **access: Any) -> list[Caller]: ...


@dataclass
class Staff:
    """Whom identity knows, by name."""

    people: dict[str, identity_pb2.Person] = field(default_factory=dict)

    async def hire(self, world: World, department: str, *callers: Caller) -> None:
        """Lets identity know of people, and tell of them where they have a department."""
        for caller in callers:
            self.people[caller.name] = identity_pb2.Person(name=caller.name, department=department)
        if department:
            await world.tell("people", *(events_pb2.PersonChanged(person=caller.name) for caller in callers))

    @property
    def answers(self) -> Answers:
        return {BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, self._batch)}

    def _batch(self, request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        for name in request.names:
            if name not in self.people:
                raise NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
        return identity_pb2.BatchGetPeopleResponse(people=[self.people[name] for name in request.names])
