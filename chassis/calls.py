"""What stands around every call, outermost first: it is observed, its problems are put on the wire, it has a
deadline, its caller is known and admitted, and its request has the right shape. Then the method runs."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from plein.chassis.v1 import access_pb2

from chassis import deadline, shape, viewer
from chassis.access import STALE_SECONDS, Access
from chassis.moments import timestamp
from chassis.problems import BadInput, NotAllowed, NotSignedIn, Problem, TooLate, Unavailable, WrongState
from chassis.status import CODES, abort
from chassis.telemetry import ObservedCall, Observer
from chassis.viewer import Verifier, Viewer

log = logging.getLogger(__name__)

Context = Any  # grpc.aio.ServicerContext, which is generic in its stubs alone
UNARY_SECONDS = 10.0
STREAM_SECONDS = 900.0
YOUNG_TOKEN_SECONDS = 30.0
OPEN_TO_ALL = access_pb2.Access(anyone=True)
_NO_TIMER = nullcontext()
# What was found to have the right shape without anything in it, which is what is asked most.
_MAY_BE_EMPTY: set[type[Message]] = set()


def access_rules(services: Iterable[ServiceDescriptor]) -> dict[str, access_pb2.Access]:
    """Each method's path and who may call it; a method that does not say is an error of the program."""
    rules = {}
    for service in services:
        for method in service.methods:
            rule = method.GetOptions().Extensions[access_pb2.access]
            if not (rule.anyone or rule.person or rule.roles or rule.services or rule.scopes):
                raise RuntimeError(f"{method.full_name} does not declare who may call it (plein.chassis.v1.access)")
            rules[f"/{service.full_name}/{method.name}"] = rule
    return rules


class Admission:
    """Decides whether a caller is admitted, on the token and on what identity told since it was issued."""

    def __init__(self, verifier: Verifier, access: Access) -> None:
        self._verifier = verifier
        self._access = access

    async def admit(self, authorization: str, rule: access_pb2.Access) -> None:
        """Makes the token's owner the current viewer, or raises NotSignedIn or NotAllowed."""
        if not authorization:
            if rule.anyone:
                return
            raise NotSignedIn("NO_TOKEN", "This needs an access token.")
        token = authorization[7:] if authorization[:7].lower() == "bearer " else ""
        try:
            caller = self._verifier.known(token) or await self._verifier.verify(token)
            if not caller.service:
                refuse_ended(self._access, caller)
        except NotSignedIn:
            if rule.anyone:
                return
            raise
        if not _allowed(rule, caller):
            raise _not_allowed(caller)
        if rule.speaks:
            refuse_muted(self._access, caller)
        viewer.enter(caller)


def refuse_ended(access: Access, caller: Viewer) -> None:
    """Whether the session of a person or an account goes on: else NotSignedIn, or Unavailable when that is not known.

    Streams ask again for as long as they are open.
    """
    known = access.person(caller.person) if caller.person else access.account(caller.account)
    if known is not None and (not known.active or caller.epoch < known.epoch):
        raise NotSignedIn("SESSION_ENDED", "This session has ended.")
    uncertain = known is None or time.monotonic() - access.heard_at > STALE_SECONDS
    if uncertain and time.time() - caller.issued_at > YOUNG_TOKEN_SECONDS:
        raise Unavailable("ACCESS_UNCERTAIN", "Whether you may still come in cannot be known now.")


def refuse_muted(access: Access, caller: Viewer) -> None:
    """WrongState when it is a person who may not speak now, or an account of one, which speaks in its owner's name."""
    account = access.account(caller.account)
    person = account.owner if account else caller.person
    until = access.muted_until(person) if person else None
    if until is not None:
        until_when = timestamp(until).ToJsonString()
        raise WrongState("MUTED", "Until {until} you can read and not write.", until=until_when)


def _allowed(rule: access_pb2.Access, caller: Viewer) -> bool:
    if rule.anyone:
        return True
    if caller.person is not None:
        return rule.person or not caller.roles.isdisjoint(rule.roles)
    if caller.account is not None:
        return not caller.scopes.isdisjoint(rule.scopes)
    return caller.service in rule.services or "*" in rule.services


def _not_allowed(caller: Viewer) -> NotAllowed:
    if caller.account is not None:
        return NotAllowed("NOT_YOUR_SCOPE", "The scopes of this service account do not include this.")
    return NotAllowed("NOT_YOUR_ROLE", "Your role does not include this.")


