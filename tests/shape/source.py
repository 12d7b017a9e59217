"""The project's own files, as the shape tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/service.py"))
# Laid out and not built: what they will own is told, and nothing is pretended.
ROOMS = sorted({path.parent.name for path in ROOT.glob("services/*/__init__.py")} - set(SERVICES))

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    path: Path
    text: str
    nodes: tuple[ast.AST, ...]

    def place(self, node: ast.stmt | ast.expr | None = None) -> str:
        """Where something stands, as editors and terminals link it: `chassis/calls.py:12`."""
        return f"{self.path.relative_to(ROOT)}{f':{node.lineno}' if node else ''}"


@cache
def files() -> tuple[Path, ...]:
    """Every file that is in git, or would be after `git add --all`."""
    listing = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return tuple(path for name in sorted(filter(None, names)) if (path := ROOT / name).is_file())


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Our Python modules; only those in some folders when these are given."""
    if folders:
        roots = [ROOT / folder for folder in folders]
        return tuple(module for module in modules() if any(module.path.is_relative_to(root) for root in roots))
    return tuple(read(path) for path in files() if path.suffix == ".py")


def read(path: Path) -> Module:
    text = path.read_text()
    return Module(path, text, tuple(ast.walk(ast.parse(text, str(path)))))


def functions(module: Module) -> Iterator[Function]:
    return (node for node in module.nodes if isinstance(node, Function))


def classes(module: Module) -> Iterator[ast.ClassDef]:
    return (node for node in module.nodes if isinstance(node, ast.ClassDef))


def shown(rule: str, offences: list[str]) -> str:
    """The text of a failure: the rule, what to do about it, and where it is broken."""
    return "\n".join(["", rule, *(f"  {offence}" for offence in offences)])
