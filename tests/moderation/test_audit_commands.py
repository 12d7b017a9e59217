"""The command line: `plein audit verify` and `plein audit checkpoint`, as those run them who have to show the log."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from chassis.testing import Secrets
from deploy.preflight import locked
from deploy.stack import Stack
from services.moderation.service import SERVICE
from tests.conftest import Start, audit_key
from tests.moderation.auditing import Tamperer

LIMIT_SECONDS = 20


@dataclass
class Shell:
    """Where the commands are run."""

    log: Tamperer
    home: Path

    async def plein(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and all that a command says."""
        command = [sys.executable, "-P", "-m", "deploy.cli", "audit", *arguments, "--home", str(self.home)]
        pipe, wide = asyncio.subprocess.PIPE, os.environ | {"COLUMNS": "200"}
        process = await asyncio.create_subprocess_exec(
            *command, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=wide
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def witnessed(self, position: int) -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            while position not in await self.log.shelf.positions():
                pass


@pytest.fixture(scope="module")
async def shell(start: Start, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shell]:
    home = tmp_path_factory.mktemp("shell") / "home"
    (home / "secrets").mkdir(parents=True)
    shutil.copy(secrets.folder / "operator.pem", home / "secrets")
    shutil.copy(audit_key(secrets), home / "secrets" / "audit.pem")
    checkpoints = (home / "audit").as_uri()
    log = Tamperer(await start(SERVICE, audit_checkpoint_url=checkpoints, audit_checkpoint_seconds=0.01))
    with locked(home):
        addresses = {"moderation": log.world.server.address}
        Stack(home, 1, 2, "http://localhost:1", os.getpid(), True, addresses, ()).write()
        yield Shell(log, home)
    await log.owner.close()


async def test_a_whole_log_is_verified_against_its_checkpoints(shell: Shell) -> None:
    await shell.log.write("cases/1", "cases/2", "cases/3")
    await shell.witnessed(3)
    assert await shell.plein("verify") == (0, "3 entries, each is what was written.\n")


async def test_the_first_bad_position_ends_it_with_exit_code_1(shell: Shell) -> None:
    async with shell.log.restoring():
        await shell.log.execute("UPDATE audit.entries SET actor = 'people/eva' WHERE position = 2")
        written = "The audit log is not what was written: position 2 is not what was written there.\n"
        assert await shell.plein("verify") == (1, written)
        await shell.log.make_anew(2)
        code, said = await shell.plein("verify")
        assert code == 1
        assert "position 2 is not what the checkpoints say, though the chain was made anew to fit." in said


async def test_a_printed_checkpoint_speaks_for_itself(shell: Shell, tmp_path: Path) -> None:
    code, token = await shell.plein("checkpoint")
    assert code == 0
    paper, public, empty = tmp_path / "paper", tmp_path / "public.pem", (tmp_path / "none").as_uri()
    paper.write_text(token)
    public.write_bytes(shell.log.key.as_pem(private=False))
    alone = ("verify", "--checkpoints", empty, "--printed", str(paper), "--public-key", str(public))
    async with shell.log.restoring():
        await shell.log.execute("DELETE FROM audit.entries WHERE position = 3")
        await shell.log.make_anew(3)
        code, said = await shell.plein(*alone)
        assert (code, "position 3 was there once, and the log ends before it" in said) == (1, True)


async def test_a_checkpoint_of_a_stranger_is_refused(shell: Shell, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(ECKey.generate_key("P-256").as_pem(private=False))
    code, said = await shell.plein("verify", "--public-key", str(stranger))
    assert (code, "was not signed with a key that is known" in said) == (1, True)