class Methods(grpc.GenericRpcHandler):
    """Generated code registers methods here, as on a server; the server then asks here by a method's path.

    gRPC's own registration keeps a call waiting for each method and goes through all of them with every call: in a
    service of a hundred methods that was a tenth of what a call costs.
    """

    def __init__(self, wrap: "Callable[[str, Any], grpc.RpcMethodHandler[Any, Any]] | None" = None) -> None:
        self._wrap = wrap
        self._handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The method that is called, or None when there is none at this path."""
        return self._handlers.get(handler_call_details.method)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """What generated code calls."""
        for name, handler in handlers.items():
            path = f"/{service}/{name}"
            self._handlers[path] = self._wrap(path, handler) if self._wrap else handler

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        """Generated code registers the same methods in this way too, for servers that know no other."""


class Calls:
    """Wraps the methods of a server while they are registered.

    An interceptor of gRPC would do as well, but costs each call a coroutine and a look-up before its method is found.
    """

    def __init__(self, observer: Observer, admission: Admission, rules: dict[str, access_pb2.Access]) -> None:
        self._observer = observer
        self._admission = admission
        self._rules = rules

    def wrap(self, path: str, handler: Any) -> "grpc.RpcMethodHandler[Any, Any]":
        """A method that does what this module says around what the handler does."""
        kind = ("unary", "stream")[handler.request_streaming] + "_" + ("unary", "stream")[handler.response_streaming]
        inner = getattr(handler, kind)
        longest = STREAM_SECONDS if handler.request_streaming or handler.response_streaming else UNARY_SECONDS
        shaped = _shaped_stream if handler.request_streaming else _shaped
        around = self._stream if handler.response_streaming else self._unary

        made: grpc.RpcMethodHandler[Any, Any] = getattr(grpc, f"{kind}_rpc_method_handler")(
            around(path, inner, partial(shaped, handler.request_deserializer), longest), None, _serialized
        )
        return made

    def _unary(
        self, path: str, inner: Callable[[Any, Context], Awaitable[Any]], shaped: Callable[[Any], Any], longest: float
    ) -> Callable[[Any, Context], Any]:
        rule = self._rules[path]

        async def answer(request: Any, context: Context) -> Any:
            authorization, parent = _headers(context)
            with self._observer.observe(path, parent) as call:
                try:
                    left = context.time_remaining()
                    deadline.begin(longest if left is None else left)
                    await self._admission.admit(authorization, rule)
                    if left is not None:
                        return await inner(shaped(request), context)
                    async with asyncio.timeout(longest):
                        return await inner(shaped(request), context)
                except Exception as error:
                    await self._refuse(call, context, error)

        return answer

    def _stream(
        self,
        path: str,
        inner: Callable[[Any, Context], AsyncIterator[Any]],
        shaped: Callable[[Any], Any],
        longest: float,
    ) -> Callable[[Any, Context], Any]:
        rule = self._rules[path]

        # It writes what `inner` yields: to yield it once more would cost each of very many open streams memory.
        async def answer(request: Any, context: Context) -> None:
            authorization, parent = _headers(context)
            with self._observer.observe(path, parent) as call:
                try:
                    await self._admission.admit(authorization, rule)
                    del authorization, parent  # many streams are open at once, and for long
                    ends_at = time.monotonic() + longest
                    # One that only tells is asked whenever it does: a timer for each of very many costs too much.
                    async with asyncio.timeout(longest) if isinstance(request, AsyncIterator) else _NO_TIMER:
                        async for message in inner(shaped(request), context):
                            if time.monotonic() > ends_at:
                                raise TimeoutError
                            await context.write(message)
                except Exception as error:
                    await self._refuse(call, context, error)

        return answer

    async def _refuse(self, call: ObservedCall, context: Context, error: Exception) -> None:
        """Answers with the problem; anything that is not one is INTERNAL, logged here once, and leaks nothing."""
        problem = _problem(error)
        if problem is None:
            call.code = grpc.StatusCode.INTERNAL
            log.error("%s failed", call.method, exc_info=error)
            await context.abort(grpc.StatusCode.INTERNAL, "Something went wrong on our side. It has been logged.")
            return
        call.code = next(CODES[kind] for kind in type(problem).__mro__ if kind in CODES)
        await abort(context, problem, self._observer.service)


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, TimeoutError):
        return TooLate("TOO_SLOW", "It took too long.")
    away = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)
    if isinstance(error, grpc.aio.AioRpcError) and error.code() in away:
        return Unavailable("NEIGHBOUR_AWAY", "A service that this needs is away for the moment.")
    return None


def _headers(context: Context) -> tuple[str, str]:
    authorization = parent = ""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            authorization = value
        elif key == "traceparent":
            parent = value
    return authorization, parent


def _shaped(parse: Callable[[bytes], Message], raw: bytes) -> Message:
    """The request, parsed here and not by gRPC, which would tell strangers what its parser thinks."""
    try:
        request = parse(raw)
    except DecodeError as error:
        raise BadInput("UNREADABLE", "The request cannot be read.") from error
    if raw or type(request) not in _MAY_BE_EMPTY:
        shape.check(request)
    if not raw:
        _MAY_BE_EMPTY.add(type(request))
    return request


async def _shaped_stream(parse: Callable[[bytes], Message], raw: AsyncIterator[bytes]) -> AsyncIterator[Message]:
    async for message in raw:
        yield _shaped(parse, message)


def _serialized(answer: Message | bytes) -> bytes:
    """The hot path answers with bytes that it joined itself."""
    return answer if isinstance(answer, bytes) else answer.SerializeToString()
