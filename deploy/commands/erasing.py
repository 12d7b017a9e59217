"""`plein erase`: forgets somebody who left. Talks to the running stack as `operator`."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.descriptor import ServiceDescriptor
from plein.feed.v1 import own_data_pb2 as feed
from plein.feed.v1 import own_data_pb2_grpc as feed_grpc
from plein.groups.v1 import own_data_pb2 as groups
from plein.groups.v1 import own_data_pb2_grpc as groups_grpc
from rich.console import Console

from deploy.commands.ending import completed
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

console = Console(highlight=False)

# The services that keep something of people and can erase it.
OWN_DATA: dict[str, tuple[Any, Any]] = {
    "feed": (feed, feed_grpc.OwnDataServiceStub),
    "groups": (groups, groups_grpc.OwnDataServiceStub),
}
POLL_SECONDS = 0.5


def erase(
    person: Annotated[str, typer.Argument(help="Who, as in people/0199….")],
    remove: Annotated[
        bool, typer.Option("--remove/--anonymise", help="Whether the person's posts go, or stay without a name.")
    ],
    home: Home = DEFAULT_HOME,
) -> None:
    """Erase what is kept of somebody who does not come in any more, and wait until nothing is left."""
    completed(_erase(home, person, "ERASURE_MODE_REMOVE" if remove else "ERASURE_MODE_ANONYMISE"))


async def _erase(home: Path, person: str, mode: str) -> None:
    neighbours = running(home).as_operator()
    erased: Counter[str] = Counter()
    try:
        with console.status("Erasing; it goes on by itself if you interrupt this …"):
            for service, (messages, stub) in OWN_DATA.items():
                api: ServiceDescriptor = messages.DESCRIPTOR.services_by_name["OwnDataService"]
                erased.update(await _erased(messages, stub(neighbours.as_service(service, api)), person, mode))
    finally:
        await neighbours.close()
    counts = ", ".join(f"{count} {sort}" for sort, count in sorted(erased.items()))
    console.print(f"{person} is erased: {counts or 'there was nothing'}.", soft_wrap=True)


async def _erased(messages: Any, stub: Any, person: str, mode: str) -> dict[str, int]:
    """How much of each sort one service erased, when nothing is left there."""
    kind = messages.ErasureMode.Value(mode)
    erasure = await stub.EraseOwnData(messages.EraseOwnDataRequest(name=person, mode=kind))
    while not erasure.HasField("finish_time"):
        await asyncio.sleep(POLL_SECONDS)
        erasure = await stub.GetErasure(messages.GetErasureRequest(name=erasure.name))
    return dict(erasure.counts)
