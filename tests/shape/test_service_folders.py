"""Who knows one service knows them all."""

from tests.shape.source import ROOMS, ROOT, SERVICES, shown

KNOWN = {
    "__init__.py",
    "service.py",
    "rpc.py",
    "reactions.py",
    "domain.py",
    "store.py",
    "tables.py",
    "wire.py",
    "neighbours.py",
    "settings.py",
    "migrations",
    # Where a file would pass 300 lines it becomes a folder, with a file for each resource.
    "rpc",
    "reactions",
    "store",
    "wire",
    "tables",
    "domain",
    "neighbours",
    # What it does by the clock: docs/decisions/0005-work-by-the-clock.md.
    "jobs",
}


def test_every_service_has_the_same_files() -> None:
    offences = [
        str(path.relative_to(ROOT))
        for service in SERVICES
        for path in sorted((ROOT / "services" / service).iterdir())
        if path.name not in KNOWN | {"__pycache__"}
    ]
    rule = (
        "A new kind of file in a service is a decision: it goes into docs/decisions/, and then into KNOWN in this test."
    )
    assert not offences, shown(rule, offences)


def test_every_service_says_what_it_owns() -> None:
    introductions = [ROOT / "services" / service / "__init__.py" for service in SERVICES + ROOMS]
    offences = [str(path.relative_to(ROOT)) for path in introductions if not path.read_text().startswith('"""')]
    assert SERVICES, "There are no services in services/."
    assert not offences, shown("A service's __init__.py tells what it owns, calls and tells others.", offences)


def test_a_service_that_is_not_built_pretends_nothing() -> None:
    offences = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sorted((ROOT / "services" / room).iterdir())
        if path.name not in {"__init__.py", "__pycache__"}
    ]
    assert not offences, shown("A service without a service.py has nothing but its __init__.py.", offences)
