from pathlib import Path

import pytest

from deploy import local
from deploy.local import NEIGHBOURS, Plan
from deploy.supervisor import Process
from services.__main__ import names, service

PORT = 8080


@pytest.fixture
def plan(home: Path) -> Plan:
    made = local.plan(home, PORT)
    made.secrets.make(made.services)
    return made


@pytest.fixture
def processes(plan: Plan) -> list[Process]:
    return local.processes(plan)


def test_every_service_runs(plan: Plan) -> None:
    assert sorted(plan.services) == names()


@pytest.mark.parametrize("name", names())
def test_a_service_knows_whom_it_asks_and_follows(name: str) -> None:
    asked = {*service(name).calls, *(getattr(reactions, "source", "") for reactions in service(name).follows)}
    assert asked <= {name, *NEIGHBOURS[name]}


def test_no_secret_is_in_arguments_or_environment(plan: Plan, processes: list[Process]) -> None:
    secrets = [path.read_text().strip() for path in plan.secrets.folder.rglob("*") if path.is_file()]
    told = "\n".join(str(part) for one in processes for part in (*one.command, *one.environment.values()))
    assert [secret for secret in secrets if secret in told] == []


def test_what_a_service_compiles_is_kept_whatever_the_shell_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    made = local.plan(home, PORT)
    made.secrets.make(made.services)
    kept = {one.name: one.environment.get("PYTHONDONTWRITEBYTECODE") for one in local.processes(made)}
    assert {kept[name] for name in (*made.services, "web")} == {""}


def test_each_process_listens_somewhere_else(processes: list[Process]) -> None:
    addresses = [process.address for process in processes]
    assert len(set(addresses)) == len(processes)


def test_only_this_machine_is_listened_to(processes: list[Process]) -> None:
    assert {process.address.partition(":")[0] for process in processes} == {"127.0.0.1"}
