"""A whole stack, started by the command line as users start it, empty at first. Tests speak to its public port."""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from plein.identity.v1 import identity_pb2, identity_pb2_grpc

from deploy.demo import company
from deploy.demo.files import people_csv
from deploy.local import free_ports
from deploy.stack import Stack, running

PLEIN = Path(sys.executable).with_name("plein")
PASSWORD = "welkom-op-het-plein"
PEOPLE = 1000
BAD = 10


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in over HTTP."""

    name: str
    http: httpx.Client


@dataclass(frozen=True)
class Whole:
    """The stack, and what HR's file held."""

    stack: Stack
    home: Path
    company: company.Company
    imported: str

    clients: ExitStack
    addresses: Iterator[int] = field(default_factory=lambda: count(1))

    def http(self, **options: Any) -> httpx.Client:
        """A client of the public port, which is closed when the stack stops.

        Each comes from an address of its own: one address may ask, and above all sign in, only so often.
        """
        high, low = divmod(next(self.addresses), 250)
        transport = httpx.HTTPTransport(local_address=f"127.1.{high}.{low + 1}")
        url = f"http://127.0.0.1:{self.stack.port}"
        client = httpx.Client(base_url=url, timeout=20, transport=transport, **options)
        return self.clients.enter_context(client)

    def plein(self, *arguments: str) -> str:
        """What the command line prints; a failure is the test's failure."""
        done = run_plein(*arguments, "--home", str(self.home))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def member(self, handle: str) -> Member:
        """Signs somebody in by a one-time link, as on the first day."""
        (link,) = csv.DictReader(self.plein("invite", handle, "--csv").splitlines())
        asked = {"linkToken": link["link"].partition("token=")[2], "newPassword": PASSWORD}
        return self._member("/v1/sessions:signInWithLink", asked)

    def signed_in(self, handle: str) -> Member:
        """Signs in somebody who has a password."""
        return self._member("/v1/sessions:signIn", {"login": handle, "password": PASSWORD})

    def _member(self, path: str, asked: dict[str, str]) -> Member:
        http = self.http()
        answer = http.post(path, json=asked)
        assert answer.status_code == 200, answer.text
        http.headers["authorization"] = f"Bearer {answer.json()['accessToken']}"
        return Member(answer.json()["person"], http)

    async def make_administrator(self, member: Member) -> None:
        """What whoever runs the stack can do."""
        neighbours = self.stack.as_operator()
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        identity = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
        await identity.GrantRole(identity_pb2.GrantRoleRequest(name=member.name, role="administrator"))
        await neighbours.close()

    async def suspend(self, member: Member) -> None:
        """What whoever runs the stack can do as well."""
        neighbours = self.stack.as_operator()
        api = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
        identity = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", api))
        await identity.SuspendPerson(identity_pb2.SuspendPersonRequest(name=member.name))
        await neighbours.close()


@pytest.fixture(scope="package")
def whole() -> Iterator[Whole]:
    with tempfile.TemporaryDirectory(prefix="plein-whole-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home, port = folder / "home", free_ports(1)[0]
        started = run_plein("up", "--detach", "--empty", "--port", str(port), "--home", str(home))
        assert started.returncode == 0, started.stdout + started.stderr
        try:
            made = company.company(PEOPLE, today=datetime.now(UTC).date())
            imported = run_plein("import", "people", str(_hr_file(folder, made)), "--home", str(home))
            assert imported.returncode == 0, imported.stdout + imported.stderr
            with ExitStack() as clients:
                yield Whole(running(home), home, made, imported.stdout, clients)
        finally:
            run_plein("down", "--home", str(home))


def run_plein(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PLEIN, *arguments], capture_output=True, text=True, check=False, timeout=120)


def _hr_file(folder: Path, made: company.Company) -> Path:
    """A thousand rows, ten of which are spoilt in ten ways that occur."""
    rows = list(csv.reader(people_csv(made).decode().splitlines()))
    header = rows[0]
    spoilt = [
        ("email", "geen adres"),
        ("kind", "STAGIAIR"),
        ("end_date", "31-12-2026"),
        ("family_name", ""),
        ("language", "fr"),
    ]
    for index, line in enumerate(bad_lines(made)):
        field, value = spoilt[index % len(spoilt)]
        rows[line - 1][header.index(field)] = value
        if field == "end_date":
            rows[line - 1][header.index("kind")] = "FREELANCER"
    file = folder / "people.csv"
    with file.open("w", newline="") as out:
        csv.writer(out, delimiter=";").writerows(rows)
    return file


def bad_lines(made: company.Company) -> list[int]:
    """The lines of ten people on whom nobody else's row depends; the header is line 1."""
    needed = {person.manager for person in made.people} | {person.sponsor for person in made.people}
    alone = [line for line, person in enumerate(made.people, start=2) if person.personnel_number not in needed]
    return alone[50 : 50 + 20 * BAD : 20]
