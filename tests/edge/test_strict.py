"""A body has only the fields that its message has. The transcoder itself drops others without a word."""

import httpx
import pytest

from gateway.edge.strict import lua_pattern
from tests.edge.stack import error_of


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nope": 1}, "nope"),
        ({"post": {"text": "Hallo", "nope": {"deep": []}}}, "post.nope"),
        ({"post": {"audience": {"nope": 1}}}, "post.audience.nope"),
        ({"post": {"mentions": [{}, {"nope": 1}]}}, "post.mentions.nope"),
    ],
)
async def test_an_unknown_field_is_refused_by_name(api: httpx.AsyncClient, body: object, field: str) -> None:
    response = await api.post("/v1/posts", json=body)
    assert error_of(response) == (400, 3, "UNKNOWN_FIELD")
    [violation] = response.json()["details"][1]["fieldViolations"]
    assert violation["field"] == field


async def test_the_fields_of_a_body_that_is_a_part_of_the_request_are_known(api: httpx.AsyncClient) -> None:
    assert (await api.patch("/v1/profiles/me", json={"headline": "Hallo"})).status_code == 200
    assert error_of(await api.patch("/v1/profiles/me", json={"profile": {}})) == (400, 3, "UNKNOWN_FIELD")


@pytest.mark.parametrize("body", [{"post": {"replyTo": "posts/1"}}, {"post": {"reply_to": "posts/1"}}])
async def test_both_spellings_of_a_field_are_known(api: httpx.AsyncClient, body: object) -> None:
    response = await api.post("/v1/posts", json=body)
    assert response.json() == {"replyTo": "posts/1"}


async def test_text_that_looks_like_a_field_is_text(api: httpx.AsyncClient) -> None:
    text = 'a "quoted": {"nope": 1} \\" \\\\ é \u2028'
    assert (await api.post("/v1/posts", json={"post": {"text": text}})).json() == {"text": text}


@pytest.mark.parametrize(
    "body", ["{", '{"post"', '{"post":', "{]", "{post: 1}", '"post', "[" * 100_000, "nonsense", "{}{}"]
)
async def test_what_is_not_json_is_refused(api: httpx.AsyncClient, body: str) -> None:
    assert error_of(await api.post("/v1/posts", content=body)) == (400, 3, "BAD_REQUEST")


async def test_a_field_name_cannot_break_out_of_the_answer(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/posts", content=b'{"a\\"}],\xff\x01": 1}')
    assert error_of(response) == (400, 3, "UNKNOWN_FIELD")


def test_paths_become_patterns() -> None:
    assert lua_pattern("/v1/{name=people/*}:grant-role") == "^/v1/people/[^/]+:grant%-role$"
    assert lua_pattern("/v1/{id}/{rest=**}") == "^/v1/[^/]+/.+$"
