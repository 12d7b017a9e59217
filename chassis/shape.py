"""Checks a request against the field rules of its .proto, before any method sees it."""

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Violation

from chassis.status import BadShape

_validator = protovalidate.Validator()


def check(request: Message) -> None:
    """Raises `BadShape`, naming every field that breaks a rule."""
    violations = _validator.collect_violations(request)
    if violations:
        raise BadShape((_path(violation), violation.proto.message.rstrip(".")) for violation in violations)
    _refuse_nul(request, "")


def _path(violation: Violation) -> str:
    path = ""
    for element in violation.proto.field.elements if violation.proto.field else ():
        path += f".{element.field_name}"
        if element.subscript is not None and element.subscript.field == "index":
            path += f"[{element.subscript.value}]"
    return path.removeprefix(".") or "request"


def _refuse_nul(message: Message, prefix: str) -> None:
    """PostgreSQL cannot store U+0000 in a text, so it is refused here and not met there."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            if any("\0" in text for text in ([value] if isinstance(value, str) else value)):
                raise BadShape([(prefix + field.name, "it holds the character U+0000")])
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for index, inner in enumerate([value] if isinstance(value, Message) else value):
                _refuse_nul(inner, f"{prefix}{field.name}[{index}]." if field.is_repeated else f"{prefix}{field.name}.")
