"""A stack of its own for the bench, and two edges without limits: before the services, and before a constant answer."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from deploy import envoy
from deploy.local import ISSUER, free_ports
from deploy.stack import Stack, running
from deploy.supervisor import Process, Supervisor
from gateway.edge import EdgePlan, Limit
from tests.bench.pages import Page, written

PLEIN = Path(sys.executable).with_name("plein")
# By its file: in another folder Python finds a package of the name of our tests first.
CONSTANT = Path(__file__).with_name("constant.py")
ROOMY = Limit(requests=1_000_000, seconds=1, burst=1_000_000)
PEOPLE = 300
HOME = "/plein.feed.v1.FeedService/ListHomePosts"
CREATE = "/plein.feed.v1.FeedService/CreatePost"


@dataclass(frozen=True)
class Edge:
    """One Envoy: JSON on `http`, gRPC on `grpc`."""

    http: str
    grpc: str
    process: Process


@dataclass(frozen=True)
class Bench:
    """What is measured: a stack with the demonstration company, somebody in it, and what it is compared with.

    `home` is the first page of that person's home. `pages` are what somebody else wrote and reads, whose token
    `pages_token` is.
    """

    folder: Path
    stack: Stack
    edge: Edge
    constant: str
    constant_edge: Edge
    token: str
    home: feed_pb2.ListHomePostsResponse
    pages: Mapping[str, Page]
    pages_token: str


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Starts everything, and stops it at the end."""
    with enterable_folder() as folder, _stack(folder / "home") as stack:
        token, pages_token = await _token(stack, 0), await _token(stack, 1)
        pages = await written(stack, pages_token)
        home = await _home(stack, token)
        constant_answer = home.SerializeToString()
        answers = {HOME: constant_answer, CREATE: constant_answer}
        answers |= {page.method: page.answer for page in pages.values()}
        constant = f"127.0.0.1:{free_ports(1)[0]}"
        command: list[str | Path] = [sys.executable, "-P", CONSTANT, constant, *_files(folder, answers)]
        services = dict(stack.neighbours)
        edge = _edge("edge", folder, stack, services)
        constant_edge = _edge("constant-edge", folder, stack, services | dict.fromkeys(("feed", "blog"), constant))
        answering = Process("constant", command, constant, f"grpc://{constant}", os.environ)
        supervisor = Supervisor([answering, edge.process, constant_edge.process], folder / "logs")
        await supervisor.start()
        try:
            yield Bench(folder, stack, edge, constant, constant_edge, token, home, pages, pages_token)
        finally:
            await supervisor.stop()


@contextmanager
def enterable_folder() -> Iterator[Path]:
    """A folder that PostgreSQL can enter when it runs as `nobody`."""
    with tempfile.TemporaryDirectory(prefix="plein-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def _stack(home: Path) -> Iterator[Stack]:
    _plein("up", "--detach", "--port", str(free_ports(1)[0]), "--home", str(home), "--people", str(PEOPLE))
    try:
        yield running(home)
    finally:
        _plein("down", "--home", str(home))


def _edge(name: str, folder: Path, stack: Stack, services: dict[str, str]) -> Edge:
    http, grpc_port, admin = free_ports(3)
    plan = EdgePlan(
        port=http,
        grpc_port=grpc_port,
        admin_port=admin,
        services=services,
        web=next(process.address for process in stack.processes if process.name == "web"),
        issuer=ISSUER,
        person_limit=ROOMY,
        address_limit=ROOMY,
    )
    process = replace(envoy.process(folder / name, plan, after=("constant",)), name=name)
    process = replace(process, probe=f"http://127.0.0.1:{http}/healthz")
    return Edge(f"127.0.0.1:{http}", f"127.0.0.1:{grpc_port}", process)


def _files(folder: Path, answers: Mapping[str, bytes]) -> list[str]:
    """What the constant server is told: METHOD=FILE, of files that are written here."""
    said = []
    for number, (method, answer) in enumerate(answers.items()):
        (folder / f"{number}.bin").write_bytes(answer)
        said.append(f"{method}={folder / f'{number}.bin'}")
    return said


async def _token(stack: Stack, number: int) -> str:
    """An access token of one of the demonstration's accounts."""
    demonstration = json.loads((stack.home / "demo.json").read_text())
    login, password = demonstration["accounts"][number]["handle"], demonstration["password"]
    async with grpc.aio.insecure_channel(stack.neighbours["identity"]) as channel:
        identity = identity_pb2_grpc.IdentityServiceStub(channel)
        tokens = await identity.SignIn(identity_pb2.SignInRequest(login=login, password=password))
    return tokens.access_token


async def _home(stack: Stack, token: str) -> feed_pb2.ListHomePostsResponse:
    """A full page of home."""
    async with grpc.aio.insecure_channel(stack.neighbours["feed"]) as channel:
        feed = feed_pb2_grpc.FeedServiceStub(channel)
        metadata = (("authorization", f"Bearer {token}"),)
        page = await feed.ListHomePosts(feed_pb2.ListHomePostsRequest(), metadata=metadata)
    if len(page.posts) != 20:
        sys.exit(f"The home to measure should have a full page and has {len(page.posts)} posts.")
    return page


def _plein(*arguments: str) -> None:
    environment = os.environ | {"ACCESS_TOKEN_SECONDS": "3600"}
    done = subprocess.run([PLEIN, *arguments], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(f"plein {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
