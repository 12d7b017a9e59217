"""A running stack as others find it: home/run/stack.json, kept up to date by whoever runs it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from chassis.neighbours import Neighbours
from chassis.viewer import ServiceSigner
from deploy.preflight import CannotStart, holder
from deploy.secrets import Secrets


@dataclass(frozen=True)
class RunningProcess:
    """One process; `pid` is None for the moment in which it is started again."""

    name: str
    pid: int | None
    address: str
    probe: str
    restarts: int


@dataclass(frozen=True)
class Stack:
    """Where everything of a stack is. `ready` once all of it works and the demonstration is in it."""

    home: Path
    port: int
    grpc_port: int
    public_url: str
    supervisor_pid: int
    ready: bool
    neighbours: Mapping[str, str]
    processes: tuple[RunningProcess, ...]

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.home / "secrets")

    @property
    def media_url(self) -> str:
        return (self.home / "media").as_uri()

    @property
    def checkpoints_url(self) -> str:
        """Where checkpoints of the audit log are."""
        return (self.home / "audit").as_uri()

    def as_operator(self) -> Neighbours:
        """Channels to the services in the name of whoever runs the command line. The caller closes them."""
        return Neighbours(dict(self.neighbours), ServiceSigner("operator", self.secrets.service_key("operator")))

    def write(self) -> None:
        """Replaces the file at once, so that a reader never sees half of it."""
        draft = _file(self.home).with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), default=str, indent=2))
        draft.replace(_file(self.home))


def running(home: Path) -> Stack:
    """The stack that runs from a folder; CannotStart when none does."""
    pid = holder(home)
    if pid is None or not _file(home).is_file():
        raise CannotStart(f"Plein does not run from {home}: start it with `plein up`.")
    written = json.loads(_file(home).read_text())
    processes = tuple(RunningProcess(**process) for process in written.pop("processes"))
    return Stack(**(written | {"home": Path(written["home"]), "processes": processes}))


def forget(home: Path) -> None:
    """Removes what is written about a stack that does not run any more."""
    _file(home).unlink(missing_ok=True)


def _file(home: Path) -> Path:
    return home / "run" / "stack.json"
