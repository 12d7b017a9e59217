"""`plein erase`: forgets somebody who left. Talks to the running stack as `operator`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from plein.blog.v1 import own_data_pb2 as blog_pb2
from plein.blog.v1 import own_data_pb2_grpc as blog_grpc
from plein.feed.v1 import own_data_pb2 as feed_pb2
from plein.feed.v1 import own_data_pb2_grpc as feed_grpc
from plein.groups.v1 import own_data_pb2 as groups_pb2
from plein.groups.v1 import own_data_pb2_grpc as groups_grpc
from plein.moderation.v1 import own_data_pb2 as moderation_pb2
from plein.moderation.v1 import own_data_pb2_grpc as moderation_grpc
from rich.console import Console

from chassis.neighbours import Neighbours
from deploy.commands.ending import completed
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

console = Console(highlight=False)

# Who keeps something of people, each with an OwnDataService of the same shape.
KEEPERS: dict[str, tuple[Any, Any]] = {
    "feed": (feed_pb2, feed_grpc),
    "groups": (groups_pb2, groups_grpc),
    "blog": (blog_pb2, blog_grpc),
    "moderation": (moderation_pb2, moderation_grpc),
}
POLL_SECONDS = 0.5


def erase(
    person: Annotated[str, typer.Argument(help="Who, as in people/0199….")],
    remove: Annotated[
        bool,
        typer.Option("--remove/--anonymise", help="Whether what the person wrote goes, or stays without a name."),
    ],
    home: Home = DEFAULT_HOME,
) -> None:
    """Erase what is kept of somebody who does not come in any more, and wait until nothing is left."""
    completed(_erase(home, person, "ERASURE_MODE_REMOVE" if remove else "ERASURE_MODE_ANONYMISE"))


async def _erase(home: Path, person: str, mode: str) -> None:
    stack = running(home)
    neighbours = stack.as_operator()
    try:
        for keeper in KEEPERS:
            if keeper in stack.neighbours:
                await _erase_from(neighbours, keeper, person, mode)
    finally:
        await neighbours.close()


async def _erase_from(neighbours: Neighbours, keeper: str, person: str, mode: str) -> None:
    messages, stubs = KEEPERS[keeper]
    api = messages.DESCRIPTOR.services_by_name["OwnDataService"]
    stub = stubs.OwnDataServiceStub(neighbours.as_service(keeper, api))
    asked = messages.EraseOwnDataRequest(name=person)
    if keeper != "moderation":  # which keeps nothing that could stay without a name
        asked.mode = messages.ErasureMode.Value(mode)
    erasure = await stub.EraseOwnData(asked)
    with console.status(f"Erasing from {keeper}; it goes on by itself if you interrupt this …"):
        while not erasure.HasField("finish_time"):
            await asyncio.sleep(POLL_SECONDS)
            erasure = await stub.GetErasure(messages.GetErasureRequest(name=erasure.name))
    erased = ", ".join(f"{count} {sort}" for sort, count in sorted(erasure.counts.items()))
    console.print(f"{erasure.person} is erased from {keeper}: {erased or 'there was nothing'}.", soft_wrap=True)
