"""What is in git works in every clone, on every machine."""

import re

from tests.shape.source import ROOT, files, shown

GENERATED = re.compile(r"_pb2(_grpc)?\.pyi?$|^gen/|^\.venv/|\.pyc$|\.binpb$|openapi\.json$")
RELEASED = "protos/released.binpb"

MACHINE = re.compile(r"(?<![\w.$}~/-])/(home|root|Users|work|mnt|opt)/\w")
REGISTRY = re.compile(r"\bpypi\.org|pythonhosted\.org|registry\.npmjs|index-url|find-links", re.IGNORECASE)


def test_nothing_that_is_generated_is_in_git() -> None:
    names = [str(path.relative_to(ROOT)) for path in files()]
    offences = [name for name in names if GENERATED.search(name) and name != RELEASED]
    assert not offences, shown(
        "Generated files go stale in git: `make generate` makes them, .gitignore names them.", offences
    )


def test_no_file_knows_one_machine() -> None:
    rule = "A path of one machine works on no other: begin at the clone, a setting or a temporary folder."
    offences = lines_with(MACHINE)
    assert not offences, shown(rule, offences)


def test_no_file_knows_a_package_registry() -> None:
    rule = "From where packages come is for whoever installs: name packages and hashes, never a registry."
    offences = lines_with(REGISTRY)
    assert not offences, shown(rule, offences)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """The lines of text files in which a pattern occurs, this file's own aside."""
    found = []
    for path in files():
        content = path.read_bytes()
        if b"\0" in content or str(path) == __file__:
            continue
        lines = content.decode(errors="replace").splitlines()
        place = path.relative_to(ROOT)
        found += [f"{place}:{number}" for number, line in enumerate(lines, start=1) if pattern.search(line)]
    return found
