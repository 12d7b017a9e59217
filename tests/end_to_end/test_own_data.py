"""What feed keeps of somebody: taken along through the edge, erased and put right from the command line."""

import json

from tests.end_to_end.conftest import Whole


def test_own_data_is_taken_along_as_server_sent_events(whole: Whole) -> None:
    ada = whole.member("ada")
    post = ada.http.post("/v1/posts", json={"post": {"text": "Van mij"}}).json()
    answer = ada.http.get("/v1/people/me/data:export")
    assert answer.headers["content-type"] == "text/event-stream"
    parts = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line]
    assert post["name"] in [one["name"] for part in parts for one in part.get("posts", ())]
    assert parts[-1] == {"complete": True}


def test_feed_is_put_right_from_the_command_line(whole: Whole) -> None:
    printed = whole.plein("rebuild", "feed")
    assert all(table in printed for table in ("posts", "post_texts", "merged_authors"))
    wrong = {line.split("│")[1].strip(): line.split("│")[2].strip() for line in printed.splitlines() if "│" in line}
    assert set(wrong.values()) == {"0"}


async def test_who_left_is_erased_from_the_command_line(whole: Whole) -> None:
    # Nobody whom another test needs.
    leaver, reader = whole.member("hans.kuipers"), whole.member("henk")
    post = leaver.http.post("/v1/posts", json={"post": {"text": "Tot ziens"}}).json()["name"]
    await whole.suspend(leaver)
    assert leaver.name in whole.plein("erase", leaver.name, "--anonymise")
    seen = reader.http.get(f"/v1/{post}").json()
    assert (seen["text"], seen["authorGone"], "author" in seen) == ("Tot ziens", True, False)
