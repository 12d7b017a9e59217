"""The filter that refuses unknown fields in JSON bodies, which the transcoder would drop without a word."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from gateway.edge.methods import Binding, Method

SOURCE = Path(__file__).with_name("strict.lua")
VARIABLE = re.compile(r"\{[^}=]+(?:=(?P<pattern>[^}]+))?\}")
# Their JSON is not that of a message with these fields.
WITH_A_JSON_OF_THEIR_OWN = ("google.protobuf.", "google.api.HttpBody")

Messages = dict[str, DescriptorProto]


def strict_source(descriptors: FileDescriptorSet, methods: Iterable[Method]) -> str:
    """The program, after the tables that it reads: which message a path takes, and which fields a message has."""
    messages = dict(_messages(descriptors))
    bodies = [
        (binding, kind)
        for method in methods
        for binding in method.bindings
        if binding.body and (kind := _body_kind(messages, method, binding)) and kind is not True
    ]
    paths: dict[str, list[str]] = {}
    # A path that ends in a custom verb goes first: the pattern of the bare resource would match it too.
    for binding, kind in sorted(bodies, key=lambda body: ":" not in body[0].template):
        entry = f"  {{{json.dumps(lua_pattern(binding.template))}, {json.dumps(kind)}}},"
        paths.setdefault(binding.verb, []).append(entry)
    verbs = [f"{verb} = {{\n" + "\n".join(entries) + "\n}," for verb, entries in paths.items()]
    fields = [_fields(messages, name) for name in sorted(_reachable(messages, {str(kind) for _, kind in bodies}))]
    tables = [f"local BODIES = {{\n{_lines(verbs)}}}", f"local FIELDS = {{\n{_lines(fields)}}}"]
    return "\n".join([*tables, SOURCE.read_text()])


def lua_pattern(template: str) -> str:
    """The Lua pattern of a path: `/v1/{name=people/*}:follow` is `^/v1/people/[^/]+:follow$`."""
    spelled = VARIABLE.sub(lambda variable: variable["pattern"] or "*", template)
    parts = re.split(r"(\*\*?)", spelled)
    wild = {"*": "[^/]+", "**": ".+"}
    return "^" + "".join(wild.get(part) or re.sub(r"([^\w/:])", r"%\1", part) for part in parts) + "$"


def _messages(descriptors: FileDescriptorSet) -> Iterator[tuple[str, DescriptorProto]]:
    for file in descriptors.file:
        for message in file.message_type:
            yield from _nested(f"{file.package}.{message.name}", message)


def _nested(name: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    yield name, message
    for inner in message.nested_type:
        yield from _nested(f"{name}.{inner.name}", inner)


def _body_kind(messages: Messages, method: Method, binding: Binding) -> str | bool:
    if binding.body == "*":
        return method.request
    return next(_kind(messages, field) for field in messages[method.request].field if field.name == binding.body)


def _kind(messages: Messages, field: FieldDescriptorProto) -> str | bool:
    """The name of the message whose fields are looked at, or True for what may hold anything."""
    name = field.type_name.lstrip(".")
    if field.type != FieldDescriptorProto.TYPE_MESSAGE or name.startswith(WITH_A_JSON_OF_THEIR_OWN):
        return True
    return True if messages[name].options.map_entry else name


def _reachable(messages: Messages, names: set[str]) -> set[str]:
    found: set[str] = set()
    while names:
        found |= names
        kinds = {_kind(messages, field) for name in names for field in messages[name].field}
        names = {kind for kind in kinds if isinstance(kind, str)} - found
    return found


def _fields(messages: Messages, name: str) -> str:
    kinds = {
        spelling: _kind(messages, field) for field in messages[name].field for spelling in (field.json_name, field.name)
    }
    entries = ", ".join(f"[{json.dumps(spelling)}] = {json.dumps(kind)}" for spelling, kind in kinds.items())
    return f"[{json.dumps(name)}] = {{{entries}}},"


def _lines(entries: list[str]) -> str:
    return "".join(f"{entry}\n" for entry in entries)
