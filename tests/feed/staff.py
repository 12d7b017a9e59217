"""The people of a test as identity knows them, for what is sent to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from plein.chassis.v1 import audience_pb2
from plein.feed.v1 import feed_pb2
from plein.identity.v1 import identity_pb2

from chassis.audience import keep_membership
from chassis.problems import NotFound
from chassis.testing import Answers, World
from tests.feed.caller import Caller

BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"
GET_PERSON = "/plein.identity.v1.IdentityService/GetPerson"


@dataclass
class Staff:
    """Whom identity knows, by name."""

    people: dict[str, identity_pb2.Person] = field(default_factory=dict)

    def hire(self, *callers: Caller, **fields: str) -> None:
        """Lets identity know of people: "ada" is Ada Bos, with the address ada@telwiek.example."""
        for caller in callers:
            handle = caller.person.handle
            person = identity_pb2.Person(name=caller.name, given_name=handle.title(), family_name="Bos")
            person.email, person.status = f"{handle}@telwiek.example", identity_pb2.PERSON_STATUS_ACTIVE
            person.language = fields.get("language", "nl")
            self.people[caller.name] = person

    def depart(self, caller: Caller) -> None:
        self.people[caller.name].status = identity_pb2.PERSON_STATUS_DEPARTED

    @property
    def answers(self) -> Answers:
        def batch(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
            return identity_pb2.BatchGetPeopleResponse(people=self._known(request.names))

        return {
            BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, batch),
            GET_PERSON: (identity_pb2.GetPersonRequest, lambda request: self._known([request.name])[0]),
        }

    def _known(self, names: Iterable[str]) -> list[identity_pb2.Person]:
        for name in names:
            if name not in self.people:
                raise NotFound("PERSON_NOT_FOUND", "There is no {name} that you can see.", name=name)
        return [self.people[name] for name in names]


async def post_in_new_group(world: World, author: Caller, member: Caller, text: str) -> str:
    """The name of a post in a group that both are members of."""
    await world.caught_up("groups")
    group, resources = uuid4(), world.server.resources
    async with resources.database.transaction() as tx:
        for caller in (author, member):
            await keep_membership(tx, group, caller.id)
    await resources.access.refresh(resources.database)
    post = feed_pb2.Post(text=text, audience=audience_pb2.Audience(group=f"groups/{group}"))
    return (await author.api.CreatePost(feed_pb2.CreatePostRequest(post=post))).name
