"""The command line: `plein up`, `status`, `down`, `logs` and what else is added here, one line for each."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from deploy import health
from deploy import logs as log_files
from deploy.commands import accounts as account_commands
from deploy.commands import auditing as audit_commands
from deploy.commands import erasing as erasing_commands
from deploy.commands import people as people_commands
from deploy.commands import rebuilding as rebuilding_commands
from deploy.options import DEFAULT_HOME, Home
from deploy.preflight import CannotStart, holder, require_folder
from deploy.screen import Terminal
from deploy.stack import Stack, running
from deploy.up import run

app = typer.Typer(help="Runs Plein on this machine.", no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(people_commands.imports, name="import")
app.add_typer(account_commands.accounts, name="accounts")
app.add_typer(audit_commands.audit, name="audit")
app.add_typer(rebuilding_commands.rebuild, name="rebuild")
app.command()(people_commands.invite)
app.command()(erasing_commands.erase)

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

NOT_RUNNING = 3
DOWN_SECONDS = 10.0
POLL_SECONDS = 0.1


@app.command()
def up(
    home: Home = DEFAULT_HOME,
    port: Annotated[int, typer.Option(help="Where the site is; gRPC is at the next port.", min=1, max=65534)] = 8080,
    people: Annotated[int, typer.Option(help="How many people the demonstration company has.", min=0)] = 300,
    empty: Annotated[bool, typer.Option("--empty", help="Start without the demonstration company.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it works, and leave it running.")] = False,
) -> None:
    """Start everything and keep it running. State stays in the folder of --home."""
    count = 0 if empty else people
    if detach:
        _detach(home, port, count)
    else:
        _stay(home, port, count)


@app.command()
def status(
    home: Home = DEFAULT_HOME,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the processes and whether they work. The exit code is 3 when Plein does not run."""
    try:
        stack = running(home)
    except CannotStart as reason:
        console.print(json.dumps({"running": False}) if as_json else str(reason), soft_wrap=True)
        raise typer.Exit(NOT_RUNNING) from None
    healthy = asyncio.run(_healthy(stack))
    if as_json:
        print(json.dumps({"running": True, **_described(stack, healthy)}, indent=2))
    else:
        console.print(_table(stack, healthy))


@app.command()
def down(home: Home = DEFAULT_HOME) -> None:
    """Stop everything, within ten seconds."""
    pid = holder(home)
    if pid is None:
        console.print(f"Plein does not run from {home}.", soft_wrap=True)
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while holder(home) == pid:
        if time.monotonic() > deadline:
            # What it started ends with it.
            os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    console.print("Plein has stopped.")


@app.command()
def logs(
    process: Annotated[str | None, typer.Argument(help="One process, such as feed; otherwise all.")] = None,
    home: Home = DEFAULT_HOME,
    lines: Annotated[int, typer.Option(help="How many of the last lines of each.", min=0)] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
) -> None:
    """Show what the processes wrote."""
    files = log_files.of(home / "logs", process)
    if not files:
        _refuse(f"There is no log of {process or 'any process'} in {home / 'logs'}.")
    for file in files:
        for line in log_files.last_lines(file, lines):
            _print_line(file, line)
    if follow:
        for file, line in log_files.followed(files):
            _print_line(file, line)


def _stay(home: Path, port: int, people: int) -> None:
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_level=False, show_path=False)],
    )
    try:
        with Terminal(console) as screen:
            asyncio.run(run(home, port, people, screen))
    except asyncio.CancelledError:
        console.print("Plein has stopped.")
    except CannotStart as reason:
        _refuse(str(reason))


def _detach(home: Path, port: int, people: int) -> None:
    """Runs `plein up` in a session of its own, and shows what it writes until it is ready."""
    try:
        require_folder(home)
    except CannotStart as reason:
        _refuse(str(reason))
    log_file = home / "logs" / "supervisor.log"
    log_file.parent.mkdir(exist_ok=True)
    with log_file.open("w") as written, log_file.open() as shown:
        options = ["--home", str(home), "--port", str(port), "--people", str(people)]
        command = [sys.executable, "-P", "-m", "deploy.cli", "up", *options]
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT, start_new_session=True
        )
        while not _is_ready(home, child.pid):
            ended = child.poll() is not None
            print(shown.read(), end="", flush=True)
            if ended:
                raise typer.Exit(1)
            time.sleep(POLL_SECONDS)
        print(shown.read(), end="", flush=True)


def _is_ready(home: Path, supervisor_pid: int) -> bool:
    try:
        stack = running(home)
    except CannotStart:
        return False
    return stack.ready and stack.supervisor_pid == supervisor_pid


async def _healthy(stack: Stack) -> dict[str, bool]:
    answers = await asyncio.gather(*(health.answers(process.probe) for process in stack.processes))
    return {process.name: answer for process, answer in zip(stack.processes, answers, strict=True)}


def _described(stack: Stack, healthy: dict[str, bool]) -> dict[str, object]:
    processes = [asdict(process) | {"healthy": healthy[process.name]} for process in stack.processes]
    return asdict(stack) | {"home": str(stack.home), "processes": processes}


def _table(stack: Stack, healthy: dict[str, bool]) -> Table:
    state = "runs" if stack.ready else "starts"
    table = Table("process", "pid", "address", "health", "restarts", title=f"Plein {state} at {stack.public_url}")
    for process in stack.processes:
        works = "[green]works[/]" if healthy[process.name] else "[red]does not answer[/]"
        table.add_row(process.name, str(process.pid or "–"), process.address, works, str(process.restarts))
    return table


def _print_line(file: Path, line: str) -> None:
    console.print(f"[cyan]{file.stem:<10}[/] ", end="")
    console.print(line, markup=False, soft_wrap=True)


def _refuse(reason: str) -> NoReturn:
    errors.print(reason, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
