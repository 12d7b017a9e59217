"""`plein import people` and `plein invite`: how people come in. Both talk to the running stack as `operator`."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated

import typer
from google.protobuf.descriptor import ServiceDescriptor
from plein.identity.v1 import identity_pb2, identity_pb2_grpc
from plein.profile.v1 import profile_pb2, profile_pb2_grpc
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chassis.neighbours import Neighbours
from deploy.commands.ending import completed, errors, refuse
from deploy.commands.photos import Photos, TooLarge
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

imports = typer.Typer(help="Bring people in.", no_args_is_help=True)

console = Console(highlight=False)

IDENTITY: ServiceDescriptor = identity_pb2.DESCRIPTOR.services_by_name["IdentityService"]
PROFILE: ServiceDescriptor = profile_pb2.DESCRIPTOR.services_by_name["ProfileService"]
CHUNK_BYTES = 1024 * 1024
BATCH = 500
BATCH_SECONDS = 300
DONE = {
    identity_pb2.IMPORT_OUTCOME_CREATED: "[green]new[/]",
    identity_pb2.IMPORT_OUTCOME_UPDATED: "[yellow]changed[/]",
    identity_pb2.IMPORT_OUTCOME_DEPARTED: "[red]departed[/]",
}


@dataclass
class Result:
    """What came of an import; `names` are the resource names by personnel number."""

    names: dict[str, str] = field(default_factory=dict)
    bad_rows: list[identity_pb2.BadRow] = field(default_factory=list)
    summary: identity_pb2.ImportSummary = field(default_factory=identity_pb2.ImportSummary)


@imports.command("people")
def import_people(
    file: Annotated[Path, typer.Argument(help="HR's CSV, as docs/hr-import.md describes it.")],
    photos: Annotated[
        Path | None, typer.Option(help="A folder or ZIP with a <personnel_number>.jpg, .png or .webp for each.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show every change, and change nothing.")] = False,
    depart_missing: Annotated[
        bool, typer.Option("--depart-missing", help="Who is not in the file does not work here any more.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Import people from HR's file. Importing the same file again changes nothing."""
    if not file.is_file():
        refuse(f"There is no file {file}.")
    if photos and not Photos.readable(photos):
        refuse(f"{photos} is neither a folder nor a ZIP.")
    options = identity_pb2.ImportOptions(dry_run=dry_run, depart_missing=depart_missing)
    with file.open("rb") as opened:
        completed(_import(home, opened, options, photos))


