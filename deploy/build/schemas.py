"""JSON Schemas (2020-12, as OpenAPI 3.1 has them) for messages in the JSON that Envoy reads and prints."""

from collections.abc import Collection, Sequence
from typing import Any

from buf.validate import validate_pb2
from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from deploy.build.catalogue import Catalogue

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number", "format": "double"}
INTEGER: Schema = {"type": "integer", "format": "int32"}
# JSON has no 64-bit integers: they travel as strings.
LONG: Schema = {"type": "string", "format": "int64"}
STRING: Schema = {"type": "string"}

SCALARS: dict[FieldDescriptorProto.Type.ValueType, Schema] = {
    FieldDescriptorProto.TYPE_DOUBLE: NUMBER,
    FieldDescriptorProto.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptorProto.TYPE_INT64: LONG,
    FieldDescriptorProto.TYPE_SINT64: LONG,
    FieldDescriptorProto.TYPE_SFIXED64: LONG,
    FieldDescriptorProto.TYPE_UINT64: LONG,
    FieldDescriptorProto.TYPE_FIXED64: LONG,
    FieldDescriptorProto.TYPE_INT32: INTEGER,
    FieldDescriptorProto.TYPE_SINT32: INTEGER,
    FieldDescriptorProto.TYPE_SFIXED32: INTEGER,
    FieldDescriptorProto.TYPE_UINT32: INTEGER,
    FieldDescriptorProto.TYPE_FIXED32: INTEGER,
    FieldDescriptorProto.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptorProto.TYPE_STRING: STRING,
    FieldDescriptorProto.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}

# https://protobuf.dev/programming-guides/json/
WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": STRING},
        "required": ["@type"],
        "additionalProperties": True,
    },
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$"},
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.FieldMask": {
        "type": "string",
        "description": "Fields, with commas between: `title,tags`.",
    },
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Value": {},
    "google.protobuf.BoolValue": {"type": ["boolean", "null"]},
    "google.protobuf.DoubleValue": {"type": ["number", "null"]},
    "google.protobuf.Int32Value": {"type": ["integer", "null"]},
    "google.protobuf.Int64Value": {"type": ["string", "null"], "format": "int64"},
    "google.protobuf.StringValue": {"type": ["string", "null"]},
}

KEYWORDS = {
    "min_len": "minLength",
    "max_len": "maxLength",
    "pattern": "pattern",
    "gt": "exclusiveMinimum",
    "gte": "minimum",
    "lt": "exclusiveMaximum",
    "lte": "maximum",
    "in": "enum",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique": "uniqueItems",
    "min_pairs": "minProperties",
    "max_pairs": "maxProperties",
}
FORMATS = {"email": "email", "hostname": "hostname", "uri": "uri", "uuid": "uuid"}


class Schemas:
    """Makes schemas and remembers in `components` those that others refer to."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.components: dict[str, Schema] = {}

    def of_type(self, name: str) -> Schema:
        """The schema of a message or enum by full name: a reference, except for what JSON has a notation for."""
        if name in WELL_KNOWN:
            return WELL_KNOWN[name]
        key = name.removeprefix("plein.")
        if key not in self.components:
            self.components[key] = {}  # so that a message that holds its own kind ends
            self.components[key] = self.of_enum(name) if name in self.catalogue.enums else self.of_object(name)
        return {"$ref": f"#/components/schemas/{key}"}

    def of_enum(self, name: str) -> Schema:
        values = [value.name for value in self.catalogue.enums[name].value]
        lines = [f"- `{value}`: {self.catalogue.comments[f'{name}.{value}']}" for value in values]
        return {
            "type": "string",
            "description": "\n".join([self.catalogue.comments[name], "", *lines]),
            "enum": values,
        }

    def of_object(self, name: str, *, without: Collection[str] = (), partial: bool = False) -> Schema:
        """The schema of a message, less some fields. A partial one may leave out what is required, as PATCH does."""
        fields = [field for field in self.catalogue.messages[name].field if field.name not in without]
        schema: Schema = {"type": "object"}
        if comment := self.catalogue.comments[name]:
            schema["description"] = comment
        if fields:
            schema["properties"] = {field.json_name: self.of_field(name, field) for field in fields}
        if required := [field.json_name for field in fields if is_required(field) and not partial]:
            schema["required"] = required
        return schema

    def of_field(self, owner: str, field: FieldDescriptorProto) -> Schema:
        rules = field.options.Extensions[validate_pb2.field]
        schema = self.of_repeated(field, rules) if is_repeated(field) else self.of_single(field, rules)
        if comment := self.catalogue.comments[f"{owner}.{field.name}"]:
            schema["description"] = comment
        if field_behavior_pb2.OUTPUT_ONLY in behaviours(field):
            schema["readOnly"] = True
        if field.options.deprecated:
            schema["deprecated"] = True
        return schema

    def of_repeated(self, field: FieldDescriptorProto, rules: validate_pb2.FieldRules) -> Schema:
        entry = self.catalogue.messages.get(field.type_name.removeprefix("."), DescriptorProto())
        if entry.options.map_entry:
            values = self.of_single(entry.field[1], rules.map.values)
            return {"type": "object", "additionalProperties": values} | limits(rules)
        return {"type": "array", "items": self.of_single(field, rules.repeated.items)} | limits(rules)

    def of_single(self, field: FieldDescriptorProto, rules: validate_pb2.FieldRules) -> Schema:
        if field.type_name:
            return dict(self.of_type(field.type_name.removeprefix(".")))
        schema = SCALARS[field.type]
        return schema | limits(rules) if schema is not LONG and "contentEncoding" not in schema else dict(schema)


def limits(rules: validate_pb2.FieldRules) -> Schema:
    """The rules of protovalidate that JSON Schema knows; the service checks them all."""
    kind = rules.WhichOneof("type")
    found: Schema = {}
    for rule, value in getattr(rules, kind).ListFields() if kind else ():
        if rule.name == "len":
            found |= {"minLength": value, "maxLength": value}
        elif rule.name in FORMATS:
            found["format"] = FORMATS[rule.name]
        elif rule.name in KEYWORDS:
            found[KEYWORDS[rule.name]] = list(value) if rule.is_repeated else value
    return found


def is_repeated(field: FieldDescriptorProto) -> bool:
    return field.label == FieldDescriptorProto.LABEL_REPEATED


def is_required(field: FieldDescriptorProto) -> bool:
    return field_behavior_pb2.REQUIRED in behaviours(field) or field.options.Extensions[validate_pb2.field].required


def behaviours(field: FieldDescriptorProto) -> Sequence[int]:
    return tuple(field.options.Extensions[field_behavior_pb2.field_behavior])
