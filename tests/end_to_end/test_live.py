"""What is new is told over HTTP as server-sent events, through the edge."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx

from tests.end_to_end.conftest import Whole


def test_a_new_post_is_told_as_a_server_sent_event_within_two_seconds(whole: Whole) -> None:
    ada, ingrid = whole.member("ada"), whole.member("ingrid")
    assert ada.http.post(f"/v1/{ingrid.name}:follow", json={}).status_code == 200
    with ada.http.stream("GET", "/v1/timelines/home:watch") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        told = messages(stream)
        assert "newPostCount" not in next(told)
        began = time.monotonic()
        post = ingrid.http.post("/v1/posts", json={"post": {"text": "Nieuws"}}).json()
        heard = next(told)
        assert time.monotonic() - began < 2
    assert (heard["newPostCount"], heard["newestPost"]) == (1, post["name"])
    missed = ingrid.http.post("/v1/posts", json={"post": {"text": "Nog iets"}}).json()
    with ada.http.stream("GET", "/v1/timelines/home:watch", params={"cursor": heard["cursor"]}) as stream:
        again = next(message for message in messages(stream) if "newPostCount" in message)
    assert (again["newPostCount"], again["newestPost"]) == (1, missed["name"])


def messages(stream: httpx.Response) -> Iterator[dict[str, Any]]:
    """The messages of an open stream, each of which is the `data` of an event."""
    for line in stream.iter_lines():
        if line:
            field, _, content = line.partition(": ")
            assert field == "data"
            yield json.loads(content)
