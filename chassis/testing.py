"""What the tests of every service need: the service itself on a free port, with a real database and cache, a canned
identity beside it whose event log the test writes, and people who are signed in."""

import asyncio
import base64
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet
from plein.chassis.v1 import audience_pb2, event_log_pb2, event_log_pb2_grpc
from plein.feed.v1.events_pb2 import MeetingChanged
from sqlalchemy import text
from uuid_utils.compat import uuid7

from chassis.neighbours import channel
from chassis.problems import Problem, Unavailable
from chassis.service import KEYS_METHOD, Server, Service
from chassis.status import abort
from chassis.viewer import ACCOUNTS, PEOPLE_AUDIENCE, TOKEN_TYPE, ServiceSigner

SERVICES = ("identity", "profile", "feed", "groups", "blog", "moderation", "web", "operator")
Answers = Mapping[str, tuple[type[Message], Callable[[Any], Message]]]


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in; `token` is a good access token."""

    id: UUID
    handle: str
    token: str

    @property
    def name(self) -> str:
        return f"people/{self.id}"


@dataclass(frozen=True)
class Account:
    """A service account of `owner`; `token` is a good access token."""

    id: UUID
    owner: Person
    token: str

    @property
    def name(self) -> str:
        return f"{ACCOUNTS}{self.id}"


@dataclass
class Secrets:
    """Keys as a first start makes them, in a folder of the test's own."""

    folder: Path
    services: Sequence[str] = SERVICES
    people_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "people", "alg": "ES256"}))

    def __post_init__(self) -> None:
        keys: list[Key] = []
        for name in self.services:
            key = ECKey.generate_key("P-256", {"kid": name, "alg": "ES256"})
            (self.folder / f"{name}.pem").write_bytes(key.as_pem(private=True))
            keys.append(key)
        (self.folder / "services.jwks").write_text(json.dumps(KeySet(keys).as_dict(private=False)))
        (self.folder / "sealing").write_text(base64.b64encode(os.urandom(32)).decode())

    def settings(self, service: str) -> dict[str, Any]:
        """The settings of one service that name files."""
        return {
            "service_key_file": self.folder / f"{service}.pem",
            "service_jwks_file": self.folder / "services.jwks",
            "sealing_key_file": self.folder / "sealing",
        }

    def token(self, person: UUID, *, roles: Sequence[str] = (), epoch: int = 0, issuer: str, seconds: int = 600) -> str:
        """An access token as identity signs them."""
        claims = {"sub": f"people/{person}", "sid": str(uuid4()), "roles": list(roles), "aep": epoch}
        return self._signed(claims, issuer, seconds)

    def account_token(self, account: UUID, scopes: Sequence[str], *, issuer: str, age_seconds: int = 0) -> str:
        """An access token of a service account as identity signs them."""
        claims = {"sub": f"{ACCOUNTS}{account}", "scope": " ".join(scopes), "aep": 0}
        return self._signed(claims | {"iat": int(time.time()) - age_seconds}, issuer, 600)

    def _signed(self, claims: dict[str, Any], issuer: str, seconds: int) -> str:
        now = int(time.time())
        claims = {"iss": issuer, "aud": PEOPLE_AUDIENCE, "iat": now, "exp": now + seconds} | claims
        return jwt.encode({"alg": "ES256", "typ": TOKEN_TYPE, "kid": "people"}, claims, self.people_key)


