"""Writes the OpenAPI 3.1 document of the JSON API: `python -m deploy.build.openapi gen/api.binpb gen/openapi.json`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, MethodDescriptorProto
from plein.chassis.v1 import access_pb2

from deploy.build.catalogue import Catalogue, read
from deploy.build.http_paths import HttpPath, parse
from deploy.build.schemas import Schema, Schemas, is_required

ABOUT = """The JSON API of Plein: the same methods as over gRPC, in JSON.

Send `Authorization: Bearer …` with an access token of `POST /v1/sessions:signIn`. Errors are a `google.rpc.Status` with
one `google.rpc.ErrorInfo` among the details, whose `reason` is meant for programs."""

ERROR = "google.rpc.Status"
ANYTHING = {"*/*": {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}}


def main(descriptors: str, target: str) -> None:
    Path(target).write_text(json.dumps(document(read(Path(descriptors))), indent=1, ensure_ascii=False) + "\n")


def document(catalogue: Catalogue) -> dict[str, Any]:
    schemas = Schemas(catalogue)
    failure = {
        "description": "An error, with the HTTP status that belongs to its code.",
        "content": {"application/json": {"schema": schemas.of_type(ERROR)}},
    }
    paths: dict[str, dict[str, Any]] = {}
    for path, verb, operation in operations(catalogue, schemas):
        paths.setdefault(path, {})[verb] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plein", "version": "v1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": tag_of(name), "description": catalogue.comments[name]} for name in catalogue.services],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "responses": {"Error": failure},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def operations(catalogue: Catalogue, schemas: Schemas) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for service, descriptor in catalogue.services.items():
        for method in descriptor.method:
            rule = method.options.Extensions[annotations_pb2.http]
            for number, binding in enumerate([rule, *rule.additional_bindings], start=1):
                if verb := binding.WhichOneof("pattern"):
                    path = parse(getattr(binding, verb))
                    operation = Operation(schemas, service, method, binding, path).described()
                    name = f"{tag_of(service)}_{method.name}"
                    operation["operationId"] = name if number == 1 else f"{name}_{number}"
                    yield path.text, verb, operation


class Operation:
    """One method on one HTTP path."""

    def __init__(
        self,
        schemas: Schemas,
        service: str,
        method: MethodDescriptorProto,
        binding: http_pb2.HttpRule,
        path: HttpPath,
    ) -> None:
        self.schemas = schemas
        self.service = service
        self.method = method
        self.binding = binding
        self.path = path
        self.request = method.input_type.removeprefix(".")
        self.response = method.output_type.removeprefix(".")

    def described(self) -> dict[str, Any]:
        comment = self.schemas.catalogue.comments[f"{self.service}.{self.method.name}"]
        access = self.method.options.Extensions[access_pb2.access]
        operation: dict[str, Any] = {
            "tags": [tag_of(self.service)],
            "summary": comment.split(". ")[0].split("\n\n")[0].replace("\n", " ").removesuffix("."),
            "description": f"{comment}\n\n{callers(access)}",
            "responses": {
                "200": {"description": "Done.", "content": self.answer()},
                "default": {"$ref": "#/components/responses/Error"},
            },
        }
        if parameters := [*self.path_parameters(), *self.query_parameters()]:
            operation["parameters"] = parameters
        if self.binding.body:
            operation["requestBody"] = {"required": True, "content": self.body()}
        if access.anyone:
            operation["security"] = []
        return operation

    def answer(self) -> dict[str, Any]:
        if self.response == "google.api.HttpBody":
            return ANYTHING
        kind = "text/event-stream" if self.method.server_streaming else "application/json"
        return {kind: {"schema": self.schemas.of_type(self.response)}}

    def body(self) -> dict[str, Any]:
        partial = self.binding.WhichOneof("pattern") == "patch"
        if self.binding.body == "*":
            schema = self.schemas.of_object(self.request, without=self.path.fields, partial=partial)
        else:
            (field,) = (field for field in self.fields() if field.name == self.binding.body)
            if field.type_name == ".google.api.HttpBody":
                return ANYTHING
            message = field.type_name.removeprefix(".")
            schema = self.schemas.of_object(message, partial=True) if partial else self.schemas.of_type(message)
        return {"application/json": {"schema": schema}}

    def path_parameters(self) -> Iterator[dict[str, Any]]:
        for name, field in self.path.variables:
            comment = self.schemas.catalogue.comments.get(f"{self.request}.{field}", "")
            description = f"Stands for `{{{name}}}` in `{field}`. {comment}".strip()
            schema = {"type": "string"}
            yield {"name": name, "in": "path", "required": True, "schema": schema, "description": description}

    def query_parameters(self) -> Iterator[dict[str, Any]]:
        if self.binding.body == "*":
            return
        for field in self.fields():
            if field.name not in {self.binding.body, *self.path.fields}:
                yield from self.query(self.request, field, "")

    def query(self, owner: str, field: FieldDescriptorProto, before: str) -> Iterator[dict[str, Any]]:
        """A field as query parameters; a message becomes one for each of its fields, with a dot: `filter.afterTime`."""
        schema = self.schemas.of_field(owner, field)
        name = f"{before}{field.json_name}"
        if "$ref" in schema and field.type == FieldDescriptorProto.TYPE_MESSAGE:
            message = field.type_name.removeprefix(".")
            for inner in self.schemas.catalogue.messages[message].field:
                yield from self.query(message, inner, f"{name}.")
            return
        parameter: Schema = {"name": name, "in": "query", "required": is_required(field), "schema": schema}
        if comment := schema.pop("description", ""):
            parameter["description"] = comment
        yield parameter

    def fields(self) -> list[FieldDescriptorProto]:
        return list(self.schemas.catalogue.messages[self.request].field)


def callers(access: access_pb2.Access) -> str:
    if access.anyone:
        return "For everyone, without a token too."
    admitted = ["people"] if access.person else []
    admitted += [f"people with the role `{role}`" for role in access.roles]
    admitted += [f"`services/{service}`" for service in access.services]
    admitted += [f"service accounts with the scope `{scope}`" for scope in access.scopes]
    return f"For {', '.join(admitted)}."


def tag_of(service: str) -> str:
    """`Feed` for plein.feed.v1.FeedService; with its package, `FeedOwnData`, for what several packages have."""
    _, package, _, name = service.split(".")
    return (package.title() if name == "OwnDataService" else "") + name.removesuffix("Service")


if __name__ == "__main__":
    main(*sys.argv[1:])
