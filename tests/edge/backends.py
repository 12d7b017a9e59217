"""What stands behind the edge in its tests: services and pages that tell what reached them."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
from google.api import annotations_pb2, httpbody_pb2
from google.protobuf import any_pb2, duration_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from plein.blog.v1 import consultations_pb2_grpc, subscriptions_pb2, subscriptions_pb2_grpc
from plein.chassis.v1 import access_pb2
from plein.feed.v1 import (
    delivery_pb2,
    delivery_pb2_grpc,
    feed_pb2,
    feed_pb2_grpc,
    hooks_pb2,
    hooks_pb2_grpc,
    media_pb2,
    media_pb2_grpc,
)
from plein.groups.v1 import files_pb2, files_pb2_grpc, gatherings_pb2_grpc
from plein.identity.v1 import identity_pb2, identity_pb2_grpc
from plein.profile.v1 import profile_pb2, profile_pb2_grpc
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from chassis.service import MOST_MESSAGE_BYTES

ISSUER = "https://plein.test"
Context = Any  # grpc.aio.ServicerContext, which is generic in its stubs alone


class Signer:
    """Identity's key, and one that is nobody's."""

    def __init__(self) -> None:
        self.key = _key()
        self.stranger = _key()

    def token(self, person: UUID | None = None, *, seconds: int = 600, key: ECKey | None = None, **claims: Any) -> str:
        """A person's access token; `claims` replace those of a good one, or leave them out when they are None."""
        now = int(time.time())
        good = {"iss": ISSUER, "aud": "plein", "sub": f"people/{person or uuid4()}", "iat": now, "exp": now + seconds}
        named = {claim: value for claim, value in (good | claims).items() if value is not None}
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "people"}, named, key or self.key)

    @property
    def jwks(self) -> bytes:
        return json.dumps(KeySet([self.key]).as_dict(private=False)).encode()


def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "people", "alg": "ES256"})


class Atom(subscriptions_pb2_grpc.AtomServiceServicer):
    """One document, which says with what headers it was asked."""

    async def ReadAtom(self, request: subscriptions_pb2.ReadAtomRequest, context: Context) -> httpbody_pb2.HttpBody:
        asked = dict(context.invocation_metadata())
        known = asked.get("if-none-match") == '"one"' or "if-modified-since" in asked
        headers = (("etag", '"one"'), ("last-modified", "Sun, 01 Nov 2026 09:30:16 GMT"))
        await context.send_initial_metadata((*headers, ("x-not-modified", "1403")) if known else headers)
        data = b"" if known else request.token.encode() + b"<feed/>" * 200
        return httpbody_pb2.HttpBody(content_type="application/atom+xml; charset=utf-8", data=data)


