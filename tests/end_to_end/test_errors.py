"""What goes wrong answers with the right status and a google.rpc.Status in JSON."""

import httpx
import pytest

from tests.end_to_end.conftest import Member, Whole

UNKNOWN = "01999999-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def piotr(whole: Whole) -> Member:
    return whole.member("piotr")


def test_no_token_and_a_bad_one(whole: Whole) -> None:
    _is(whole.http().get("/v1/timelines/home/posts"), 401, 16)
    bad = {"authorization": "Bearer a.b.c"}
    _is(whole.http().get("/v1/timelines/home/posts", headers=bad), 401, 16)


def test_an_unknown_field_is_named(piotr: Member) -> None:
    answer = piotr.http.post("/v1/posts", json={"post": {"text": "x", "colour": "red"}})
    _is(answer, 400, 3)
    assert "post.colour" in answer.text


def test_a_field_that_breaks_its_rule_is_named(piotr: Member) -> None:
    answer = piotr.http.post("/v1/posts", json={"post": {"text": "x" * 501}})
    _is(answer, 400, 3)
    (violation,) = answer.json()["details"][1]["fieldViolations"]
    assert violation["field"] == "post.text"


def test_an_oversized_body(piotr: Member) -> None:
    _is(piotr.http.post("/v1/posts", json={"post": {"text": "x" * 9_000_000}}), 413, 8)


@pytest.mark.parametrize("name", [f"posts/{UNKNOWN}", "posts/none", f"people/{UNKNOWN}", f"profiles/{UNKNOWN}"])
def test_an_unknown_id(piotr: Member, name: str) -> None:
    answer = piotr.http.get(f"/v1/{name}")
    _is(answer, 404, 5)
    assert answer.json()["details"][0]["reason"].endswith("_NOT_FOUND")


def test_an_unknown_path(piotr: Member) -> None:
    _is(piotr.http.get("/v1/nothing"), 404, 5)


def test_bytes_that_are_no_text(piotr: Member) -> None:
    answer = piotr.http.get("/v1/posts/%ff")
    _is(answer, 400, 3)
    assert "DecodeError" not in answer.text


def test_methods_of_the_house_are_not_for_the_street(piotr: Member) -> None:
    for path in ("/plein.chassis.v1.EventLogService/ListEvents", "/v1/events", "/plein.feed.v1.FeedService/GetPost"):
        assert piotr.http.post(path, json={}).status_code in (403, 404)


def _is(answer: httpx.Response, status: int, code: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["code"] == code
    assert answer.json()["message"]
