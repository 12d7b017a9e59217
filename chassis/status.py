"""Problems as they go over the wire: google.rpc.Status with one ErrorInfo, and BadRequest for a bad field (AIP-193)."""

from collections.abc import Iterable
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from chassis import problems

CODES: dict[type[problems.Problem], grpc.StatusCode] = {
    problems.BadInput: grpc.StatusCode.INVALID_ARGUMENT,
    problems.NotSignedIn: grpc.StatusCode.UNAUTHENTICATED,
    problems.NotFound: grpc.StatusCode.NOT_FOUND,
    problems.NotAllowed: grpc.StatusCode.PERMISSION_DENIED,
    problems.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    problems.WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    problems.Stale: grpc.StatusCode.ABORTED,
    problems.OutOfRange: grpc.StatusCode.OUT_OF_RANGE,
    problems.TooMuch: grpc.StatusCode.RESOURCE_EXHAUSTED,
    problems.Unavailable: grpc.StatusCode.UNAVAILABLE,
    problems.TooLate: grpc.StatusCode.DEADLINE_EXCEEDED,
}
Context = Any  # grpc.aio.ServicerContext, which is generic in its stubs alone
DETAILS_KEY = "grpc-status-details-bin"


class BadShape(problems.BadInput):
    """A request that breaks its field rules: `violations` holds (field, sentence) pairs."""

    def __init__(self, violations: Iterable[tuple[str, str]]) -> None:
        self.violations = list(violations)
        field, sentence = self.violations[0]
        super().__init__("BAD_FIELD", "The field {name} is not right: {why}.", field=field, name=field, why=sentence)


def status(problem: problems.Problem, domain: str) -> status_pb2.Status:
    """The status of a problem; `domain` is the service that met it."""
    answer = status_pb2.Status(code=CODES[_kind(problem)].value[0], message=problem.sentence)
    answer.details.append(
        _packed(error_details_pb2.ErrorInfo(reason=problem.reason, domain=domain, metadata=problem.facts))
    )
    bad_fields = problem.violations if isinstance(problem, BadShape) else [(problem.field, problem.sentence)]
    if problem.field:
        violation = error_details_pb2.BadRequest.FieldViolation
        answer.details.append(
            _packed(
                error_details_pb2.BadRequest(
                    field_violations=[violation(field=field, description=why) for field, why in bad_fields]
                )
            )
        )
    if isinstance(problem, problems.TooMuch):
        delay = duration_pb2.Duration(seconds=problem.retry_seconds)
        answer.details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    return answer


async def abort(context: Context, problem: problems.Problem, domain: str) -> NoReturn:
    """Ends the call with the problem's status."""
    answer = status(problem, domain)
    await context.abort(CODES[_kind(problem)], answer.message, ((DETAILS_KEY, answer.SerializeToString()),))
    raise AssertionError("abort raises")


def reason(error: grpc.aio.AioRpcError) -> str:
    """The ErrorInfo's reason that a neighbour answered with, or an empty text."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS_KEY and isinstance(value, bytes):
            info = error_details_pb2.ErrorInfo()
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return str(info.reason)
    return ""


def _kind(problem: problems.Problem) -> type[problems.Problem]:
    return next(kind for kind in type(problem).__mro__ if kind in CODES)


def _packed(message: error_details_pb2.ErrorInfo) -> any_pb2.Any:
    wrapped = any_pb2.Any()
    wrapped.Pack(message)
    return wrapped
