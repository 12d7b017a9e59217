"""The OpenAPI document that is made from the protos is one, and tells all of the JSON API."""

import json
import re
from typing import Any

from google.api import annotations_pb2
from openapi_spec_validator import validate

from deploy.build.catalogue import read
from deploy.build.openapi import tag_of
from tests.shape.source import ROOT

DOCUMENT: dict[str, Any] = json.loads((ROOT / "gen" / "openapi.json").read_text())
OPERATIONS = {operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()}


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_it_has_every_method_with_an_http_path() -> None:
    catalogue = read(ROOT / "gen" / "api.binpb")
    named = {
        f"{tag_of(service)}_{method.name}"
        for service, descriptor in catalogue.services.items()
        for method in descriptor.method
        if method.options.HasExtension(annotations_pb2.http)
    }
    assert named == {name for name in OPERATIONS if name.count("_") == 1}


def test_paths_have_plain_variables() -> None:
    variables = [variable for path in DOCUMENT["paths"] for variable in re.findall(r"\{(.*?)\}", path)]
    assert "person" in variables
    assert [variable for variable in variables if not variable.isidentifier()] == []


def test_limits_and_comments_of_the_protos_are_in_it() -> None:
    body = OPERATIONS["Identity_SignInWithLink"]["requestBody"]["content"]["application/json"]["schema"]
    password = body["properties"]["newPassword"]
    assert (password["minLength"], password["maxLength"]) == (10, 200)
    assert password["description"].startswith("The password")
    assert "newPassword" in body["required"]


def test_it_tells_where_a_token_is_needed() -> None:
    assert DOCUMENT["security"] == [{"token": []}]
    assert OPERATIONS["Identity_SignIn"]["security"] == []
    assert "security" not in OPERATIONS["Identity_SignOut"]
