"""A stack with people who follow each other and ask for things through Envoy."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
from plein.feed.v1 import feed_pb2, feed_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from deploy.local import free_ports
from deploy.stack import Stack, running

PLEIN = Path(sys.executable).with_name("plein")
HEADER = "personnel_number,given_name,family_name,email,handle,kind,department"
PASSWORD = "welkom-op-het-plein"
TRIES = 40
TOO_OFTEN = 429
IDENTITY = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
FEED = feed_pb2.DESCRIPTOR.services_by_name["FeedService"]


@contextmanager
def empty_stack(**settings: str) -> Iterator[Stack]:
    """A stack without people, which ends with the block; `settings` are told to all services."""
    with tempfile.TemporaryDirectory(prefix="plein-chaos-") as name:
        Path(name).chmod(0o755)
        home, port = Path(name) / "home", free_ports(1)[0]
        _plein("up", "--detach", "--empty", "--port", str(port), "--home", str(home), **settings)
        try:
            yield running(home)
        finally:
            _plein("down", "--home", str(home))


@dataclass
class Crowd:
    """People by number. `follows` are (follower, followee)."""

    stack: Stack
    names: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    follows: set[tuple[int, int]] = field(default_factory=set)

    async def come_in(self, count: int, moderators: int = 0) -> None:
        """Imports so many people, and signs all of them in; the first of them are moderators."""
        rows = [f"{n:05},Persoon,Nummer{n},p{n}@crowd.example,p{n},EMPLOYEE,Plein" for n in range(count)]
        neighbours = self.stack.as_operator()
        stub = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
        names: dict[str, str] = {}
        async for answer in stub.ImportPeople(_file("\n".join([HEADER, *rows]).encode())):
            if answer.WhichOneof("part") == "person":
                names[answer.person.personnel_number] = answer.person.name
        self.names = [names[f"{n:05}"] for n in range(count)]
        for name in self.names[:moderators]:
            await stub.GrantRole(identity_pb2.GrantRoleRequest(name=name, role="moderator"))
        for start in range(0, count, 500):
            request = identity_pb2.CreateSignInLinksRequest(people=self.names[start : start + 500])
            links = (await stub.CreateSignInLinks(request, timeout=60)).links
            self.tokens += [await self._token(link.uri) for link in links]
        await neighbours.close()

    async def _token(self, uri: str) -> str:
        async with grpc.aio.insecure_channel(self.stack.neighbours["identity"]) as channel:
            stub = identity_pb2_grpc.IdentityServiceStub(channel)
            link = uri.partition("token=")[2]
            request = identity_pb2.SignInWithLinkRequest(link_token=link, new_password=PASSWORD)
            return (await stub.SignInWithLink(request)).access_token

    async def follow(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Lets people follow each other."""
        self.follows |= set(pairs)
        ordered = sorted(self.follows)

        async def requests() -> AsyncIterator[feed_pb2.ImportActivityRequest]:
            for start in range(0, len(ordered), 500):
                yield feed_pb2.ImportActivityRequest(
                    follows=[
                        feed_pb2.ImportedFollow(follower=self.names[one], followee=self.names[other])
                        for one, other in ordered[start : start + 500]
                    ]
                )

        neighbours = self.stack.as_operator()
        stub = feed_pb2_grpc.FeedServiceStub(neighbours.as_service("feed", FEED))
        answer = await stub.ImportActivity(requests())
        await neighbours.close()
        assert answer.follows_created == len(ordered), answer

    async def ask(
        self,
        http: httpx.AsyncClient,
        person: int,
        method: str,
        path: str,
        asked: Mapping[str, object] | None = None,
        known: Collection[str] = (),
    ) -> dict[str, Any]:
        """Asks until it is acknowledged: the same request again and again, as a client does.

        A refusal for one of the `known` reasons is an answer too: who asks again may hear that it was done, or that
        somebody else was first.
        """
        for _ in range(TRIES):
            try:
                answer = await http.request(method, path, json=asked, headers=self._signed(person))
            except httpx.TransportError:
                continue
            if answer.status_code == 200 or refusal(answer) in known:
                found: dict[str, Any] = answer.json()
                return found
            assert answer.status_code in (TOO_OFTEN, 499, 500, 502, 503, 504), answer.text
            await moment()
        raise AssertionError(f"{method} {path} {asked} was never acknowledged")

    async def home(self, http: httpx.AsyncClient, person: int) -> list[str]:
        """The names of all posts in a home, page by page."""
        return await self._all(http, "/v1/timelines/home/posts", person)

    async def _all(self, http: httpx.AsyncClient, path: str, person: int) -> list[str]:
        names: list[str] = []
        token = ""
        while True:
            answer = await self._page(http, f"{path}?pageSize=100&pageToken={token}", person)
            names += [post["name"] for post in answer.get("posts", [])]
            token = answer.get("nextPageToken", "")
            if not token:
                return names

    async def _page(self, http: httpx.AsyncClient, path: str, person: int) -> dict[str, Any]:
        """What is quiet answers, but not more often than the edge lets it."""
        for _ in range(TRIES):
            answer = await http.get(path, headers=self._signed(person))
            if answer.status_code != TOO_OFTEN:
                assert answer.status_code == 200, answer.text
                found: dict[str, Any] = answer.json()
                return found
            await moment()
        raise AssertionError(f"{path} is too often")

    async def wrong_homes(self, http: httpx.AsyncClient, expected: Mapping[str, Sequence[str]]) -> list[str]:
        """Who does not see what they ought to see; `expected` is by person."""
        people = [person for person, name in enumerate(self.names) if name in expected]
        homes = await asyncio.gather(*(self.home(http, person) for person in people))
        shown = {self.names[person]: home for person, home in zip(people, homes, strict=True)}
        return [person for person, home in shown.items() if home != expected[person]]

    def client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=16)
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.stack.port}", timeout=10, limits=limits)

    def _signed(self, person: int) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[person]}"}


def refusal(answer: httpx.Response) -> str:
    """The reason for which something was refused, or nothing."""
    details = answer.json().get("details", []) if "json" in answer.headers.get("content-type", "") else []
    return next((str(one["reason"]) for one in details if "reason" in one), "")


async def moment() -> None:
    """Returns after so long as a client waits before it tries again."""
    await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.25)


def pid_of(home: Path, name: str) -> int:
    """The process of that name, as it runs now."""
    pid = next(process.pid for process in running(home).processes if process.name == name)
    assert pid is not None
    return pid


async def _file(content: bytes) -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
    yield identity_pb2.ImportPeopleRequest(options=identity_pb2.ImportOptions())
    yield identity_pb2.ImportPeopleRequest(chunk=content)


def _plein(*arguments: str, **settings: str) -> None:
    environment = os.environ | settings
    done = subprocess.run([PLEIN, *arguments], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
