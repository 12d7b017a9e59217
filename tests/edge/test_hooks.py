"""Webhooks come in without a token, byte for byte, and open nothing else."""

import httpx
import pytest
from plein.chassis.v1 import access_pb2

from gateway.edge.doors import door
from gateway.edge.methods import Binding, Method
from tests.edge.stack import Edge, error_of

HOOK = "/v1/hooks/01993e54-0000-7000-8000-000000000000"
SIGNED = {"x-plein-signature": "t=1,v1=00", "x-plein-delivery": "one", "content-type": "application/json"}


@pytest.mark.parametrize(
    "body", [b'{"key" :\t"\\u00e9", "unheard-of": [1,2]}\n', b"{broken", b"\x00\xff", b""], ids=str
)
async def test_a_delivery_arrives_as_it_was_signed(edge: Edge, visitor: httpx.AsyncClient, body: bytes) -> None:
    response = await visitor.post(HOOK, content=body, headers=SIGNED)
    assert response.json() == {"post": "posts/1"}
    assert edge.seen.body == body
    assert edge.seen.calls[HOOK.removeprefix("/v1/")]
    assert edge.seen.headers["x-plein-signature"] == "t=1,v1=00"
    assert edge.seen.headers["x-plein-delivery"] == "one"


async def test_a_delivery_says_nothing_about_who_calls(edge: Edge, api: httpx.AsyncClient) -> None:
    await api.post(HOOK, content=b"{}", headers=SIGNED | {"x-plein-person": "people/1"})
    assert "x-plein-person" not in edge.seen.headers
    assert "authorization" not in edge.seen.headers


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/v1/hooks"),
        ("POST", f"{HOOK}:rotate"),
        ("POST", f"{HOOK}/one"),
        ("POST", f"{HOOK}/../../incomingHooks"),
        ("GET", HOOK),
        ("POST", "/v1/incomingHooks"),
        ("DELETE", HOOK.replace("hooks", "incomingHooks")),
    ],
)
async def test_nothing_beside_it_is_open(visitor: httpx.AsyncClient, verb: str, path: str) -> None:
    assert error_of(await visitor.request(verb, path, headers=SIGNED)) == (401, 16, "TOKEN_REFUSED")


def test_a_door_that_would_open_another_method_is_refused() -> None:
    hook = method("ReceiveHook", "/v1/{hook=hooks/*}", anyone=True)
    secret = method("CreateHook", "/v1/{parent=hooks/*}")
    with pytest.raises(ValueError, match="would open"):
        door(hook, hook.bindings[0], [hook, secret])
    verbs = method("RotateHook", "/v1/{name=hooks/*}:rotate")
    assert door(hook, hook.bindings[0], [hook, verbs]) == {
        "safe_regex": {"regex": "/v1/hooks/[0-9A-Za-z-]+"},
    }


@pytest.mark.parametrize("template", ["/v1/{name=**}", "/v1/{name=hooks/*/parts/*}", "/v1/{name=hooks/*}:call"])
def test_a_door_is_no_wider_than_one_id(template: str) -> None:
    wide = method("Wide", template, anyone=True)
    with pytest.raises(ValueError, match="ends in one id"):
        door(wide, wide.bindings[0], [wide])


def method(name: str, template: str, *, anyone: bool = False) -> Method:
    access = access_pb2.Access(anyone=anyone, person=not anyone)
    return Method(f"/plein.feed.v1.HookService/{name}", "feed", "", (Binding("POST", template, "*"),), access, False)
