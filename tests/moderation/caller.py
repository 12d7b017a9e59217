"""People as they use moderation, each over a channel of their own, in the words that the tests use."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

import grpc
from google.rpc import error_details_pb2, status_pb2
from plein.moderation.v1 import moderation_pb2, moderation_pb2_grpc

from chassis.status import DETAILS_KEY
from chassis.testing import Person, World

Answer = TypeVar("Answer")
Method = Callable[[Any], Awaitable[Any]]


class Caller:
    """Somebody who is signed in, or a service by its name, or nobody."""

    def __init__(self, world: World, who: Person | str | None) -> None:
        self.who = who
        self.channel = world.channel(who)
        self.api = moderation_pb2_grpc.ModerationServiceStub(self.channel)

    @property
    def id(self) -> UUID:
        return self.person.id

    @property
    def name(self) -> str:
        return f"people/{self.id}"

    @property
    def person(self) -> Person:
        assert isinstance(self.who, Person)
        return self.who

    async def report(
        self, subject: str, reason: str = "HARASSMENT", note: str = "", *, request_id: str = ""
    ) -> moderation_pb2.Report:
        report = moderation_pb2.Report(subject=subject, note=note)
        report.reason = moderation_pb2.ReportReason.Value(f"REPORT_REASON_{reason}")
        return await self.api.CreateReport(moderation_pb2.CreateReportRequest(report=report, request_id=request_id))

    async def own_report(self, name: str) -> moderation_pb2.Report:
        return await self.api.GetReport(moderation_pb2.GetReportRequest(name=name))

    async def own_reports(self, size: int = 100) -> list[moderation_pb2.Report]:
        return await walked(self.api.ListReports, moderation_pb2.ListReportsRequest(page_size=size))


class Meet(Protocol):
    """`ada, bob = await meet("ada", "bob")`; `kind`, `segments` and `roles` are those of all."""

    async def __call__(self, *handles: str, **access: Any) -> list[Caller]: ...


async def patiently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Calls again for as long as the server is too busy, as people click again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise


async def walked(method: Method, request: Any) -> list[Any]:
    """What all pages list together."""
    listed: list[Any] = []
    while True:
        answer = await method(request)
        page = list(getattr(answer, answer.DESCRIPTOR.fields[0].name))
        assert len(page) <= request.page_size
        listed += page
        if not answer.next_page_token:
            return listed
        request.page_token = answer.next_page_token


@dataclass(frozen=True)
class Refusal:
    """What a caller hears: `fields` are the bad ones."""

    code: str
    message: str
    reason: str
    fields: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]

    def without(self, name: str) -> "Refusal":
        """The same with a placeholder for what the caller sent."""
        facts = tuple((key, value.replace(name, "{name}")) for key, value in self.facts)
        return Refusal(self.code, self.message.replace(name, "{name}"), self.reason, self.fields, facts)


async def refused(call: Awaitable[Any]) -> Refusal:
    """How a call is refused, which it has to be."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal(error)
    raise AssertionError(f"It was not refused: {answer}")


def refusal(error: grpc.aio.AioRpcError) -> Refusal:
    details = dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b"")
    assert isinstance(details, bytes)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status_pb2.Status.FromString(details).details:
        assert detail.Unpack(info) or detail.Unpack(bad) or detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR)
    fields = tuple(violation.field for violation in bad.field_violations)
    return Refusal(error.code().name, error.details() or "", info.reason, fields, tuple(sorted(info.metadata.items())))
