"""What people write where not everybody may read it: each scene puts canaries there and says who may see them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from plein.identity.v1 import identity_pb2

from tests.canary.cast import EVERYBODY, PEOPLE, Cast
from tests.canary.crawl import Canary

Scene = Callable[[Cast], list[Canary]]

EMPLOYEES = frozenset(handle for handle, (kind, _, _) in PEOPLE.items() if kind == "EMPLOYEE")
PRESENT = EVERYBODY - {"suspended"}
# Whom ada meets: nobody across the barrier, and nobody whom she blocked.
MEET_ADA = PRESENT - {"retail", "blocked"}


async def set_apart(cast: Cast) -> None:
    """Gives out the roles and raises the barrier, before anybody writes."""
    for handle, (_, _, roles) in PEOPLE.items():
        for role in roles:
            await cast.as_operator("GrantRole", identity_pb2.GrantRoleRequest(name=cast.names[handle], role=role))
            cast.sign_in_again(handle)
    policy = {"barriers": [{"segment": "network", "otherSegment": "retail"}]}
    cast.ask("administrator", "PATCH", "/v1/barrierPolicy", json=policy)
    cast.until_refused("retail", f"/v1/{cast.names['ada']}")
    cast.post("ada", f"/v1/{cast.names['blocked']}:block")


async def clear_away(cast: Cast) -> None:
    """Who is suspended wrote before, and sees nothing any more."""
    await cast.as_operator("SuspendPerson", identity_pb2.SuspendPersonRequest(name=cast.names["suspended"]))
    cast.until_refused("suspended", "/v1/timelines/home/posts")


def posts(cast: Cast) -> list[Canary]:
    open_post = _post(cast, "employee", "Voor iedereen kanarieopen")
    crossed = _post(cast, "ada", "Van ada kanarienetwerk #kanarietag @colleague")
    some = _post(cast, "employee", "Voor de vaste kanariekrachten", audience={"kinds": ["WORKER_KIND_EMPLOYEE"]})
    reply = _post(cast, "ada", "Antwoord kanariereactie", replyTo=open_post)
    quote = _post(cast, "ada", "Kijk kanarieciteert", reshareOf=open_post)
    quoted = _post(cast, "employee", "Moet je zien kanarieverder", reshareOf=crossed)
    choices = [{"text": "kanariekeuze"}, {"text": "niets"}]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    poll = _post(cast, "ada", "Wat nu?", poll={"choices": choices, "endTime": tomorrow})
    edited = _post(cast, "ada", "Eerst kanarievroeger")
    mask = {"post": {"text": "Nu iets anders"}, "updateMask": "text"}
    cast.ask("ada", "PATCH", f"/v1/{edited}?updateMask=text", json=mask["post"])
    gone = _post(cast, "ada", "Weg ermee kanarieweg")
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
    post = _post(cast, "ada", "", images=[{"image": image, "altText": "Een kanariebeeld"}])
    return [Canary("kanariebeeld", MEET_ADA, (post, f"{image}/sizes/small"))]


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


SCENES: Iterable[Scene] = (posts, images, profiles, own_things, systems)


def _post(cast: Cast, who: str, text: str, **fields: Any) -> str:
    name: str = cast.post(who, "/v1/posts", post={"text": text, **fields})["name"]
    return name
