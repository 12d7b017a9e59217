"""Posts, images, profiles, and what people and administrators keep to themselves."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from tests.canary.cast import EMPLOYEES, MEET_ADA, PRESENT, Cast
from tests.canary.crawl import Canary


def posts(cast: Cast) -> list[Canary]:
    open_post = post(cast, "employee", "Voor iedereen kanarieopen")
    crossed = post(cast, "ada", "Van ada kanarienetwerk #kanarietag @colleague")
    some = post(cast, "employee", "Voor de vaste kanariekrachten", audience={"kinds": ["WORKER_KIND_EMPLOYEE"]})
    reply = post(cast, "ada", "Antwoord kanariereactie", replyTo=open_post)
    quote = post(cast, "ada", "Kijk kanarieciteert", reshareOf=open_post)
    quoted = post(cast, "employee", "Moet je zien kanarieverder", reshareOf=crossed)
    choices = [{"text": "kanariekeuze"}, {"text": "niets"}]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    poll = post(cast, "ada", "Wat nu?", poll={"choices": choices, "endTime": tomorrow})
    edited = post(cast, "ada", "Eerst kanarievroeger")
    mask = {"post": {"text": "Nu iets anders"}, "updateMask": "text"}
    cast.ask("ada", "PATCH", f"/v1/{edited}?updateMask=text", json=mask["post"])
    gone = post(cast, "ada", "Weg ermee kanarieweg")
    cast.ask("ada", "DELETE", f"/v1/{gone}")
    return [
        Canary("kanarieopen", PRESENT, (open_post,)),
        Canary("kanarienetwerk", MEET_ADA, (crossed,)),
        Canary("kanarietag", MEET_ADA),
        Canary("kanariekrachten", PRESENT & EMPLOYEES, (some,)),
        Canary("kanariereactie", MEET_ADA, (reply,)),
        Canary("kanarieciteert", MEET_ADA, (quote,)),
        Canary("kanarieverder", PRESENT, (quoted,)),
        Canary("kanariekeuze", MEET_ADA, (poll,)),
        Canary("kanarievroeger", MEET_ADA, (edited,)),
        Canary("kanarieweg", frozenset(), (gone,)),
    ]


def images(cast: Cast) -> list[Canary]:
    file = BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, "PNG")
    kind = {"content-type": "image/png"}
    image = cast.ask("ada", "POST", "/v1/images", content=file.getvalue(), headers=kind)["name"]
    shown = post(cast, "ada", "", images=[{"image": image, "altText": "Een kanariebeeld"}])
    return [Canary("kanariebeeld", MEET_ADA, (shown, f"{image}/sizes/small"))]


def profiles(cast: Cast) -> list[Canary]:
    mine = cast.ask("ada", "GET", "/v1/profiles/me")
    cast.ask("ada", "PATCH", f"/v1/{mine['name']}?updateMask=headline", json={"headline": "Zingt kanarieliedjes"})
    return [Canary("kanarieliedjes", PRESENT - {"retail"}, (mine["name"],))]


def own_things(cast: Cast) -> list[Canary]:
    """What somebody keeps for themselves: a mute of a tag, and what is told to one person."""
    cast.ask("ada", "POST", "/v1/tags/kanariestil:mute", json={})
    return [Canary("kanariestil", frozenset({"ada"}))]


def systems(cast: Cast) -> list[Canary]:
    """What administrators connect with Plein."""
    account = {"title": "kanariesysteem", "owner": cast.names["administrator"], "scopes": ["cards.write"]}
    made = cast.post("administrator", "/v1/serviceAccounts", serviceAccount=account)["serviceAccount"]
    hook = {"title": "kanariehaak", "url": "https://canary.invalid/", "eventTypes": ["PostDeleted"]}
    told = cast.post("administrator", "/v1/outgoingWebhooks", outgoingWebhook=hook)
    only = frozenset({"administrator"})
    return [Canary("kanariesysteem", only, (made["name"],)), Canary("kanariehaak", only, (told["name"],))]


def post(cast: Cast, who: str, text: str, **fields: Any) -> str:
    name: str = cast.post(who, "/v1/posts", post={"text": text, **fields})["name"]
    return name
