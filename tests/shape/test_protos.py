"""The protos keep the promises that every method and event makes. What buf lint knows is not repeated here."""

from collections.abc import Iterator

from google.api.annotations_pb2 import http
from google.protobuf.descriptor_pb2 import DescriptorProto, MethodDescriptorProto
from plein.chassis.v1 import access_pb2

from deploy.build.catalogue import Catalogue, read
from tests.shape.source import ROOT, shown

API: Catalogue = read(ROOT / "gen" / "api.binpb")
# Follows a log by position and chain instead of by pages.
NOT_PAGED = {"plein.chassis.v1.EventLogService.ListEvents"}
# Repeating it makes new links, since of the first ones only hashes are kept.
NOT_KEPT = {"plein.identity.v1.IdentityService.CreateSignInLinks"}


def test_every_method_says_who_may_call_it() -> None:
    offences = [name for name, method in methods() if not admits_someone(method)]
    rule = "A method declares (plein.chassis.v1.access), and it admits someone; its server refuses to start otherwise."
    assert not offences, shown(rule, offences)


def test_every_list_comes_in_pages() -> None:
    offences = [
        name
        for name, method in methods("List", "Search")
        if name not in NOT_PAGED
        if not {"page_size", "page_token"} <= names_in(method.input_type)
        or "next_page_token" not in names_in(method.output_type)
    ]
    rule = (
        "A list takes page_size and page_token and answers next_page_token (AIP-158): adding them later breaks callers."
    )
    assert not offences, shown(rule, offences)


def test_every_create_can_be_repeated() -> None:
    made = [(name, method) for name, method in methods("Create") if name not in NOT_KEPT]
    offences = [name for name, method in made if "request_id" not in names_in(method.input_type)]
    rule = "A create takes a request_id, so that a caller who heard nothing can ask again (AIP-155)."
    assert not offences, shown(rule, offences)


def test_every_update_names_its_fields_and_notices_that_it_is_stale() -> None:
    offences = [name for name, method in methods("Update") if not is_careful(method.input_type)]
    rule = "An update takes an update_mask (AIP-134), and the request or its resource has an etag (AIP-154)."
    assert not offences, shown(rule, offences)


def test_no_released_http_path_is_gone() -> None:
    released = read(ROOT / "protos" / "released.binpb")
    offences = sorted(http_paths(released) - http_paths(API))
    rule = "Callers of the JSON API would be told NOT_FOUND. Keep the old path among the additional_bindings."
    assert not offences, shown(rule, offences)


def test_every_event_tells_what_happened() -> None:
    offences = [name for name in events() if not API.comments[name].startswith("Tells that ")]
    rule = "The comment of an event begins with “Tells that …”: followers know nothing else about it."
    assert list(events()), "No events were found: this test no longer knows where they are."
    assert not offences, shown(rule, offences)


def methods(*prefixes: str) -> Iterator[tuple[str, MethodDescriptorProto]]:
    for service, descriptor in API.services.items():
        for method in descriptor.method:
            if method.name.startswith(prefixes or ""):
                yield f"{service}.{method.name}", method


def http_paths(api: Catalogue) -> set[str]:
    """As `GET /v1/{name=people/*}`, those of all methods."""
    rules = [method.options.Extensions[http] for service in api.services.values() for method in service.method]
    bindings = [binding for rule in rules for binding in [rule, *rule.additional_bindings]]
    verbs = [(verb, getattr(binding, verb)) for binding in bindings if (verb := binding.WhichOneof("pattern"))]
    return {f"{verb.upper()} {path}" for verb, path in verbs}


def events() -> Iterator[str]:
    """The full names of the messages in the files called events.proto."""
    return (name for name in API.messages if API.files[name].endswith("/events.proto"))


def admits_someone(method: MethodDescriptorProto) -> bool:
    access = method.options.Extensions[access_pb2.access]
    return bool(access.anyone or access.person or access.roles or access.services or access.scopes)


def is_careful(request: str) -> bool:
    resources = [field.type_name for field in message(request).field if field.type_name.startswith(".plein.")]
    return "update_mask" in names_in(request) and any("etag" in names_in(name) for name in [request, *resources])


def names_in(type_name: str) -> set[str]:
    return {field.name for field in message(type_name).field}


def message(type_name: str) -> DescriptorProto:
    return API.messages.get(type_name.removeprefix("."), DescriptorProto())
