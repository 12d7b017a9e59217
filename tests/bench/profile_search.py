"""The directory of 20,000 people: how fast they come in, with photos, and are found while a name is typed."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from plein.chassis.v1.audience_pb2 import PersonAccessChanged, WorkerKind
from plein.identity.v1 import events_pb2, identity_pb2
from plein.profile.v1 import profile_pb2, profile_pb2_grpc
from uuid_utils.compat import uuid7

from chassis.testing import Person, Secrets, World, running
from deploy import postgres, valkey
from deploy.demo import company
from deploy.local import free_ports
from deploy.supervisor import Supervisor
from services.profile.service import SERVICE
from tests.bench import photos
from tests.bench.figures import Figure, Figures, p, show

PEOPLE, QUERIES = 20_000, 600
LONGEST_QUERY = 8
TYPOS = 0.25
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
BATCH_GET_PEOPLE = "/plein.identity.v1.IdentityService/BatchGetPeople"


async def measure(found: Figures) -> None:
    """Everybody comes in; then somebody types, first freely and then with a barrier before a part of the people."""
    staff = {person.name: person for person in _staff()}
    async with _world(staff) as world:
        began = time.perf_counter()
        await _come_in(world, staff)
        found["20,000 profiles in, from their events"] = Figure(time.perf_counter() - began, "s", 60)
        viewer = await world.person("viewer", segments=["network"])
        queries = list(_queries(list(staff.values())))
        free = await _typed(world, viewer, queries)
        await world.bar(company.BARRIER)
        barred = await _typed(world, viewer, queries)
        for name, times in (("people search", free), ("people search behind a barrier", barred)):
            found[f"{name}, 20,000 people, p50"] = Figure(p(times, 50) * 1000, "ms")
            found[f"{name}, 20,000 people, p95"] = Figure(p(times, 95) * 1000, "ms", 50)
        await photos.measure(world, list(staff), found)


def _staff() -> Iterator[identity_pb2.Person]:
    names: dict[str, str] = {}
    for person in company.company(PEOPLE, today=date(2026, 3, 2)).people:
        name = names[person.personnel_number] = f"people/{uuid7()}"
        yield identity_pb2.Person(
            name=name,
            handle=person.handle,
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            kind=WorkerKind.Value(f"WORKER_KIND_{person.kind}"),
            department=person.department,
            title=person.title,
            manager=names.get(person.manager, ""),
            location=person.location,
            phone=person.phone,
            segments=person.segments,
            status=identity_pb2.PERSON_STATUS_ACTIVE,
        )


async def _come_in(world: World, staff: Mapping[str, identity_pb2.Person]) -> None:
    for name, person in staff.items():
        access = PersonAccessChanged(person=name, kind=person.kind, segments=person.segments, active=True)
        await world.identity_log.tell(name, access, events_pb2.PersonChanged(person=name))
    await world.server.followers[0].caught_up(300)


def _queries(staff: Sequence[identity_pb2.Person]) -> Iterator[str]:
    """What is typed of a given name, a family name or both, as far as it is typed; some of it wrongly."""
    chance = Random("directory")
    for _ in range(QUERIES):
        person = chance.choice(staff)
        whole = f"{person.given_name} {person.family_name}"
        typed = chance.choice([person.given_name, person.family_name, whole])[: chance.randint(1, LONGEST_QUERY)]
        yield _wrong(typed, chance) if len(typed) > 3 and chance.random() < TYPOS else typed


def _wrong(typed: str, chance: Random) -> str:
    """One letter too many, too few, or another one, or two that changed places."""
    place = chance.randrange(1, len(typed) - 1)
    before, letter, after = typed[:place], typed[place], typed[place + 1 :]
    another = chance.choice(ALPHABET)
    wrong = [before + another + letter + after, before + after, before + another + after]
    return chance.choice([*wrong, before + after[0] + letter + after[1:]])


async def _typed(world: World, viewer: Person, queries: Sequence[str]) -> list[float]:
    """Seconds for each answer."""
    channel = world.channel(viewer)
    calls, times = profile_pb2_grpc.ProfileServiceStub(channel), []
    for query in queries:
        began = time.perf_counter()
        await calls.SearchProfiles(profile_pb2.SearchProfilesRequest(query=query))
        times.append(time.perf_counter() - began)
    await channel.close()
    return times


@asynccontextmanager
async def _world(staff: Mapping[str, identity_pb2.Person]) -> AsyncIterator[World]:
    """The service alone, beside an identity that knows the staff."""

    def batch(request: identity_pb2.BatchGetPeopleRequest) -> identity_pb2.BatchGetPeopleResponse:
        return identity_pb2.BatchGetPeopleResponse(people=[staff[name] for name in request.names])

    answers: Any = {BATCH_GET_PEOPLE: (identity_pb2.BatchGetPeopleRequest, batch)}
    with tempfile.TemporaryDirectory(prefix="plein-bench-") as name:
        folder = Path(name)
        secrets, passwords = Secrets(folder), _passwords(folder)
        ports = [f"127.0.0.1:{port}" for port in free_ports(2)]
        server = postgres.prepared(folder, ports[0], folder / "superuser")
        processes = [
            server.process({"profile": folder / "profile"}),
            valkey.process(folder / "cache", ports[1], folder / "valkey"),
        ]
        supervisor = Supervisor(processes, folder / "logs")
        await supervisor.start()
        try:
            database = f"postgresql+psycopg://profile:{passwords['profile']}@{ports[0]}/profile"
            cache = f"redis://:{passwords['valkey']}@{ports[1]}/0"
            async with running(SERVICE, secrets, database, cache, answers, media_url=f"file://{folder}/media") as world:
                yield world
        finally:
            await supervisor.stop()


def _passwords(folder: Path) -> dict[str, str]:
    """Of all who need one, each in a file of its name."""
    passwords = {name: uuid7().hex for name in ("superuser", "profile", "valkey")}
    for name, password in passwords.items():
        (folder / name).write_text(password)
    folder.chmod(0o755)
    return passwords


async def main() -> None:
    found: Figures = {}
    await measure(found)
    show(found)


if __name__ == "__main__":
    asyncio.run(main())
