"""A group through the edge: who is let in sees what is written there, and who is taken out sees it no more."""

import json
import time
from collections.abc import Callable

from tests.end_to_end.conftest import Member, Whole


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    """Asks again until something holds, at most so long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"It does not hold after {seconds} seconds."


def founded(owner: Member, title: str, visibility: str) -> str:
    group = {"title": title, "visibility": f"GROUP_VISIBILITY_{visibility}"}
    answer = owner.http.post("/v1/groups", json=group)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["name"])


def test_a_removed_member_sees_nothing_within_two_seconds(whole: Whole) -> None:
    ada, henk = whole.member("ada"), whole.member("henk")
    group = founded(ada, "Golf", "SECRET")
    assert henk.http.get(f"/v1/{group}").status_code == 404
    assert ada.http.post(f"/v1/{group}:invite", json={"person": henk.name}).status_code == 200
    assert henk.http.post(f"/v1/{group}/invitations/me:accept").status_code == 200
    wanted = {"post": {"text": "Alleen voor ons", "audience": {"group": group}}}
    wait_until(lambda: ada.http.post("/v1/posts", json=wanted).status_code == 200, 10)
    posts = f"/v1/{group}/posts"
    wait_until(lambda: bool(henk.http.get(posts).json().get("posts")), 10)
    post = henk.http.get(posts).json()["posts"][0]["name"]

    member = henk.name.replace("people/", "members/")
    assert ada.http.post(f"/v1/{group}/{member}:remove").status_code == 200
    wait_until(lambda: henk.http.get(f"/v1/{post}").status_code == 404, 2)
    assert henk.http.get(posts).json().get("posts", []) == []
    assert henk.http.get(f"/v1/{group}").status_code == 404


def test_memberships_are_taken_along(whole: Whole) -> None:
    ada = whole.member("ada")
    group = founded(ada, "Koor", "OPEN")
    answer = ada.http.get("/v1/people/me/groups:export")
    parts = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]
    assert group in [one["name"] for part in parts for one in part.get("groups", ())]
    assert parts[-1] == {"complete": True}
