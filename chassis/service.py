"""A service's process: its server with everything around it, its followers, and how it starts and stops."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import grpc
import orjson
from google.api import httpbody_pb2
from google.protobuf import empty_pb2
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc
from joserfc.jwk import KeySet
from plein.chassis.v1 import event_log_pb2, event_log_pb2_grpc, subjects_pb2_grpc

from chassis import memory, resources, telemetry
from chassis.calls import Admission, Calls, Methods, access_rules
from chassis.events import Follower, LocalSource, Reactions, RemoteSource
from chassis.problems import Problem
from chassis.resources import Resources
from chassis.settings import Settings
from chassis.subjects import SUBJECT_API, FindSubject, Subjects
from chassis.viewer import FetchKeys, Verifier

log = logging.getLogger(__name__)

EVENT_LOG_API = event_log_pb2.DESCRIPTOR.services_by_name["EventLogService"]
# All that the chassis knows of identity: where the keys are that verify people's tokens.
KEYS_METHOD = "/plein.identity.v1.IdentityService/GetKeys"
ACCESS_POLL_SECONDS = 0.25
HEALTH_POLL_SECONDS = 1.0
MOST_MESSAGE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Api:
    """One gRPC service of a .proto, the class with its methods, and the generated function that registers it."""

    descriptor: ServiceDescriptor
    servicer: Callable[[Resources], Any]
    register: Callable[[Any, Any], None]


@dataclass(frozen=True)
class Service:
    """What a service is made of: `calls` names the services that it asks, `follows` makes what hears their events.

    `background` is what it does by the clock, each until it is cancelled. `subjects` finds what can be reported of it.
    Before all that each of `checks` may refuse to let it start, by raising an error that says why.
    """

    name: str
    apis: Sequence[Api]
    settings: type[Settings] = Settings
    calls: Sequence[str] = ()
    follows: Sequence[Callable[[Resources], Reactions]] = ()
    background: Sequence[Callable[[Resources], Coroutine[Any, Any, None]]] = ()
    subjects: FindSubject | None = None
    checks: Sequence[Callable[[Resources], Coroutine[Any, Any, None]]] = ()


class Server:
    """One running service; `tasks` are what it does besides answering calls."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.address = ""
        self.resources: Resources
        self._closing = AsyncExitStack()
        self.tasks: list[asyncio.Task[None]] = []
        self._health = health.aio.HealthServicer()

    @property
    def descriptors(self) -> list[ServiceDescriptor]:
        """The gRPC services that it offers to others than followers."""
        return [*(api.descriptor for api in self.service.apis), *([SUBJECT_API] if self.service.subjects else [])]

    async def start(self) -> None:
        """Migrates the database, begins to listen and to follow. Afterwards `address` is where it listens."""
        opening = resources.opened(self.service.name, self.settings)
        self.resources = await self._closing.enter_async_context(opening)
        for check in self.service.checks:
            await check(self.resources)
        self._observer = telemetry.Observer(self.service.name, self.settings)
        admission = Admission(self._verifier(), self.resources.access)
        calls = Calls(self._observer, admission, access_rules([*self.descriptors, EVENT_LOG_API]))
        options = [("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES)]
        self._server = grpc.aio.server(options=options)
        self._register(calls)
        port = self._server.add_insecure_port(self.settings.listen_address)
        self.address = f"{self.settings.listen_address.rpartition(':')[0]}:{port}"
        await self._server.start()
        self._begin_tasks()
        memory.settle()

    async def stop(self) -> None:
        """Takes no new calls, lets the running ones end within `drain_seconds`, then closes everything."""
        await self._health.enter_graceful_shutdown()
        await self.resources.events.release()
        await self._server.stop(self.settings.drain_seconds)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self._observer.flush()
        await self._closing.aclose()

    def _verifier(self) -> Verifier:
        settings = self.settings
        return Verifier(self.service.name, settings.issuer, settings.service_jwks_file, self._people_keys())

    def _people_keys(self) -> FetchKeys:
        channel = self.resources.neighbours.as_service("identity", EVENT_LOG_API)
        ask = channel.unary_unary(
            KEYS_METHOD,
            request_serializer=empty_pb2.Empty.SerializeToString,
            response_deserializer=httpbody_pb2.HttpBody.FromString,
        )

        async def fetch() -> KeySet:
            answer = await ask(empty_pb2.Empty())
            return KeySet.import_key_set(orjson.loads(answer.data))

        return fetch

    def _register(self, calls: Calls) -> None:
        names = [api.full_name for api in (*self.descriptors, EVENT_LOG_API)]
        names += [health.SERVICE_NAME, reflection.SERVICE_NAME]
        own, common = Methods(calls.wrap), Methods()
        for api in self.service.apis:
            api.register(api.servicer(self.resources), own)
        if self.service.subjects:
            subjects = Subjects(self.resources, self.service.subjects)
            subjects_pb2_grpc.add_SubjectServiceServicer_to_server(subjects, own)  # type: ignore[arg-type] # it takes anything with its two methods
        event_log_pb2_grpc.add_EventLogServiceServicer_to_server(self.resources.events.servicer, own)  # type: ignore[arg-type] # it takes anything with its two methods
        health_pb2_grpc.add_HealthServicer_to_server(self._health, common)  # type: ignore[arg-type] # as above
        reflecting = reflection.aio.ReflectionServicer(names)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(reflecting, common)  # type: ignore[no-untyped-call] # it is generated without types
        self._server.add_generic_rpc_handlers([own, common])

    def _begin_tasks(self) -> None:
        for make in self.service.follows:
            reactions = make(self.resources)
            if reactions.source not in self.settings.neighbours and reactions.may_be_absent:
                log.info("%s is not followed: this installation does without it", reactions.source)
                continue
            follower = Follower(self._source(reactions.source), self.resources.database, reactions)
            self.resources.followers[follower.name] = follower
            self._begin(follower.run())
        self.resources.access.groups_heard = self._groups_heard()
        for work in (self._keep_access_fresh, self._tell_health, memory.keep_small):
            self._begin(work())
        for background in self.service.background:
            self._begin(background(self.resources))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_log_death)
        self.tasks.append(task)

    def _source(self, name: str) -> LocalSource | RemoteSource:
        if name == self.service.name:
            return LocalSource(self.resources.events)
        channel = self.resources.neighbours.as_service(name, EVENT_LOG_API)
        return RemoteSource(event_log_pb2_grpc.EventLogServiceStub(channel))

    def _groups_heard(self) -> Callable[[], float]:
        """What tells when all that groups had told was last taken in. Groups itself has nothing to hear."""
        if self.service.name == "groups":
            return time.monotonic
        following = [follower for follower in self.followers if follower.source_name == "groups"]
        return lambda: min([follower.caught_up_at for follower in following], default=float("-inf"))

    @property
    def followers(self) -> list[Follower]:
        """Those of the logs that it follows."""
        return list(self.resources.followers.values())

    async def _keep_access_fresh(self) -> None:
        """Takes in what another process of this service wrote into the replica, and when identity was last heard."""
        while True:
            self.resources.access.heard_at = self.resources.heard_at("identity")
            try:
                await self.resources.access.refresh(self.resources.database)
            except Problem as problem:
                log.warning("The access replica was not refreshed: %s", problem)
            await asyncio.sleep(ACCESS_POLL_SECONDS)

    async def _tell_health(self) -> None:
        """Healthy means: the database answers and no followed log has diverged. One missed answer is forgiven."""
        missed = 0
        while True:
            missed = 0 if await self._works() else missed + 1
            state = health_pb2.HealthCheckResponse
            await self._health.set("", state.SERVING if missed < 2 else state.NOT_SERVING)
            await asyncio.sleep(HEALTH_POLL_SECONDS)

    async def _works(self) -> bool:
        if any(follower.diverged for follower in self.followers):
            return False
        try:
            await self.resources.database.peek("SELECT 1")
        except Problem:
            return False
        return True


def _log_death(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception():
        log.critical("A background task ended", exc_info=task.exception())


async def serve(service: Service, settings: Settings) -> None:
    """Runs a service until SIGTERM or SIGINT, then drains it."""
    telemetry.start(service.name, settings)
    ended = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    server = Server(service, settings)
    await server.start()
    log.info("%s listens on %s", service.name, server.address)
    await ended.wait()
    await server.stop()
