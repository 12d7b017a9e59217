"""`plein audit`: whether the audit log is what was written. Talks to the running stack as `operator`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.descriptor import ServiceDescriptor
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from plein.moderation.v1 import audit_pb2, audit_pb2_grpc
from rich.console import Console

from chassis.problems import Problem
from deploy.commands.ending import completed, refuse
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import Stack, running
from services.moderation.domain.audit import Checkpoint, Head, Verification
from services.moderation.store.checkpoints import Shelf
from services.moderation.wire.audit import Unsigned, entry_of, opened

audit = typer.Typer(help="Show that nobody changed the audit log.", no_args_is_help=True)
console = Console(highlight=False)

AUDIT: ServiceDescriptor = audit_pb2.DESCRIPTOR.services_by_name["AuditService"]


@audit.command("checkpoint")
def checkpoint(home: Home = DEFAULT_HOME) -> None:
    """Print what the chain is now, signed: to be kept where administrators of this machine cannot come."""
    completed(_print_checkpoint(home))


@audit.command("verify")
def verify(
    checkpoints: Annotated[
        list[str] | None, typer.Option(help="Where checkpoints are, file:///… or s3://…; may be repeated.")
    ] = None,
    printed: Annotated[
        list[Path] | None, typer.Option(help="A file with a checkpoint that was printed; may be repeated.")
    ] = None,
    public_key: Annotated[
        list[Path] | None, typer.Option(help="The key (PEM) that signed checkpoints; may be repeated.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Read the whole log and compare it with its checkpoints. Exit code 1 when it is not what was written."""
    completed(_verify(home, checkpoints or [], printed or [], public_key or []))


async def _print_checkpoint(home: Path) -> None:
    async with _operator(running(home)) as stub:
        print((await stub.SignAuditCheckpoint(audit_pb2.SignAuditCheckpointRequest())).token)


async def _verify(home: Path, urls: list[str], printed: list[Path], key_files: list[Path]) -> None:
    stack = running(home)
    keys = [_key(file) for file in key_files or [stack.secrets.audit_key]]
    checkpoints = await _checkpoints(urls or [stack.checkpoints_url], printed, keys)
    verification = Verification(checkpoints)
    async with _operator(stack) as stub:
        head = await read(stub, verification)
    flaw = verification.finish(head)
    if flaw:
        refuse(f"The audit log is not what was written: position {flaw.position} {flaw.sort.value}.")
    _report(verification)


async def read(stub: "audit_pb2_grpc.AuditServiceAsyncStub", verification: Verification) -> Head:
    """Lets the log be verified from its beginning; where it says that it ends."""
    request = audit_pb2.ReadAuditLogRequest()
    while True:
        page = await stub.ReadAuditLog(request)
        verification.read(map(entry_of, page.entries))
        if not page.entries or verification.flaw:
            return Head(page.head_position, page.head_chain)
        request.after_position = page.entries[-1].position


async def _checkpoints(urls: list[str], printed: list[Path], keys: list[ECKey]) -> list[Checkpoint]:
    tokens = [(str(file), file.read_text()) for file in printed]
    try:
        for url in urls:
            tokens += [(url, token) for token in await Shelf(url).tokens()]
    except Problem as problem:
        refuse(str(problem))
    found = []
    for where, token in tokens:
        try:
            found.append(opened(token, keys))
        except Unsigned:
            refuse(f"In {where} is a checkpoint that was not signed with a key that is known: {token[:60]}…")
    return found


def _key(file: Path) -> ECKey:
    try:
        return ECKey.import_key(file.read_bytes())
    except (OSError, JoseError, ValueError):
        refuse(f"{file} holds no key.")


def _report(verification: Verification) -> None:
    console.print(f"{verification.position} entries, each is what was written.")
    later = verification.position - verification.witnessed
    if later:
        console.print(f"No checkpoint tells of the newest {later} yet.")
    if verification.contradictions:
        refuse(f"Checkpoints contradict each other at {verification.contradictions} positions.")
    if verification.gaps:
        refuse(f"Checkpoints are missing: of {verification.gaps} entries before the newest one none tells.")


@asynccontextmanager
async def _operator(stack: Stack) -> "AsyncIterator[audit_pb2_grpc.AuditServiceAsyncStub]":
    neighbours = stack.as_operator()
    try:
        yield audit_pb2_grpc.AuditServiceStub(neighbours.as_service("moderation", AUDIT))
    finally:
        await neighbours.close()