class CannedLog(event_log_pb2_grpc.EventLogServiceServicer):
    """An event log in memory, which the test writes. While it is `stalled`, it takes questions and answers none."""

    def __init__(self) -> None:
        self.events: list[event_log_pb2.Event] = []
        self.stalled = False
        self._changed = asyncio.Condition()

    async def stall(self, stalled: bool) -> None:
        """Lets nobody hear anything, as when its process is frozen; or everybody again."""
        async with self._changed:
            self.stalled = stalled
            self._changed.notify_all()

    async def tell(self, aggregate: str, *messages: Message) -> None:
        """Adds events, as if the service had committed them."""
        async with self._changed:
            for message in messages:
                self.events.append(self._event(aggregate, message))
            self._changed.notify_all()

    def _event(self, aggregate: str, message: Message) -> event_log_pb2.Event:
        position = len(self.events) + 1
        event = event_log_pb2.Event(position=position, event_id=str(uuid4()), aggregate=aggregate, version=position)
        event.type, event.payload = type(message).DESCRIPTOR.full_name, message.SerializeToString()
        event.payload_hash = sha256(event.payload).digest()
        before = self.events[-1].chain if self.events else sha256(b"genesis").digest()
        link = position.to_bytes(8, "big") + UUID(event.event_id).bytes + event.payload_hash
        event.chain = sha256(before + link).digest()
        event.write_time.GetCurrentTime()
        return event

    async def ListEvents(self, request: Any, context: Any) -> Any:
        async with self._changed:
            if len(self.events) <= request.after_position:
                try:
                    async with asyncio.timeout(request.wait_seconds):
                        await self._changed.wait()
                except TimeoutError:
                    pass
            await self._changed.wait_for(lambda: not self.stalled)
        listed = self.events[request.after_position : request.after_position + (request.page_size or 500)]
        return event_log_pb2.ListEventsResponse(events=listed, head_position=len(self.events))


@dataclass
class World:
    """A running service and the people around it."""

    server: Server
    secrets: Secrets
    logs: Mapping[str, CannedLog]
    people: dict[str, Person] = field(default_factory=dict)
    _channels: list[grpc.aio.Channel] = field(default_factory=list)

    async def person(
        self, handle: str, *, kind: str = "EMPLOYEE", segments: Sequence[str] = (), roles: Sequence[str] = ()
    ) -> Person:
        """Somebody who works here and is signed in. The service has heard of the person when this returns."""
        issuer = self.server.settings.issuer
        person_id = uuid7()
        person = Person(person_id, handle, self.secrets.token(person_id, roles=roles, issuer=issuer))
        self.people[handle] = person
        await self.access(person, kind=kind, segments=segments)
        return person

    async def access(
        self,
        person: Person,
        *,
        kind: str = "EMPLOYEE",
        segments: Sequence[str] = (),
        active: bool = True,
        epoch: int = 0,
    ) -> None:
        """Lets identity tell what decides about a person, and waits until the service has heard it."""
        change = audience_pb2.PersonAccessChanged(
            person=person.name,
            kind=audience_pb2.WorkerKind.Value(f"WORKER_KIND_{kind}"),
            segments=sorted(segments),
            active=active,
            epoch=epoch,
        )
        await self.tell(person.name, change)

    async def account(self, owner: Person, *scopes: str) -> Account:
        """A service account with a token. The service has heard of it when this returns."""
        account_id, issuer = uuid7(), self.server.settings.issuer
        account = Account(account_id, owner, self.secrets.account_token(account_id, scopes, issuer=issuer))
        await self.account_access(account, *scopes)
        return account

    async def account_access(self, account: Account, *scopes: str, active: bool = True, epoch: int = 0) -> None:
        """Lets identity tell what decides about a service account, and waits until the service has heard it."""
        change = audience_pb2.ServiceAccountAccessChanged(
            account=account.name, owner=account.owner.name, scopes=sorted(scopes), active=active, epoch=epoch
        )
        await self.tell(account.name, change)

    async def bar(self, *pairs: tuple[str, str]) -> None:
        """Lets identity tell which segments are kept apart; no pairs lift all barriers."""
        barriers = [audience_pb2.Barrier(segment=one, other_segment=other) for one, other in pairs]
        await self.tell("barrierPolicy", audience_pb2.BarriersChanged(barriers=barriers))

    async def block(self, person: Person, other: Person, *, ended: bool = False) -> None:
        """Tells a service that follows feed that one of two people blocks the other, or that none does any more."""
        one, two = sorted((person.name, other.name))
        event = MeetingChanged(person=one, other_person=two, apart=not ended)
        await self.tell(f"{one}/meeting/{two}", event, source="feed")

    @property
    def identity_log(self) -> CannedLog:
        return self.logs["identity"]

    async def tell(self, aggregate: str, *messages: Message, source: str = "identity") -> None:
        """Adds to another service's log, and waits until the service has dealt with it."""
        await self.logs[source].tell(aggregate, *messages)
        await self.caught_up(source)

    async def caught_up(self, *sources: str) -> None:
        """Waits until the service has dealt with all that these services told; without any, all whom it follows."""
        for follower in self.server.followers:
            if not sources or follower.source_name in sources:
                await follower.caught_up(10)

    def channel(self, caller: Person | Account | str | None) -> grpc.aio.Channel:
        """A channel to the service: as a person, an account, a service by its name, or without any token."""
        if caller is None:
            opened = grpc.aio.insecure_channel(self.server.address)
        elif isinstance(caller, Person | Account):
            opened = channel(self.server.address, lambda: caller.token, *self.server.descriptors)
        else:
            signer = ServiceSigner(caller, self.secrets.folder / f"{caller}.pem")
            name = self.server.service.name
            opened = channel(self.server.address, lambda: signer.token(name), *self.server.descriptors)
        self._channels.append(opened)  # a channel that only its stub holds closes itself
        return opened

    async def close(self) -> None:
        """Closes all channels to the service."""
        for opened in self._channels:
            await opened.close()

    async def clean(self) -> None:
        """Empties the service's own tables and its cache; people stay."""
        async with asyncio.timeout(20):
            while not await self._emptied():
                pass  # jobs of the service, which work at several tables at once, were in the way
        await self.server.resources.cache.slow.flushdb()

    async def _emptied(self) -> bool:
        """Whether nobody was in the way."""
        tables = "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables WHERE "
        tables += "schemaname IN ('public', 'once') AND tablename NOT LIKE '%version%'"
        try:
            async with self.server.resources.database.transaction() as tx:
                found = (await tx.execute(text(tables))).scalar_one()
                if found:
                    await tx.execute(text(f"TRUNCATE {found} CASCADE"))
        except Unavailable:
            return False
        return True


