"""The public methods, found in the descriptor set: those with a google.api.http annotation."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto
from plein.chassis.v1 import access_pb2


class Binding(NamedTuple):
    """One way to call a method over HTTP: `PATCH /v1/{profile.name=profiles/*}` with field `profile` as the body."""

    verb: str
    template: str
    body: str


class Method(NamedTuple):
    """A public method. `path` is gRPC's, such as `/plein.feed.v1.FeedService/GetPost`; `cluster` is who answers it."""

    path: str
    cluster: str
    request: str
    bindings: tuple[Binding, ...]
    access: access_pb2.Access
    streams: bool
    takes_streams: bool = False

    @property
    def service(self) -> str:
        return self.path.split("/")[1]


def public_methods(descriptors: FileDescriptorSet, served: Collection[str]) -> list[Method]:
    """The public methods of the services that are served; package `plein.feed.v1` belongs to service `feed`."""
    return [
        public
        for file in descriptors.file
        if (parts := file.package.split("."))[0] == "plein" and parts[1] in served
        for service in file.service
        for method in service.method
        if (public := _public(f"/{file.package}.{service.name}/", parts[1], method))
    ]


def _public(prefix: str, cluster: str, method: MethodDescriptorProto) -> Method | None:
    if not method.options.HasExtension(annotations_pb2.http):
        return None
    return Method(
        path=prefix + method.name,
        cluster=cluster,
        request=method.input_type.lstrip("."),
        bindings=tuple(_bindings(method.options.Extensions[annotations_pb2.http])),
        access=method.options.Extensions[access_pb2.access],
        streams=method.client_streaming or method.server_streaming,
        takes_streams=method.client_streaming,
    )


def _bindings(rule: http_pb2.HttpRule) -> Iterator[Binding]:
    verb = rule.WhichOneof("pattern")
    yield Binding(verb.upper(), getattr(rule, verb), rule.body)
    for more in rule.additional_bindings:
        yield from _bindings(more)