class Seen:
    """What the last call brought along."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.seconds_left: float | None = None
        self.calls: Counter[str] = Counter()
        self.body = b""

    def note(self, method: str, context: Context) -> None:
        self.calls[method] += 1
        self.headers = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        self.seconds_left = context.time_remaining()


class Identity(identity_pb2_grpc.IdentityServiceServicer):
    def __init__(self, seen: Seen, signer: Signer) -> None:
        self.seen, self.signer = seen, signer

    async def GetKeys(self, request: identity_pb2.GetKeysRequest, context: Context) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type="application/json", data=self.signer.jwks)

    async def SignIn(self, request: identity_pb2.SignInRequest, context: Context) -> identity_pb2.Tokens:
        self.seen.note("SignIn", context)
        return identity_pb2.Tokens(access_token=self.signer.token())

    async def BatchGetPeople(self, request: Any, context: Context) -> identity_pb2.BatchGetPeopleResponse:
        return identity_pb2.BatchGetPeopleResponse(people=[identity_pb2.Person(name=name) for name in request.names])

    async def ImportPeople(self, requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        self.seen.note("ImportPeople", context)
        yield identity_pb2.ImportPeopleResponse()


class Profile(profile_pb2_grpc.ProfileServiceServicer):
    async def UpdateProfile(self, request: Any, context: Context) -> profile_pb2.Profile:
        return profile_pb2.Profile(name=request.profile.name, headline=",".join(request.update_mask.paths))

    async def GetPhoto(self, request: Any, context: Context) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type="image/webp", data=b"webp" * 1000)


class Feed(feed_pb2_grpc.FeedServiceServicer):
    """Posts behave as their names say."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def GetPost(self, request: feed_pb2.GetPostRequest, context: Context) -> feed_pb2.Post:
        self.seen.note(request.name, context)
        match request.name.removeprefix("posts/"):
            case "missing":
                await context.abort(grpc.StatusCode.NOT_FOUND, "There is no such post.", _details("POST_NOT_FOUND"))
            case "flaky" if self.seen.calls[request.name] < 3:
                await context.abort(grpc.StatusCode.UNAVAILABLE, "Not now.")
            case "slow":
                await asyncio.Event().wait()
            case "late":
                await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "It took too long.", _details("TOO_SLOW"))
        return feed_pb2.Post(name=request.name, text="é" * 2000)

    async def CreatePost(self, request: feed_pb2.CreatePostRequest, context: Context) -> feed_pb2.Post:
        self.seen.note("CreatePost", context)
        if request.post.text == "flaky":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Not now.")
        return request.post


class Media(media_pb2_grpc.MediaServiceServicer):
    """An image is called after what reached the service: its request, its content type and its length."""

    async def UploadImage(self, request: media_pb2.UploadImageRequest, context: Context) -> media_pb2.UploadedImage:
        file = request.file
        return media_pb2.UploadedImage(name=f"{request.request_id} {file.content_type} {len(file.data)}")

    async def GetImageContent(self, request: Any, context: Context) -> httpbody_pb2.HttpBody:
        await context.send_initial_metadata((("cache-control", "private, max-age=60"),))
        return httpbody_pb2.HttpBody(content_type="image/webp", data=request.name.encode())


class Files(files_pb2_grpc.GroupFileServiceServicer):
    """A file is called after what reached the service, and its size is that of all pieces."""

    async def UploadGroupFile(self, requests: AsyncIterator[Any], context: Context) -> files_pb2.GroupFile:
        first = await anext(requests)
        size = len(first.file.data)
        async for more in requests:
            size += len(more.file.data)
        newest = files_pb2.GroupFileVersion(size_bytes=size, content_type=first.file.content_type)
        return files_pb2.GroupFile(name=first.parent or first.name, title=first.title, newest=newest)

    async def DownloadGroupFile(self, request: Any, context: Context) -> AsyncIterator[httpbody_pb2.HttpBody]:
        await context.send_initial_metadata((("content-disposition", "attachment; filename*=UTF-8''a.txt"),))
        yield httpbody_pb2.HttpBody(content_type="text/plain")
        for _ in range(3):
            yield httpbody_pb2.HttpBody(data=request.name.encode())


class Calendars(gatherings_pb2_grpc.GroupCalendarServiceServicer):
    async def ReadCalendar(self, request: Any, context: Context) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type="text/calendar; charset=utf-8", data=request.name.encode())


