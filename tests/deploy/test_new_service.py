"""A new service takes two steps, as docs/new-service.md says: taken here in a copy of the project."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2

from chassis.testing import Secrets
from chassis.viewer import ServiceSigner
from deploy.local import free_ports
from deploy.supervisor import Process, Supervisor
from tests.conftest import Caches, Databases

ROOT = Path(__file__).parents[2]
METHOD = "/plein.greetings.v1.GreetingsService/GetGreeting"
NAME_AND_DUTCH = b"\n\x0cgreetings/nl"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as it is committed, after the two steps."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    project = tmp_path / "project"
    for name in files.stdout.splitlines():
        if (ROOT / name).is_file():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, project / name)
    shutil.copytree(project / "docs" / "greetings", project, dirs_exist_ok=True)
    plan = project / "deploy" / "local.py"
    plan.write_text(plan.read_text().replace("NEIGHBOURS = {", 'NEIGHBOURS = {\n    "greetings": ["identity"],'))
    return project


@pytest.fixture
async def address(copy: Path, postgres: Databases, valkey: Caches, tmp_path: Path) -> AsyncIterator[str]:
    """Where the new service listens, with generated code of its own."""
    environment = _of(copy)
    subprocess.run([sys.executable, "-m", "deploy.build.generate"], cwd=copy, env=environment, check=True)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    settings = Secrets(tmp_path, ("greetings", "operator")).settings("greetings")
    environment |= {name.upper(): str(value) for name, value in settings.items()}
    environment |= {"LISTEN_ADDRESS": address, "NEIGHBOURS": f'{{"identity": "{address}"}}', "DRAIN_SECONDS": "0"}
    environment |= {"DATABASE_URL": await postgres.fresh(), "REDIS_URL": valkey.fresh()}
    command = [sys.executable, "-m", "services", "greetings"]
    process = Process("greetings", command, address, f"grpc://{address}", environment)
    supervisor = Supervisor([process], tmp_path / "logs")
    await supervisor.start()
    yield address
    await supervisor.stop()


async def test_it_is_planned_started_and_called(address: str, copy: Path, tmp_path: Path) -> None:
    planned = "from pathlib import Path; from deploy.local import plan; print(plan(Path('home'), 1).services)"
    command = [sys.executable, "-c", planned]
    said = subprocess.run(command, cwd=copy, env=_of(copy), capture_output=True, text=True, check=True)
    assert "greetings" in said.stdout
    token = ServiceSigner("operator", tmp_path / "operator.pem").token("greetings")
    async with grpc.aio.insecure_channel(address) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
        assert b"Goedendag" in await ask(NAME_AND_DUTCH, metadata=(("authorization", f"Bearer {token}"),))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(empty_pb2.Empty().SerializeToString())
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def _of(copy: Path) -> dict[str, str]:
    """An environment in which Python finds the copy's modules and not the project's."""
    return {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{copy / 'gen'}"}
