import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def test_the_status_of_nothing_has_exit_code_3(runner: CliRunner, home: Path) -> None:
    told = runner.invoke(app, ["status", "--home", str(home)])
    assert told.exit_code == 3
    assert told.output == f"Plein does not run from {home}: start it with `plein up`.\n"


def test_programs_are_told_too_that_nothing_runs(runner: CliRunner, home: Path) -> None:
    told = runner.invoke(app, ["status", "--json", "--home", str(home)])
    assert (told.exit_code, json.loads(told.output)) == (3, {"running": False})


def test_stopping_nothing_is_no_error(runner: CliRunner, home: Path) -> None:
    told = runner.invoke(app, ["down", "--home", str(home)])
    assert (told.exit_code, told.output) == (0, f"Plein does not run from {home}.\n")


@pytest.mark.parametrize("options", [[], ["--detach"]])
def test_a_start_that_is_refused_says_why_in_one_line(runner: CliRunner, home: Path, options: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = runner.invoke(app, ["up", "--empty", "--home", str(home), "--port", str(port), *options])
    assert told.exit_code == 1
    assert f"Port {port} is in use by another program: choose another with --port.\n" in told.output


def test_logs_are_shown_with_the_names_of_their_processes(runner: CliRunner, home: Path) -> None:
    (home / "logs").mkdir()
    (home / "logs" / "feed.log").write_text("one\ntwo [not markup]\nthree\n")
    told = runner.invoke(app, ["logs", "feed", "--lines", "2", "--home", str(home)])
    assert told.output.splitlines() == ["feed       two [not markup]", "feed       three"]


def test_a_log_that_is_not_there_is_told(runner: CliRunner, home: Path) -> None:
    told = runner.invoke(app, ["logs", "fed", "--home", str(home)])
    assert told.exit_code == 1
    assert told.output.startswith("There is no log of fed in ")