class Hooks(hooks_pb2_grpc.HookServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def ReceiveHook(self, request: Any, context: Context) -> hooks_pb2.ReceiveHookResponse:
        self.seen.note(request.hook, context)
        self.seen.body = request.body.data
        return hooks_pb2.ReceiveHookResponse(post="posts/1")


class Digests(delivery_pb2_grpc.DigestServiceServicer):
    """Tells what reached it."""

    async def AskToUnsubscribe(self, request: Any, context: Context) -> httpbody_pb2.HttpBody:
        return httpbody_pb2.HttpBody(content_type="text/html; charset=utf-8", data=request.token.encode())

    async def Unsubscribe(self, request: delivery_pb2.UnsubscribeRequest, context: Context) -> httpbody_pb2.HttpBody:
        data = b" ".join([request.token.encode(), request.form.data])
        return httpbody_pb2.HttpBody(content_type="text/html; charset=utf-8", data=data)


class Consultations(consultations_pb2_grpc.ConsultationServiceServicer):
    """A file that comes in pieces."""

    async def ExportContributions(self, request: Any, context: Context) -> AsyncIterator[httpbody_pb2.HttpBody]:
        yield httpbody_pb2.HttpBody(content_type="text/csv; charset=utf-8", data=b'"a","b"\r\n')
        for number in range(3):
            yield httpbody_pb2.HttpBody(data=f'"{number}","data: "\r\n'.encode())


def _details(reason: str) -> Sequence[tuple[str, bytes]]:
    info = any_pb2.Any()
    info.Pack(error_details_pb2.ErrorInfo(reason=reason, domain="feed"))
    code = {"POST_NOT_FOUND": 5, "TOO_SLOW": 4}[reason]
    status = status_pb2.Status(code=code, message="As the service says.", details=[info])
    return (("grpc-status-details-bin", status.SerializeToString()),)


class Backend:
    """A server on a free port, whose health the test decides."""

    def __init__(self) -> None:
        self.server = grpc.aio.server(options=[("grpc.max_receive_message_length", MOST_MESSAGE_BYTES)])
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)

    async def serving(self, well: bool) -> None:
        state = health_pb2.HealthCheckResponse
        await self._health.set("", state.SERVING if well else state.NOT_SERVING)


async def _ticks(request: duration_pb2.Duration, context: Context) -> AsyncIterator[timestamp_pb2.Timestamp]:
    for second in range(3):
        yield timestamp_pb2.Timestamp(seconds=second)


def add_clock(server: grpc.aio.Server) -> None:
    """A service that streams, which none of the public ones does yet."""
    tick = grpc.unary_stream_rpc_method_handler(
        _ticks, duration_pb2.Duration.FromString, timestamp_pb2.Timestamp.SerializeToString
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("plein.clock.v1.ClockService", {"Tick": tick})]
    )


def with_clock(descriptors: Path, target: Path) -> Path:
    """The descriptor set with the clock, as if it had a .proto of its own."""
    described = FileDescriptorSet.FromString(descriptors.read_bytes())
    clock = FileDescriptorProto(name="plein/clock/v1/clock.proto", package="plein.clock.v1", syntax="proto3")
    clock.dependency.extend(["google/protobuf/duration.proto", "google/protobuf/timestamp.proto"])
    tick = clock.service.add(name="ClockService").method.add(name="Tick", server_streaming=True)
    tick.input_type, tick.output_type = ".google.protobuf.Duration", ".google.protobuf.Timestamp"
    tick.options.Extensions[annotations_pb2.http].get = "/v1/clock:tick"
    tick.options.Extensions[access_pb2.access].person = True
    described.file.append(clock)
    target.write_bytes(described.SerializeToString())
    return target


def _page(request: Request) -> HTMLResponse:
    return HTMLResponse("<p>Plein</p>" * 200, headers={"etag": '"one"'})


def _echo(request: Request) -> JSONResponse:
    return JSONResponse({"headers": dict(request.headers), "version": request.scope["http_version"]})


def _missing(request: Request) -> Response:
    return HTMLResponse("<p>Deze bladzijde is er niet.</p>", 404)


def _fine(request: Request) -> Response:
    return Response("fine")


def _live(request: Request) -> StreamingResponse:
    return StreamingResponse(iter(["data: one\n\n", "data: two\n\n"]), media_type="text/event-stream")


PAGES = Starlette(
    routes=[
        Route("/", _page),
        Route("/echo", _echo),
        Route("/healthz", _fine),
        Route("/live", _live),
        Route("/missing", _missing),
        Route("/sign-in", _fine, methods=["POST"]),
    ],
)
