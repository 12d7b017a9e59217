"""`plein rebuild`: works out again what a service derives from facts. Talks to the running stack as `operator`."""

from collections import Counter
from pathlib import Path

import typer
from google.protobuf.descriptor import ServiceDescriptor
from plein.feed.v1 import own_data_pb2, own_data_pb2_grpc
from rich.console import Console
from rich.table import Table

from deploy.commands.ending import completed
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

rebuild = typer.Typer(help="Work out again what is derived from facts.", no_args_is_help=True)
console = Console(highlight=False)

OWN_DATA: ServiceDescriptor = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]


@rebuild.callback()
def _by_service() -> None:
    """Lets the command be named after its service though it is the only one."""


@rebuild.command("feed")
def feed(home: Home = DEFAULT_HOME) -> None:
    """Correct counts, tags, search, cards and the cache of feed, while people use it, and show what was wrong."""
    completed(_feed(home))


async def _feed(home: Path) -> None:
    neighbours = running(home).as_operator()
    request, posts, wrong, done = own_data_pb2.RebuildDerivedRequest(), 0, Counter[str](), False
    try:
        stub = own_data_pb2_grpc.OwnDataServiceStub(neighbours.as_service("feed", OWN_DATA))
        with console.status("Looking …") as status:
            while not done:
                async for progress in stub.RebuildDerived(request):
                    status.update(f"{posts + progress.examined_post_count} posts")
                posts, done, request.after = posts + progress.examined_post_count, progress.done, progress.last_post
                wrong.update({found.table: found.wrong_count for found in progress.tables})
    finally:
        await neighbours.close()
    table = Table("table", "rows that were wrong", title=f"{posts} posts, and the cache")
    for name, count in wrong.items():
        table.add_row(name, str(count))
    console.print(table)
