"""The main job, through the front door: an organisation comes in, and people talk to each other."""

import time
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.conftest import BAD, PASSWORD, PEOPLE, Member, Whole, bad_lines


@pytest.fixture(scope="module")
def ada(whole: Whole) -> Member:
    return whole.member("ada")


@pytest.fixture(scope="module")
def ingrid(whole: Whole) -> Member:
    return whole.member("ingrid")


def test_a_file_with_ten_bad_rows_brings_in_all_the_others(whole: Whole) -> None:
    assert f"{PEOPLE - BAD} new" in whole.imported
    assert f"{BAD} bad rows" in whole.imported
    for line in bad_lines(whole.company):
        assert f" {line} " in whole.imported


def test_people_sign_in_with_the_password_that_they_chose(whole: Whole, ada: Member) -> None:
    answer = whole.http().post("/v1/sessions:signIn", json={"login": "ADA", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["person"] == ada.name


def test_a_wrong_password_tells_nothing(whole: Whole, ada: Member) -> None:
    http = whole.http()
    wrong = http.post("/v1/sessions:signIn", json={"login": "ada", "password": "verkeerd"})
    nobody = http.post("/v1/sessions:signIn", json={"login": "niemand", "password": "verkeerd"})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    assert wrong.json()["details"][0]["reason"] == "SIGN_IN_REFUSED"


def test_people_find_and_follow_each_other_and_read_their_home_page_by_page(ada: Member, ingrid: Member) -> None:
    found = ada.http.get("/v1/profiles:search", params={"query": "ingrid"}).json()
    assert ingrid.name in [profile["person"] for profile in found["profiles"]]
    assert ada.http.post(f"/v1/{ingrid.name}:follow", json={}).status_code == 200
    written: list[str] = []
    for number in range(25):
        answer = ingrid.http.post("/v1/posts", json={"post": {"text": f"Bericht {number} #opening @ada"}})
        assert answer.status_code == 200, answer.text
        written.insert(0, answer.json()["name"])
    assert _names(ingrid.http.get("/v1/timelines/home/posts", params={"pageSize": 25})) == written
    first = ada.http.get("/v1/timelines/home/posts")
    second = ada.http.get("/v1/timelines/home/posts", params={"pageToken": first.json()["nextPageToken"]})
    # Below these stands what ingrid wrote for other tests before.
    assert (_names(first) + _names(second))[:25] == written
    assert "nextPageToken" not in second.json()
    assert second.json()["posts"][0]["mentions"] == [{"person": ada.name, "handle": "ada"}]


def test_the_same_request_twice_writes_one_post(ada: Member) -> None:
    request = {"post": {"text": "Eén keer"}, "requestId": str(uuid4())}
    first, second = (ada.http.post("/v1/posts", json=request) for _ in range(2))
    assert first.json() == second.json()
    assert _names(ada.http.get("/v1/people/me/posts")).count(first.json()["name"]) == 1


async def test_a_suspended_person_is_out_within_five_seconds(whole: Whole, ada: Member) -> None:
    henk = whole.member("henk")
    assert henk.http.get("/v1/timelines/home/posts").status_code == 200
    await whole.make_administrator(ada)
    administrator = whole.signed_in("ada")
    assert administrator.http.post(f"/v1/{henk.name}:suspend", json={}).status_code == 200
    deadline = time.monotonic() + 5
    while henk.http.get("/v1/timelines/home/posts").status_code == 200:
        assert time.monotonic() < deadline
    assert henk.http.get("/v1/timelines/home/posts").status_code == 401
    assert administrator.http.post(f"/v1/{henk.name}:reinstate", json={}).status_code == 200


def _names(page: httpx.Response) -> list[str]:
    assert page.status_code == 200, page.text
    return [post["name"] for post in page.json().get("posts", [])]