def invite(
    handles: Annotated[list[str] | None, typer.Argument(metavar="[HANDLE]...", help="Whom, as in ada.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Everybody who never signed in.")] = False,
    mail: Annotated[bool, typer.Option("--mail", help="Mail the links instead of printing them.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a CSV.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Make one-time links, with which people come in and choose a password."""
    if bool(handles) == everyone:
        refuse("Name people by their handles, or all with --all.")
    wanted = {handle.removeprefix("@").lower() for handle in handles or ()}
    completed(_invite(home, wanted, mail=mail, as_csv=as_csv))


async def _import(home: Path, file: IO[bytes], options: identity_pb2.ImportOptions, photos: Path | None) -> None:
    neighbours = running(home).as_operator()
    try:
        result = await _import_people(neighbours, file, options)
        if photos:
            await _import_photos(neighbours, photos, result, options.dry_run)
    finally:
        await neighbours.close()


async def _import_people(neighbours: Neighbours, file: IO[bytes], options: identity_pb2.ImportOptions) -> Result:
    stub = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
    result, lines = Result(), sum(1 for _ in file) - 1
    file.seek(0)
    with _progress() as progress:
        task = progress.add_task("People", total=max(0, lines))
        async for answer in stub.ImportPeople(_parts(file, options)):
            if answer.WhichOneof("part") == "summary":
                result.summary.CopyFrom(answer.summary)
                progress.update(task, total=progress.tasks[task].completed)
                continue
            progress.advance(task)
            if answer.WhichOneof("part") == "bad_row":
                result.bad_rows.append(answer.bad_row)
                continue
            result.names[answer.person.personnel_number] = answer.person.name
            if options.dry_run:
                _show(progress.console, answer.person)
    _report(result, options.dry_run)
    return result


async def _parts(
    file: IO[bytes], options: identity_pb2.ImportOptions
) -> AsyncIterator[identity_pb2.ImportPeopleRequest]:
    yield identity_pb2.ImportPeopleRequest(options=options)
    while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
        yield identity_pb2.ImportPeopleRequest(chunk=chunk)


async def _import_photos(neighbours: Neighbours, path: Path, result: Result, dry_run: bool) -> None:
    with Photos(path) as photos:
        strangers = [(name, "There is nobody with this number in the file.") for name in photos.of_nobody(result.names)]
        refused = [] if dry_run else await _send_photos(neighbours, photos, result.names)
        taken = photos.count(result.names) - len(refused)
    problems = strangers + refused
    console.print(f"Photos: {taken} {'would be ' if dry_run else ''}sent, {len(problems)} with a problem.")
    _print_problems(problems)


async def _send_photos(neighbours: Neighbours, photos: Photos, names: dict[str, str]) -> list[tuple[str, str]]:
    """Sends one photo after the other; no more than a few are in memory at once."""
    stub = profile_pb2_grpc.ProfileServiceStub(neighbours.as_service("profile", PROFILE))
    problems: list[tuple[str, str]] = []
    files = {names[number]: photo for number, photo in photos.by_number.items() if names.get(number)}

    async def requests() -> AsyncIterator[profile_pb2.ImportPhotosRequest]:
        for name, photo in files.items():
            try:
                image = await asyncio.to_thread(photos.read, photo)
            except TooLarge as problem:
                problems.append((photo, str(problem)))
            else:
                yield profile_pb2.ImportPhotosRequest(person=name, image=image)

    with _progress() as progress:
        task = progress.add_task("Photos", total=len(files))
        async for answer in stub.ImportPhotos(requests()):
            progress.advance(task)
            if answer.reason:
                problems.append((files[answer.person], answer.reason))
    return problems


async def _invite(home: Path, wanted: set[str], *, mail: bool, as_csv: bool) -> None:
    neighbours = running(home).as_operator()
    try:
        stub = identity_pb2_grpc.IdentityServiceStub(neighbours.as_service("identity", IDENTITY))
        people = [person async for person in _everybody(stub) if _is_meant(person, wanted)]
        unknown = wanted - {person.handle for person in people}
        if unknown:
            refuse(f"Nobody is called {', '.join(sorted(unknown))}.")
        await _send_links(stub, people, mail=mail, as_csv=as_csv)
    finally:
        await neighbours.close()


async def _everybody(
    stub: "identity_pb2_grpc.IdentityServiceAsyncStub",
) -> AsyncIterator[identity_pb2.Person]:
    request = identity_pb2.ListPeopleRequest(page_size=BATCH)
    while True:
        page = await stub.ListPeople(request)
        for person in page.people:
            yield person
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _is_meant(person: identity_pb2.Person, wanted: set[str]) -> bool:
    return person.handle in wanted if wanted else person.status == identity_pb2.PERSON_STATUS_INVITED


async def _send_links(
    stub: "identity_pb2_grpc.IdentityServiceAsyncStub",
    people: list[identity_pb2.Person],
    *,
    mail: bool,
    as_csv: bool,
) -> None:
    by_name = {person.name: person for person in people}
    unmailed: list[tuple[str, str]] = []
    if as_csv and not mail:
        print("handle,email,link,expires")
    with _progress(errors) as progress:
        task = progress.add_task("Links", total=len(people))
        for start in range(0, len(people), BATCH):
            names = [person.name for person in people[start : start + BATCH]]
            request = identity_pb2.CreateSignInLinksRequest(people=names, mail=mail)
            answer = await stub.CreateSignInLinks(request, timeout=BATCH_SECONDS)
            for link in answer.links:
                _print_link(by_name[link.person], link, as_csv)
            unmailed += [(by_name[name].email, "The mail server refused it.") for name in answer.unmailed]
            progress.advance(task, len(names))
    if mail:
        console.print(f"{len(people) - len(unmailed)} links mailed, {len(unmailed)} refused.")
        _print_problems(unmailed)


def _print_link(person: identity_pb2.Person, link: identity_pb2.SignInLink, as_csv: bool) -> None:
    expires = link.expire_time.ToJsonString()
    if as_csv:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([person.handle, person.email, link.uri, expires])
        print(line.getvalue())
    else:
        print(f"{person.handle}  {link.uri}")


def _show(screen: Console, person: identity_pb2.ImportedPerson) -> None:
    if person.outcome in DONE:
        changes = ", ".join(
            f"{change.field} “{escape(change.before)}” → “{escape(change.after)}”" for change in person.changes
        )
        place = f"line {person.line}: " if person.line else ""
        screen.print(f"{place}{escape(person.personnel_number)} {DONE[person.outcome]} {changes}", soft_wrap=True)


def _report(result: Result, dry_run: bool) -> None:
    if result.bad_rows:
        table = Table("line", "number", "column", "reason", title="Not taken in")
        for bad in result.bad_rows:
            line = str(bad.line) if bad.line else "–"
            table.add_row(line, escape(bad.personnel_number), escape(bad.field), escape(bad.reason))
        console.print(table)
    told = result.summary
    console.print(
        f"{'A dry run, nothing was changed: ' if dry_run else ''}{told.created} new, {told.updated} changed, "
        f"{told.unchanged} unchanged, {told.departed} departed, {told.bad} bad rows.",
        soft_wrap=True,
    )


def _print_problems(problems: list[tuple[str, str]]) -> None:
    if problems:
        table = Table("which", "reason")
        for which, why in problems:
            table.add_row(escape(which), escape(why))
        console.print(table)


def _progress(screen: Console = console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=screen, transient=not screen.is_terminal)
