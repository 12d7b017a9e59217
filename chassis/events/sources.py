"""Where a follower reads: the log of its own process, or another service's over gRPC."""

from typing import TYPE_CHECKING, Protocol

import grpc
from plein.chassis.v1.event_log_pb2 import ListEventsRequest, ListEventsResponse

from chassis.events.log import EventLog
from chassis.problems import OutOfRange, WrongState
from chassis.status import reason

if TYPE_CHECKING:  # known to the type checker alone
    from plein.chassis.v1.event_log_pb2_grpc import EventLogServiceAsyncStub

# What a call may take on top of the time for which it waits.
CALL_SECONDS = 5.0


class Source(Protocol):
    """A log that can be followed."""

    async def list_after(self, position: int, chain: bytes, limit: int, wait_seconds: int) -> ListEventsResponse:
        """The events after a cursor; waits for the first. WrongState or OutOfRange when the log refuses the cursor."""
        ...


class LocalSource:
    """The log of this process."""

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def list_after(self, position: int, chain: bytes, limit: int, wait_seconds: int) -> ListEventsResponse:
        """As `Source` says."""
        return await self._events.listed(_request(position, chain, limit, wait_seconds))


class RemoteSource:
    """Another service's log."""

    def __init__(self, stub: "EventLogServiceAsyncStub") -> None:
        self._stub = stub

    async def list_after(self, position: int, chain: bytes, limit: int, wait_seconds: int) -> ListEventsResponse:
        """As `Source` says."""
        request = _request(position, chain, limit, wait_seconds)
        try:
            return await self._stub.ListEvents(request, timeout=wait_seconds + CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            refusal = {"LOG_DIVERGED": WrongState, "LOG_TRUNCATED": OutOfRange}.get(said := reason(error))
            if refusal is None:
                raise
            raise refusal(said, "{details}", details=error.details()) from error


def _request(position: int, chain: bytes, limit: int, wait_seconds: int) -> ListEventsRequest:
    return ListEventsRequest(after_position=position, after_chain=chain, page_size=limit, wait_seconds=wait_seconds)
