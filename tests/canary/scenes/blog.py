"""Articles at work, for some, taken back and shared; and what is said about them."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from tests.canary.cast import EMPLOYEES, MEET_ADA, PRESENT, Cast
from tests.canary.crawl import Canary
from tests.canary.scenes.groups import MEMBERS, come_in, founded


def articles(cast: Cast) -> list[Canary]:
    mine = begun_blog(cast, "ada", "Blog kanarieblog", "PERSON")
    draft = begun(cast, "ada", mine, "Nog niet af", "Een kanarieklad.")
    shared = begun(cast, "ada", mine, "Kijk mee", "Een kanarievoorbeeld.")
    cast.post("ada", f"/v1/{shared}/draft:share", person=cast.names["colleague"])
    theirs = begun_blog(cast, "employee", "Blog van de rest")
    some = begun(cast, "employee", theirs, "Vast", "Voor kanarievast.", kinds=["WORKER_KIND_EMPLOYEE"])
    group = founded(cast, "Schrijvers", "SECRET")
    come_in(cast, group, "member")
    inside = begun(cast, "employee", theirs, "Kring", "In kanariekring.", group=group)
    taken_back = begun(cast, "employee", theirs, "Terug", "Toch niet: kanarieterug.")
    changed = begun(cast, "employee", theirs, "Anders", "Eerst kanarieoud.")
    for article in (some, inside, taken_back, changed):
        cast.patiently("employee", f"/v1/{article}:publish")
    cast.post("employee", f"/v1/{taken_back}:unpublish")
    cast.ask("employee", "PATCH", f"/v1/{changed}/draft?updateMask=text", json={"text": "Nu nieuw."})
    cast.post("employee", f"/v1/{changed}:publish")
    author = frozenset({"employee"})
    return [
        Canary("kanarieblog", MEET_ADA, (mine,)),
        Canary("kanarieklad", frozenset({"ada"}), (draft, f"{draft}/draft")),
        Canary("kanarievoorbeeld", frozenset({"ada", "colleague"}), (shared, f"{shared}/draft")),
        Canary("kanarievast", PRESENT & EMPLOYEES, (some, f"{some}/discussion")),
        Canary("kanariekring", MEMBERS, (inside, f"{inside}/discussion")),
        Canary("kanarieterug", author, (taken_back,)),
        Canary("kanarieoud", author),
    ]


def comments(cast: Cast) -> list[Canary]:
    blog = begun_blog(cast, "employee", "Wat vinden we")
    article = begun(cast, "employee", blog, "Vraag", "Zeg het maar.")
    cast.post("employee", f"/v1/{article}:publish")
    said = comment(cast, "ada", article, "Ik vind kanariemening")
    answer = comment(cast, "member", article, "Eens met kanarieeens", replyTo=said)
    gone = comment(cast, "ada", article, "Foutje kanariefoutje")
    cast.ask("ada", "DELETE", f"/v1/{gone}")
    return [
        Canary("kanariemening", MEET_ADA, (said,)),
        Canary("kanarieeens", PRESENT, (answer,)),
        Canary("kanariefoutje", frozenset(), (gone,)),
    ]


def consultations(cast: Cast) -> list[Canary]:
    """What is thought of something, in a group of which nobody else knows; with a series and an image."""
    group = founded(cast, "Overleg", "SECRET")
    come_in(cast, group, "member")
    blog = begun_blog(cast, "employee", "Blog van het overleg kanarieoverleg", group=group)
    file = BytesIO()
    Image.new("RGB", (32, 32), "green").save(file, "PNG")
    kind = {"content-type": "image/png"}
    image = cast.ask("employee", "POST", "/v1/articleImages", content=file.getvalue(), headers=kind)["name"]
    article = begun(cast, "employee", blog, "Plan", f"Wat vind je? ![kanarieprent]({image})", group=group)
    cast.patiently("employee", f"/v1/{article}:publish")
    series = cast.post("employee", f"/v1/{blog}/series", series={"title": "Reeks kanariereeks", "articles": [article]})
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    asked = cast.post("employee", f"/v1/{article}/consultation", consultation={"closeTime": end})["name"]
    said = comment(cast, "member", article, "Doe maar kanarieplan")
    return [
        Canary("kanarieoverleg", MEMBERS, (blog,)),
        Canary("kanarieprent", MEMBERS, (f"{image}/sizes/small",)),
        Canary("kanariereeks", MEMBERS, (series["name"],)),
        Canary("kanarieplan", MEMBERS, (asked, said, f"{said}/contribution")),
    ]


def begun_blog(cast: Cast, who: str, title: str, kind: str = "TEAM", **audience: Any) -> str:
    blog = {"title": title, "kind": f"BLOG_KIND_{kind}", "audience": audience}
    name: str = cast.patiently(who, "/v1/blogs", blog=blog)["name"]
    return name


def begun(cast: Cast, who: str, blog: str, title: str, text: str, **audience: Any) -> str:
    article = {"blog": blog, "title": title, "text": text, "audience": audience}
    name: str = cast.patiently(who, "/v1/articles", article=article)["name"]
    return name


def comment(cast: Cast, who: str, article: str, text: str, **fields: Any) -> str:
    name: str = cast.post(who, f"/v1/{article}/comments", comment={"text": text, **fields})["name"]
    return name
