"""Who looks: a dozen kinds of people, on a stack of their own."""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
from PIL import Image
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from deploy.local import free_ports
from deploy.stack import Stack, running

PLEIN = Path(sys.executable).with_name("plein")
PASSWORD = "welkom-op-het-plein"
HEADER = "personnel_number,given_name,family_name,email,handle,kind,segments,department,employer,sponsor,end_date"
IDENTITY = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]

# Handle → kind, segments, roles. `ada` is on one side of the barrier, `retail` on the other.
PEOPLE = {
    "ada": ("EMPLOYEE", "network", ()),
    "colleague": ("EMPLOYEE", "network", ()),
    "retail": ("EMPLOYEE", "retail", ()),
    "employee": ("EMPLOYEE", "", ()),
    "external": ("EXTERNAL", "", ()),
    "freelancer": ("FREELANCER", "", ()),
    "blocked": ("EMPLOYEE", "", ()),
    "member": ("EMPLOYEE", "", ()),
    "left": ("EMPLOYEE", "", ()),
    "banned": ("EMPLOYEE", "", ()),
    "moderator": ("EMPLOYEE", "", ("moderator",)),
    "administrator": ("EMPLOYEE", "", ("administrator",)),
    "suspended": ("EMPLOYEE", "", ()),
}
# Without a token.
STRANGER = "stranger"
EVERYBODY = frozenset(PEOPLE)
PRESENT = EVERYBODY - {"suspended"}
EMPLOYEES = frozenset(handle for handle, (kind, _, _) in PEOPLE.items() if kind == "EMPLOYEE")
# Whom ada meets: nobody across the barrier, and nobody whom she blocked.
MEET_ADA = PRESENT - {"retail", "blocked"}


@dataclass
class Cast:
    """The stack, and who is signed in on it, by handle."""

    stack: Stack
    names: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    clients: ExitStack = field(default_factory=ExitStack)

    def ask(self, who: str, verb: str, path: str, **asked: Any) -> dict[str, Any]:
        """What somebody is answered, who has to be answered."""
        answer = self._client(who).request(verb, path, **asked)
        assert answer.status_code == 200, f"{who} {verb} {path}: {answer.status_code} {answer.text}"
        told: dict[str, Any] = answer.json()
        return told

    def post(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        """The same of a POST with a JSON body."""
        return self.ask(who, "POST", path, json=body)

    def patiently(self, who: str, path: str, **body: Any) -> dict[str, Any]:
        """The same where another service has to hear first of what was done before."""
        for _ in range(100):
            answer = self._client(who).post(path, json=body)
            if answer.status_code == 200:
                told: dict[str, Any] = answer.json()
                return told
            Event().wait(0.1)
        raise AssertionError(f"{who} POST {path}: {answer.status_code} {answer.text}")

    def crawling(self, who: str, address: str) -> httpx.AsyncClient:
        """A client that comes from an address of its own, since each address may ask only so often."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        transport = httpx.AsyncHTTPTransport(local_address=address)
        return httpx.AsyncClient(base_url=self._url, headers=headers, transport=transport, timeout=30)

    async def renew(self, who: str, http: httpx.AsyncClient) -> None:
        """Gives somebody who crawls for long another token. Who is suspended gets none, and goes on without."""
        if who in self.tokens:
            answer = await http.post("/v1/sessions:signIn", json={"login": who, "password": PASSWORD})
            if answer.status_code == 200:
                http.headers["authorization"] = f"Bearer {answer.json()['accessToken']}"

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.stack.port}"

    def _client(self, who: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        return self.clients.enter_context(httpx.Client(base_url=self._url, headers=headers, timeout=30))

    def sign_in(self, handle: str, printed: str) -> None:
        """Signs somebody in by the one-time link that was printed."""
        (row,) = csv.DictReader(printed.splitlines())
        token = row["link"].partition("token=")[2]
        answer = self.post(STRANGER, "/v1/sessions:signInWithLink", linkToken=token, newPassword=PASSWORD)
        self.tokens[handle], self.names[handle] = answer["accessToken"], answer["person"]

    def sign_in_again(self, handle: str) -> None:
        """With a token that tells the roles that somebody has by now."""
        answer = self.post(STRANGER, "/v1/sessions:signIn", login=handle, password=PASSWORD)
        self.tokens[handle] = answer["accessToken"]

    def until_refused(self, who: str, path: str) -> None:
        """Waits until somebody is not answered any more: what was decided is heard everywhere."""
        for _ in range(100):
            if self._client(who).get(path).status_code in (401, 404):
                return
            Event().wait(0.1)
        raise AssertionError(f"{who} may still ask for {path}")

    async def as_operator(self, method: str, request: Any) -> None:
        """What whoever runs the stack can do."""
        neighbours = self.stack.as_operator()
        stub = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
        await getattr(stub, method)(request)
        await neighbours.close()


@contextmanager
def stage() -> Iterator[Cast]:
    """A stack with the whole cast, which ends with the block."""
    with tempfile.TemporaryDirectory(prefix="plein-canary-") as name:
        Path(name).chmod(0o755)
        home, port = Path(name) / "home", free_ports(1)[0]
        _plein("up", "--detach", "--empty", "--port", str(port), "--home", str(home))
        try:
            file = Path(name) / "people.csv"
            file.write_text("\n".join([HEADER, *(_row(place, handle) for place, handle in enumerate(PEOPLE))]))
            photos = Path(name) / "photos"
            photos.mkdir()
            Image.new("RGB", (64, 64), "blue").save(photos / "00000.png")
            _plein("import", "people", str(file), "--photos", str(photos), "--home", str(home))
            cast = Cast(running(home))
            with cast.clients:
                for handle in PEOPLE:
                    cast.sign_in(handle, _plein("invite", handle, "--csv", "--home", str(home)))
                yield cast
        finally:
            _plein("down", "--home", str(home))


def _row(place: int, handle: str) -> str:
    kind, segments, _ = PEOPLE[handle]
    elsewhere = ",," if kind == "EMPLOYEE" else "Elders BV,00000,2029-12-31"
    email = f"{handle}@canary.example"
    return f"{place:05},{handle.capitalize()},Bewoner,{email},{handle},{kind},{segments},Plein,{elsewhere}"


def _plein(*arguments: str) -> str:
    done = subprocess.run([PLEIN, *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
