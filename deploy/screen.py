"""What `plein up` shows, on a terminal or in a log."""

import time
from typing import Self

from rich.console import Console
from rich.panel import Panel

from deploy.options import DEFAULT_HOME
from deploy.stack import Stack
from deploy.up import Demonstration

PROGRAM = ".venv/bin/plein"  # as it is called from the project's folder


class Terminal:
    """Shows how a stack starts: a line for each process that works, then where it is and how to get in."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._status = console.status("Plein starts")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def works(self, process: str) -> None:
        seconds = time.monotonic() - self._started
        self._console.print(f"[green]✓[/] {process:<12}[dim]{seconds:5.1f} s[/]")

    def loads(self, what: str, done: int, total: int) -> None:
        self._status.update(f"The demonstration company moves in: {what} {done} of {total}")

    def ready(self, stack: Stack, demonstration: Demonstration | None) -> None:
        self._status.stop()
        lines = [f"Plein runs at [bold]{stack.public_url}[/]  [dim](gRPC at localhost:{stack.grpc_port})[/]"]
        if demonstration:
            handles = ", ".join(f"[bold]{account.handle}[/]" for account in demonstration.accounts)
            lines += ["", f"Sign in as {handles}", f"with the password [bold]{demonstration.password}[/]"]
        option = "" if stack.home == DEFAULT_HOME else f" --home {stack.home}"
        stop = "Ctrl-C" if self._console.is_terminal else f"{PROGRAM} down{option}"
        lines += ["", f"[bold]{stop}[/] stops it; {PROGRAM} status{option} and {PROGRAM} logs{option} tell more."]
        self._console.print(Panel("\n".join(lines), expand=False))

    def stops(self) -> None:
        self._status.stop()
        self._console.print("Plein stops")
