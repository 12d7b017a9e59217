"""`plein erase`: forgets somebody who left. Talks to the running stack as `operator`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.descriptor import ServiceDescriptor
from plein.feed.v1 import own_data_pb2, own_data_pb2_grpc
from rich.console import Console

from deploy.commands.ending import completed
from deploy.options import DEFAULT_HOME, Home
from deploy.stack import running

console = Console(highlight=False)

OWN_DATA: ServiceDescriptor = own_data_pb2.DESCRIPTOR.services_by_name["OwnDataService"]
POLL_SECONDS = 0.5


def erase(
    person: Annotated[str, typer.Argument(help="Who, as in people/0199….")],
    remove: Annotated[
        bool, typer.Option("--remove/--anonymise", help="Whether the person's posts go, or stay without a name.")
    ],
    home: Home = DEFAULT_HOME,
) -> None:
    """Erase what feed keeps of somebody who does not come in any more, and wait until nothing is left."""
    mode = own_data_pb2.ERASURE_MODE_REMOVE if remove else own_data_pb2.ERASURE_MODE_ANONYMISE
    completed(_erase(home, own_data_pb2.EraseOwnDataRequest(name=person, mode=mode)))


async def _erase(home: Path, request: own_data_pb2.EraseOwnDataRequest) -> None:
    neighbours = running(home).as_operator()
    try:
        stub = own_data_pb2_grpc.OwnDataServiceStub(neighbours.as_service("feed", OWN_DATA))
        erasure = await stub.EraseOwnData(request)
        with console.status("Erasing; it goes on by itself if you interrupt this …"):
            while not erasure.HasField("finish_time"):
                await asyncio.sleep(POLL_SECONDS)
                erasure = await stub.GetErasure(own_data_pb2.GetErasureRequest(name=erasure.name))
    finally:
        await neighbours.close()
    erased = ", ".join(f"{count} {sort}" for sort, count in sorted(erasure.counts.items()))
    console.print(f"{erasure.person} is erased: {erased or 'there was nothing'}.", soft_wrap=True)