@asynccontextmanager
async def running(
    service: Service,
    secrets: Secrets,
    database_url: str,
    redis_url: str,
    answers: Answers | None = None,
    beside: Mapping[str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    """Runs a service beside canned neighbours, each with an event log that the test writes.

    `answers` cans their methods: path → (request's type, answer). Neighbours that are not canned are `beside` it, by
    name with their addresses.
    """
    real = {name: address for name, address in (beside or {}).items() if name in _neighbours(service)}
    logs = {name: CannedLog() for name in _neighbours(service) if name not in real}
    async with AsyncExitStack() as closing:
        addresses = {
            name: await closing.enter_async_context(_canned(log, secrets, answers or {})) for name, log in logs.items()
        }
        given: dict[str, Any] = {"listen_address": "127.0.0.1:0", "database_url": database_url, "redis_url": redis_url}
        given |= {"drain_seconds": 0, "neighbours": addresses | real, **secrets.settings(service.name)}
        server = Server(service, service.settings(**(given | settings)))
        await server.start()
        world = World(server, secrets, logs)
        try:
            yield world
        finally:
            await world.close()
            await server.stop()


def _neighbours(service: Service) -> list[str]:
    """Whom it asks or follows, itself only where it asks itself, as identity does for its keys."""
    followed = {reactions.source for reactions in service.follows if hasattr(reactions, "source")}
    return sorted({"identity", *service.calls, *followed - {service.name}})


@asynccontextmanager
async def _canned(log: CannedLog, secrets: Secrets, answers: Answers) -> AsyncIterator[str]:
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    event_log_pb2_grpc.add_EventLogServiceServicer_to_server(log, server)
    server.add_generic_rpc_handlers([_Canned(secrets, answers)])
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


class _Canned(grpc.GenericRpcHandler):
    """Answers as the test says, and with the keys that verify the people's tokens."""

    def __init__(self, secrets: Secrets, answers: Answers) -> None:
        keys = json.dumps(KeySet([secrets.people_key]).as_dict(private=False)).encode()
        jwks = httpbody_pb2.HttpBody(content_type="application/json", data=keys)
        self._answers: dict[str, tuple[Any, Callable[[Any], Any]]] = {KEYS_METHOD: (empty_pb2.Empty, lambda _: jwks)}
        self._answers |= answers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        if handler_call_details.method not in self._answers:
            return None
        kind, answer = self._answers[handler_call_details.method]

        async def answered(request: Message, context: Any) -> Any:
            try:
                return answer(request)
            except Problem as problem:
                return await abort(context, problem, "canned")

        return grpc.unary_unary_rpc_method_handler(answered, kind.FromString, _serialized)


def _serialized(message: Message) -> bytes:
    return message.SerializeToString()
