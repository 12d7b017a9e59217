"""A secret group and a closed one: what they are called, who is in them and what is written there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.canary.cast import PRESENT, Cast
from tests.canary.crawl import Canary

MEMBERS = frozenset({"employee", "member"})


def groups(cast: Cast) -> list[Canary]:
    secret = founded(cast, "Kring kanariegeheim", "SECRET")
    closed = founded(cast, "Club kanariegesloten", "CLOSED")
    for handle in ("member", "left", "banned"):
        come_in(cast, secret, handle)
    cast.post("left", f"/v1/{secret}:leave")
    cast.post("employee", f"/v1/{secret}:ban", person=cast.names["banned"])
    inside = write(cast, "member", secret, "Onder ons kanarieclub @employee")
    talked = cast.post("employee", "/v1/posts", post={"text": "Inderdaad kanarieinderdaad", "replyTo": inside})["name"]
    walled = write(cast, "employee", closed, "Binnen kanariebinnen")
    cast.post("employee", f"/v1/{secret}:invite", person=cast.names["external"])
    link = cast.post("employee", f"/v1/{secret}/inviteLinks", mostUses=1)
    asked = cast.post("freelancer", f"/v1/{closed}:ask", note="Mag ik? kanariemagik")
    return [
        # Who is invited may look at what it is.
        Canary("kanariegeheim", MEMBERS | {"external"}, (secret, link["name"])),
        Canary("kanarieclub", MEMBERS, (inside,)),
        Canary("kanarieinderdaad", MEMBERS, (talked,)),
        Canary("kanariegesloten", PRESENT, (closed,)),
        Canary("kanariebinnen", frozenset({"employee"}), (walled,)),
        Canary("kanariemagik", frozenset({"employee", "freelancer"}), (asked["name"],)),
    ]


def pages(cast: Cast) -> list[Canary]:
    """Who may know of a closed group reads its page, and nobody of a secret one; what is in them is for members."""
    return [*_page(cast, "closed", PRESENT), *_page(cast, "secret", MEMBERS)]


def _page(cast: Cast, kind: str, readers: frozenset[str]) -> list[Canary]:
    group = founded(cast, f"kanarie{kind}", kind.upper())
    for guest in ("member", "left"):
        come_in(cast, group, guest)
    page = {"description": f"Over kanariedeur{kind}", "tags": [f"kanarieveer{kind}"]}
    cast.ask("employee", "PATCH", f"/v1/{group}/page", json=page)
    text, content = {"content-type": "text/plain"}, f"kanarielied{kind}"
    path = f"/v1/{group}/files?title=kanarieblad{kind}"
    file = cast.ask("employee", "POST", path, content=content, headers=text)["name"]
    start = datetime.now(UTC) + timedelta(days=2)
    times = {"startTime": start.isoformat(), "endTime": (start + timedelta(hours=1)).isoformat()}
    event = cast.post("employee", f"/v1/{group}/events", title=f"kanariefeest{kind}", place="Plein", **times)["name"]
    cast.post("left", f"/v1/{event}:answer", answer="EVENT_ANSWER_YES")
    cast.post("left", f"/v1/{group}:leave")
    return [
        Canary(f"kanarie{kind}", readers, (group, f"{group}/page/cover/sizes/small")),
        Canary(f"kanariedeur{kind}", readers, (f"{group}/page",)),
        Canary(f"kanarieveer{kind}", readers),
        Canary(f"kanarieblad{kind}", MEMBERS, (file, f"{file}/versions/1")),
        Canary(f"kanarielied{kind}", MEMBERS),
        Canary(f"kanariefeest{kind}", MEMBERS, (event, "calendars/kanarie")),
    ]


def founded(cast: Cast, title: str, visibility: str) -> str:
    group = {"title": title, "visibility": f"GROUP_VISIBILITY_{visibility}"}
    name: str = cast.post("employee", "/v1/groups", **group)["name"]
    return name


def come_in(cast: Cast, group: str, who: str) -> None:
    cast.post("employee", f"/v1/{group}:invite", person=cast.names[who])
    cast.post(who, f"/v1/{group}/invitations/me:accept")


def write(cast: Cast, who: str, group: str, text: str, **fields: Any) -> str:
    name: str = cast.patiently(who, "/v1/posts", post={"text": text, "audience": {"group": group}, **fields})["name"]
    return name
