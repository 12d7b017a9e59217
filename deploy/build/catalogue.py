"""A descriptor set, looked up by name, with the comments that stand in the .proto files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message

# Where SourceCodeInfo says a part stands: the numbers of the fields that hold it in descriptor.proto, with indexes.
Place = tuple[int, ...]


@dataclass
class Catalogue:
    """Messages, enums and services by full name (`plein.identity.v1.Person`).

    Comments and the files in which they stand are those of fields, values and methods too.
    """

    messages: dict[str, DescriptorProto] = field(default_factory=dict)
    enums: dict[str, EnumDescriptorProto] = field(default_factory=dict)
    services: dict[str, ServiceDescriptorProto] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def read(descriptors: Path) -> Catalogue:
    catalogue = Catalogue()
    for file in FileDescriptorSet.FromString(descriptors.read_bytes()).file:
        add(catalogue, file)
    return catalogue


def add(catalogue: Catalogue, file: FileDescriptorProto) -> None:
    comments = {tuple(location.path): location.leading_comments for location in file.source_code_info.location}
    for place, name, part in parts(file):
        catalogue.files[name] = file.name
        catalogue.comments[name] = "\n".join(line.strip() for line in comments.get(place, "").strip().splitlines())
        if isinstance(part, DescriptorProto):
            catalogue.messages[name] = part
        elif isinstance(part, EnumDescriptorProto):
            catalogue.enums[name] = part
        elif isinstance(part, ServiceDescriptorProto):
            catalogue.services[name] = part


def parts(file: FileDescriptorProto) -> Iterator[tuple[Place, str, Message]]:
    """Everything in a file that has a name, with the place of its comment."""
    yield from inside((FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER,), file.package, file.message_type)
    yield from inside((FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER,), file.package, file.enum_type)
    yield from inside((FileDescriptorProto.SERVICE_FIELD_NUMBER,), file.package, file.service)


def inside(place: Place, owner: str, members: Sequence[Message]) -> Iterator[tuple[Place, str, Message]]:
    for index, part in enumerate(members):
        name = f"{owner}.{part.name}"  # type: ignore[attr-defined]
        here = (*place, index)
        yield here, name, part
        for descriptor, value in part.ListFields():
            if descriptor.is_repeated and descriptor.message_type and "name" in descriptor.message_type.fields_by_name:
                yield from inside((*here, descriptor.number), name, value)


def fields_of(message: DescriptorProto) -> dict[str, FieldDescriptorProto]:
    return {part.name: part for part in message.field}
