"""How commands end: with what came of them, or with one sentence and exit code 1."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import NoReturn, TypeVar

import grpc
import typer
from rich.console import Console

from deploy.preflight import CannotStart

errors = Console(stderr=True, highlight=False)
Outcome = TypeVar("Outcome")


def completed(work: Coroutine[None, None, Outcome]) -> Outcome:
    """Runs it; what makes it impossible ends the command with one sentence."""
    try:
        return asyncio.run(work)
    except CannotStart as reason:
        refuse(str(reason))
    except grpc.aio.AioRpcError as error:
        refuse(error.details() or error.code().name)


def refuse(reason: str) -> NoReturn:
    sys.stdout.flush()
    errors.print(reason, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1)
