"""An article reaches who subscribed, and programs that read in somebody's name."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from tests.end_to_end.conftest import Member, Whole

ATOM = "{http://www.w3.org/2005/Atom}"


def test_an_article_is_told_once_read_as_atom_and_found(whole: Whole) -> None:
    author, reader = whole.member("fatima"), whole.member("henk")
    blog = posted(author, "/v1/blogs", {"blog": {"title": "Het plein", "kind": "BLOG_KIND_TEAM"}})["name"]
    for target in (blog, author.name, "tags/Lantaarns"):
        posted(reader, f"/v1/{target}:subscribe")
    text = "De *lantaarns* branden. #lantaarns"
    begun = posted(author, "/v1/articles", {"article": {"blog": blog, "title": "Licht", "text": text}})["name"]
    posted(author, f"/v1/{begun}:publish")
    told = until(lambda: [one for one in notifications(reader) if one["kind"] == "NOTIFICATION_KIND_ARTICLE"])
    assert [(one["subject"], one.get("actorCount", 1)) for one in told] == [(blog, 1)]
    found = reader.http.get("/v1/articles:search?query=lantaarn").json()["found"]
    assert [one["article"]["name"] for one in found] == [begun]

    address = posted(reader, "/v1/atomAddresses", {"atomAddress": {"target": blog}})
    asked = urlsplit(address["url"])
    program, path = whole.http(), f"{asked.path}?{asked.query}"
    read = program.get(path)
    assert (read.status_code, read.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    [entry] = etree.fromstring(read.content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Licht"
    assert "<em>lantaarns</em>" in (entry.findtext(f"{ATOM}content") or "")
    name = " ".join(entry.findtext(f"{ATOM}author/{ATOM}name", "").split())
    assert name.startswith("Fatima ")
    again = program.get(path, headers={"if-none-match": read.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.http.delete(f"/v1/{address['name']}").status_code == 200
    assert program.get(path).status_code == program.get(f"{asked.path}?token=none").status_code == 404


def posted(member: Member, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = member.http.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def notifications(member: Member) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = member.http.get("/v1/notifications").json().get("notifications", [])
    return found


def until(found: Callable[[], list[dict[str, Any]]], seconds: float = 20) -> list[dict[str, Any]]:
    """What is found as soon as anything is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if things := found():
            return things
    raise AssertionError("Nothing was found in time.")
