"""The table of services in the README is the system: what it says is what the code does."""

import ast
import re
from itertools import dropwhile, takewhile

from deploy import local
from deploy.build.catalogue import read
from services.__main__ import service
from tests.shape.source import ROOMS, ROOT, SERVICES, modules, shown

README = ROOT / "README.md"
CHANNELS = {"as_viewer", "as_service"}


def test_the_table_has_every_service() -> None:
    assert sorted(table()) == SERVICES


def test_the_table_says_who_calls_whom() -> None:
    told = {name: services_in(row["calls"]) for name, row in table().items()}
    real = {name: sorted({*service(name).calls, *followed(name)} - {name}) for name in SERVICES}
    assert told == real, "The column “calls” of the README differs from `calls` and `follows` in the services' SERVICE."


def test_on_one_machine_services_know_whom_they_call() -> None:
    known = {name: sorted(local.NEIGHBOURS[name]) for name in SERVICES}
    real = {name: sorted({*service(name).calls, *followed(name)} - {name}) for name in SERVICES}
    assert known == real, "NEIGHBOURS in deploy/local.py differs from `calls` and `follows` in the services' SERVICE."


def test_services_call_whom_they_declare() -> None:
    used = {name: sorted({called for _, called in calls_of(name)}) for name in SERVICES}
    declared = {name: sorted(service(name).calls) for name in SERVICES}
    assert used == declared, "The channels that neighbours.py opens differ from `calls` in the service's SERVICE."


def test_calls_to_others_are_in_neighbours() -> None:
    offences = [
        place
        for name in SERVICES
        for place, _ in calls_of(name)
        if not place.startswith(f"services/{name}/neighbours.py:")
    ]
    assert not offences, shown("Calls to other services are in neighbours.py and nowhere else.", offences)


def test_the_table_names_events_that_exist() -> None:
    files = read(ROOT / "gen/api.binpb").files.items()
    events = {name.rsplit(".", 1)[1] for name, file in files if file.endswith(("/events.proto", "/audience.proto"))}
    told = {event for row in table().values() for event in re.findall(r"`(\w+)`", row["publishes"])}
    assert told <= events, f"The README names events that no events.proto has: {sorted(told - events)}."


def table() -> dict[str, dict[str, str]]:
    """The rows of the README's table by service, each by the name of the column."""
    lines = dropwhile(lambda line: cells(line)[:2] != ["service", "owns"], README.read_text().splitlines())
    header, _, *rows = (cells(line) for line in takewhile(lambda line: line.startswith("|"), lines))
    return {re.sub(r"\[(.*)\]\(.*\)", r"\1", row[0]): dict(zip(header, row, strict=True)) for row in rows}


def followed(name: str) -> set[str]:
    """The services whose event log a service reads, which is a call too."""
    return {getattr(reactions, "source", f"{reactions} has no source") for reactions in service(name).follows}


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def services_in(cell: str) -> list[str]:
    """Also those that are not built yet: a service may wait for them."""
    return sorted(set(re.findall(r"\w+", cell)) & {*SERVICES, *ROOMS})


def calls_of(name: str) -> list[tuple[str, str]]:
    """The channels that a service opens to others: where, and to whom."""
    return [
        (module.place(node), str(node.args[0].value))
        for module in modules(f"services/{name}")
        for node in module.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANNELS
        if node.args and isinstance(node.args[0], ast.Constant)
    ]
