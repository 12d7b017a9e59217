"""`plein accounts`: how systems of the organisation come in. Talks to the running stack as `operator`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.descriptor import ServiceDescriptor
from plein.identity.v1 import accounts_pb2, accounts_pb2_grpc, identity_pb2, identity_pb2_grpc
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from chassis.neighbours import Neighbours
from deploy.commands.ending import completed, refuse
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

accounts = typer.Typer(help="Let systems in, and keep them out.", no_args_is_help=True)
console = Console(highlight=False)

IDENTITY: ServiceDescriptor = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
ACCOUNTS: ServiceDescriptor = accounts_pb2.DESCRIPTOR.services_by_name["AccountService"]
NAME_LETTERS = len("serviceAccounts/") + 36
Which = Annotated[str, typer.Argument(help="The account, as in serviceAccounts/0199….")]


@accounts.command("create")
def create(
    title: Annotated[str, typer.Argument(help="What the system is called; readers see it.")],
    owner: Annotated[str, typer.Option(help="Who answers for it: a handle, as in ada.")],
    scope: Annotated[list[str], typer.Option(help="What it may do, such as cards.write; may be repeated.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Make a service account, and show its client secret: this once."""
    completed(_create(home, title, owner.removeprefix("@").lower(), scope))


@accounts.command("list")
def show(home: Home = DEFAULT_HOME) -> None:
    """Show all service accounts."""
    completed(_show(home))


@accounts.command("disable")
def disable(account: Which, home: Home = DEFAULT_HOME) -> None:
    """Keep a service account out; its tokens stop working within seconds."""
    completed(_disable(home, account))


@accounts.command("enable")
def enable(account: Which, home: Home = DEFAULT_HOME) -> None:
    """Let a disabled service account in again."""
    completed(_enable(home, account))


@accounts.command("rotate")
def rotate(
    account: Which,
    overlap_hours: Annotated[int, typer.Option(help="How long the old secret works too.", min=0, max=168)] = 0,
    home: Home = DEFAULT_HOME,
) -> None:
    """Make a new client secret. Without --overlap-hours the old one and all tokens end."""
    completed(_rotate(home, account, overlap_hours))


async def _create(home: Path, title: str, owner: str, scopes: list[str]) -> None:
    async with _operator(home) as neighbours:
        people = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
        known = await people.ResolveHandles(identity_pb2.ResolveHandlesRequest(handles=[owner]))
        if owner not in known.people:
            refuse(f"Nobody is called {owner}.")
        account = accounts_pb2.ServiceAccount(title=title, owner=known.people[owner], scopes=scopes)
        request = accounts_pb2.CreateServiceAccountRequest(service_account=account)
        made = await _stub(neighbours).CreateServiceAccount(request)
        _print_secret(made.service_account, made.client_secret)


async def _show(home: Path) -> None:
    # Names are needed whole, to name the account in the other commands.
    table = Table(Column("account", no_wrap=True, min_width=NAME_LETTERS), "title", "owner", "scopes", "state")
    async with _operator(home) as neighbours:
        request = accounts_pb2.ListServiceAccountsRequest(page_size=200)
        while True:
            page = await _stub(neighbours).ListServiceAccounts(request)
            handles = await _handles(neighbours, {account.owner for account in page.service_accounts})
            for account in page.service_accounts:
                state = "[red]disabled[/]" if account.disabled else "[green]works[/]"
                owner, scopes = handles[account.owner], " ".join(account.scopes)
                table.add_row(account.name, escape(account.title), owner, scopes, state)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    console.print(table)


async def _disable(home: Path, name: str) -> None:
    async with _operator(home) as neighbours:
        await _stub(neighbours).DisableServiceAccount(accounts_pb2.DisableServiceAccountRequest(name=name))
    console.print(f"{name} is disabled.")


async def _enable(home: Path, name: str) -> None:
    async with _operator(home) as neighbours:
        await _stub(neighbours).EnableServiceAccount(accounts_pb2.EnableServiceAccountRequest(name=name))
    console.print(f"{name} is enabled.")


async def _rotate(home: Path, name: str, overlap_hours: int) -> None:
    async with _operator(home) as neighbours:
        request = accounts_pb2.RotateServiceAccountSecretRequest(name=name, overlap_hours=overlap_hours)
        rotated = await _stub(neighbours).RotateServiceAccountSecret(request)
        _print_secret(rotated.service_account, rotated.client_secret)


async def _handles(neighbours: Neighbours, names: set[str]) -> dict[str, str]:
    """Who is who, as in `@ada`."""
    if not names:
        return {}
    people = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
    found = await people.BatchGetPeople(identity_pb2.BatchGetPeopleRequest(names=sorted(names)))
    return {person.name: f"@{person.handle}" for person in found.people}


@asynccontextmanager
async def _operator(home: Path) -> AsyncIterator[Neighbours]:
    neighbours = running(home).as_operator()
    try:
        yield neighbours
    finally:
        await neighbours.close()


def _stub(neighbours: Neighbours) -> "accounts_pb2_grpc.AccountServiceAsyncStub":
    return accounts_pb2_grpc.AccountServiceStub(neighbours.as_service("identity", ACCOUNTS))


def _print_secret(account: accounts_pb2.ServiceAccount, secret: str) -> None:
    """For scripts as well: two lines, and no colours."""
    print(f"client id      {account.name}")
    print(f"client secret  {secret}")
