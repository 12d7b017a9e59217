"""The calls that feed makes to other services, and to addresses outside that people gave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address, ip_network
from uuid import UUID

import grpc
from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, identity_pb2, identity_pb2_grpc
from plein.moderation.v1 import moderation_pb2, moderation_pb2_grpc

from chassis import viewer
from chassis.fetching import AddressRefused, CannotFetch, Fetched, Fetcher, Target, is_public, target
from chassis.neighbours import Neighbours
from chassis.problems import BadInput
from chassis.resources import Resources
from services.feed.domain.relations import PersonFacts

CALLS = ("identity", "moderation")

MOST_HANDLES = 100
MOST_NAMES = 200
RECEIVER_SECONDS = 10.0
MOST_ANSWER_BYTES = 2048


class Identity:
    """Identity, asked in the name of whoever calls feed, or in feed's own for what is brought in."""

    def __init__(self, neighbours: Neighbours) -> None:
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        self._as_viewer = identity_pb2_grpc.IdentityServiceStub(neighbours.as_viewer("identity", api))
        self._as_feed = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
        accounts = accounts_pb2.DESCRIPTOR.services_by_name["AccountService"]
        self._accounts = accounts_pb2_grpc.AccountServiceStub(neighbours.as_service("identity", accounts))

    async def account_title(self, account: UUID) -> str:
        """What a service account is called."""
        request = accounts_pb2.GetServiceAccountRequest(name=f"{viewer.ACCOUNTS}{account}")
        return (await self._accounts.GetServiceAccount(request, timeout=2)).title

    async def people_behind(self, handles: Sequence[str]) -> dict[str, UUID]:
        """Handle → person. Handles of nobody whom the caller may know are left out."""
        stub = self._as_viewer if viewer.current().person else self._as_feed
        people: dict[str, UUID] = {}
        for start in range(0, len(handles), MOST_HANDLES):
            request = identity_pb2.ResolveHandlesRequest(handles=handles[start : start + MOST_HANDLES])
            answer = await stub.ResolveHandles(request, timeout=2)
            people |= {handle: UUID(name.removeprefix("people/")) for handle, name in answer.people.items()}
        return people

    async def facts(self, names: Sequence[str]) -> list[PersonFacts]:
        """What HR knows of the people of these names, `people/…`; those whom identity does not know are left out."""
        found: list[PersonFacts] = []
        for first in range(0, len(names), MOST_NAMES):
            people = await self._known(names[first : first + MOST_NAMES])
            found += [PersonFacts(UUID(person.name.removeprefix("people/")), person.department) for person in people]
        return found

    async def _known(self, names: Sequence[str]) -> list[identity_pb2.Person]:
        """Identity answers for all or for none, so an unknown name is found by halving."""
        try:
            answer = await self._as_feed.BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=names))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
            half = len(names) // 2
            return [*await self._known(names[:half]), *await self._known(names[half:])] if half else []
        return list(answer.people)

    async def people(self, people: Collection[UUID]) -> dict[UUID, identity_pb2.Person]:
        """At most 500 people as identity knows them, for what is sent to them; whom it does not know is left out."""
        found = await self._known([f"people/{person}" for person in people])
        return {UUID(person.name.removeprefix("people/")): person for person in found}


class Reporters:
    """Moderation, asked in feed's own name whom to tell what became of a report."""

    def __init__(self, resources: Resources) -> None:
        api = moderation_pb2.DESCRIPTOR.services_by_name["ModerationService"]
        channel = resources.neighbours.as_service("moderation", api)
        self._stub = moderation_pb2_grpc.ModerationServiceStub(channel)

    async def of(self, names: Sequence[str]) -> dict[str, UUID]:
        """Report, `reports/{report}` → who made it, of at most 500; those that are gone are left out."""
        answer = await self._stub.BatchGetReporters(moderation_pb2.BatchGetReportersRequest(names=names), timeout=2)
        return {report: UUID(name.removeprefix("people/")) for report, name in answer.reporters.items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered; `wait_seconds` is for how long it wants to be left alone, `beginning` of its text."""

    status: int
    wait_seconds: float = 0
    beginning: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it will never be there again."""
        return self.status == 410


class Receivers:
    """Addresses outside that people gave, to which feed posts: over TLS and on the internet.

    The `allowed_hosts` are exempt: names, or names with a port, or networks, such as an organisation's own systems.
    """

    def __init__(self, allowed_hosts: Collection[str]) -> None:
        self._names = {host.lower() for host in allowed_hosts}
        self._networks = [ip_network(host) for host in allowed_hosts if "/" in host]
        self._fetcher = Fetcher(allowed_hosts=allowed_hosts, seconds=RECEIVER_SECONDS, most_bytes=MOST_ANSWER_BYTES)

    def check(self, url: str, field: str) -> None:
        """BadInput for an address that is none, or of which the text alone tells that it is not posted to."""
        try:
            self._check(target(url))
        except CannotFetch:
            sentence = "It is no address that Plein posts to: a public one with https, or one that is allowed."
            raise BadInput("ADDRESS_NOT_ALLOWED", sentence, field=field) from None

    async def post(self, url: str, content: bytes, headers: Mapping[str, str], moment: datetime) -> Reply:
        """Posts once. CannotFetch when there is no answer, AddressRefused when it is not even asked."""
        self._check(target(url))
        answer = await self._fetcher.post(url, content, headers)
        beginning = answer.content.decode(errors="replace").replace("\0", "")
        return Reply(answer.status, _wait_seconds(answer, moment), beginning)

    def _check(self, goal: Target) -> None:
        if {goal.host, f"{goal.host}:{goal.port}"} & self._names:
            return
        try:
            address = ip_address(goal.host)
        except ValueError:
            fine = goal.scheme == "https"
        else:
            inside = any(address in network for network in self._networks)
            fine = inside or (goal.scheme == "https" and is_public(address))
        if not fine:
            raise AddressRefused(f"{goal.host} is not posted to.")


def _wait_seconds(answer: Fetched, moment: datetime) -> float:
    """`Retry-After` of RFC 9110, as seconds or as a date."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    try:
        return max(0.0, (parsedate_to_datetime(asked) - moment).total_seconds())
    except (ValueError, TypeError):
        return 0.0
