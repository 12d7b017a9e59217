"""What people do with articles on the site, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.conftest import PASSWORD, Member, Whole
from tests.end_to_end.test_images import file_of

TEXT = "Wat vinden **jullie**? #cao\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] af\n\nNoot[^1]\n\n[^1]: Onderaan.\n"


@pytest.fixture(scope="module")
def yusuf(whole: Whole) -> Member:
    return whole.member("yusuf")


@pytest.fixture(scope="module")
def ingrid(whole: Whole) -> Member:
    return whole.member("ingrid")


def browser_of(whole: Whole, handle: str) -> httpx.Client:
    headers = {"accept-language": "nl", "sec-fetch-site": "same-origin"}
    client = whole.http(follow_redirects=True, headers=headers)
    home = client.post("/sign-in", data={"login": handle, "password": PASSWORD})
    assert "Uitloggen" in home.text, home.text
    return client


@pytest.fixture(scope="module")
def writer(whole: Whole, yusuf: Member) -> httpx.Client:
    """Yusuf's browser."""
    return browser_of(whole, "yusuf")


@pytest.fixture(scope="module")
def reader(whole: Whole, ingrid: Member) -> httpx.Client:
    """Ingrid's browser."""
    return browser_of(whole, "ingrid")


def send(browser: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    """Sends one of the forms of a page, whose proof is the same in all."""
    page = browser.get("/saved")
    proof = re.search(r'name="form_token" value="(\w+)"', page.text)
    assert proof, (page.status_code, page.url, page.text)
    return browser.post(path, data={"form_token": proof[1], **fields})


def etag_in(page: str) -> str:
    found = re.search(r'name="etag" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


@pytest.fixture(scope="module")
def blog(writer: httpx.Client) -> str:
    page = send(writer, "/blogs", title="Aan tafel", kind="1", description="Over de cao")
    assert "Aan tafel" in page.text
    return page.url.path


@pytest.fixture(scope="module")
def desk(writer: httpx.Client, blog: str) -> str:
    """Where a new article is written."""
    page = send(writer, "/articles", blog=blog.removeprefix("/"))
    assert page.url.path.endswith("/write")
    return page.url.path


@pytest.fixture(scope="module")
def published(writer: httpx.Client, desk: str) -> str:
    """The address of an article."""
    etag = etag_in(writer.get(desk).text)
    page = send(writer, desk, title="Zeg het maar", text=TEXT, summary="", etag=etag, then="publish")
    assert page.status_code == 200
    return page.url.path


def test_a_draft_saves_itself_and_shows_who_was_first(writer: httpx.Client, blog: str) -> None:
    place = send(writer, "/articles", blog=blog.removeprefix("/")).url.path
    etag = etag_in(writer.get(place).text)
    writer.headers["hx-request"] = "true"
    saved = send(writer, place, title="Eerst", text="een", summary="", etag=etag)
    late = send(writer, place, title="Later", text="twee", summary="", etag=etag)
    del writer.headers["hx-request"]
    assert "Bewaard op" in saved.text
    assert "<html" not in saved.text
    assert "bewaarde een andere versie" in late.text
    assert etag_in(late.text) == etag
    refused = send(writer, place, title="Later", text="twee", summary="", etag=etag, then="preview")
    assert refused.status_code == 409
    assert ">twee</textarea>" in refused.text
    over = re.search(r'name="over" value="([^"]*)"', refused.text)
    assert over
    page = send(writer, place, title="Later", text="twee", summary="", etag=etag, over=unescape(over[1]))
    assert ">twee</textarea>" in page.text
    assert "Later" in writer.get("/drafts").text


def test_an_article_is_read_at_one_address_and_runs_no_script(reader: httpx.Client, published: str) -> None:
    page = reader.get(published)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert "<strong>jullie</strong>" in page.text
    assert "<table>" in page.text
    assert 'type="checkbox"' in page.text
    assert 'class="footnotes"' in page.text
    other = reader.get("/articles/heel-anders-" + published.rpartition("-")[2] + "?order=2")
    assert (other.url.path, other.url.query, other.history[0].status_code) == (published, b"order=2", 301)
    assert "Zeg het maar" in reader.get("/articles").text
    assert "Zeg het maar" in reader.get("/articles?tag=tags/cao").text
    assert "<mark>" in reader.get("/articles/search?q=jullie").text


def test_the_page_on_which_one_writes_runs_what_is_ours_alone(writer: httpx.Client, desk: str) -> None:
    policy = writer.get(desk).headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert writer.get("/static/htmx.min.js").status_code == 200


def test_images_are_put_in_and_above(writer: httpx.Client, reader: httpx.Client, blog: str) -> None:
    place = send(writer, "/articles", blog=blog.removeprefix("/")).url.path
    for then in ("image", "cover"):
        page = writer.get(place).text
        text = re.search(r'<textarea id="text"[^>]*>([^<]*)<', page)
        proof = re.search(r'name="form_token" value="(\w+)"', page)
        assert proof
        assert text
        fields = {"form_token": proof[1], "title": "Beeld", "text": text[1], "summary": "", "etag": etag_in(page)}
        file = {"file": ("brug.jpg", file_of(800, 600), "image/jpeg")}
        writer.post(place, data=fields | {"then": then, "alt_text": "Een brug"}, files=file)
    page = writer.get(place).text
    article = re.search(r'<textarea id="text"[^>]*>([^<]*)<', page)
    assert article
    assert "![Een brug](articleImages/" in article[1]
    shown = send(writer, place, title="Beeld", text=article[1], summary="", etag=etag_in(page), then="publish")
    images = re.findall(r'src="(/articleImages/[^"]+/large)" alt="Een brug"', shown.text)
    assert len(images) == 2
    assert [reader.get(image).headers["content-type"] for image in images] == ["image/webp"] * 2


def test_people_talk_and_a_comment_has_its_place(
    reader: httpx.Client, writer: httpx.Client, yusuf: Member, published: str
) -> None:
    name = yusuf.http.get("/v1/articles:lookUp", params={"slug": published.rpartition("/")[2]}).json()["name"]
    page = send(reader, f"/{name}/comments", text="Wat kost dat?", request_id="")
    assert page.url.path == published
    comment = page.url.fragment
    assert f'id="{comment}"' in page.text
    answered = send(writer, f"/{name}/comments", text="Niets.", reply_to=f"comments/{comment}").text
    assert re.search(r'class="badge voice">Auteur<.*Niets\.', answered, re.DOTALL)
    liked = send(writer, f"/comments/{comment}/react", reaction="1", back=published).text
    assert 'aria-pressed="true"' in liked
    changed = send(reader, f"/comments/{comment}/change", text="Wat kost het?").text
    assert "Wat kost het?" in changed
    assert send(reader, f"/{name}/comments", text="").status_code == 400
    assert "Deze reactie" in send(reader, f"/comments/{comment}/delete", back=published).text


def test_a_consultation_is_held_on_the_page(
    reader: httpx.Client, writer: httpx.Client, yusuf: Member, published: str
) -> None:
    name = yusuf.http.get("/v1/articles:lookUp", params={"slug": published.rpartition("/")[2]}).json()["name"]
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    assert send(writer, f"/{name}/consultation", close_day="morgen", back=published).status_code == 400
    assert "Consultatie" in send(writer, f"/{name}/consultation", close_day=day, back=published).text
    comment = send(reader, f"/{name}/comments", text="Minder regels").url.fragment
    page = writer.get(published).text
    found = re.search(rf'/comments/{comment}/decide".*?name="etag" value="([^"]*)"', page, re.DOTALL)
    assert found
    asked = {"etag": unescape(found[1]), "reason": "Graag", "back": published}
    decided = send(writer, f"/comments/{comment}/decide", state="3", **asked).text
    assert re.search(r"<strong>Meegenomen</strong>", decided)
    assert re.search(r'contributions\?state=3">1<', reader.get(published).text)
    assert "Minder regels" in reader.get(f"/{name}/contributions?state=3").text
    assert "Minder regels" not in reader.get(f"/{name}/contributions?state=1").text
    assert "Graag" in reader.get(f"/comments/{comment}/history").text
    export = writer.get(f"/{name}/contributions.csv")
    assert export.headers["content-type"].startswith("text/csv")
    assert "Minder regels" in export.text
    assert reader.get(f"/{name}/contributions.csv").status_code == 400


def test_who_is_named_looks_at_a_draft_and_nobody_else(
    reader: httpx.Client, writer: httpx.Client, ingrid: Member, blog: str
) -> None:
    place = send(writer, "/articles", blog=blog.removeprefix("/")).url.path
    etag = etag_in(writer.get(place).text)
    preview = send(writer, place, title="Geheim", text="Nog niet", summary="", etag=etag, then="preview")
    assert "Laat iemand meekijken" in preview.text
    assert reader.get(preview.url.path).status_code == 404
    send(writer, preview.url.path.replace("preview", "shares"), person=ingrid.name, share="yes")
    seen = reader.get(preview.url.path).text
    assert "Nog niet" in seen
    assert "Laat iemand meekijken" not in seen
    assert reader.get(place).status_code == 404


def test_what_a_draft_said_comes_back(writer: httpx.Client, desk: str, published: str) -> None:
    page = writer.get(desk).text
    send(writer, desk, title="Anders", text="Anders", summary="", etag=etag_in(page), then="save")
    listed = writer.get(desk.replace("/write", "/revisions")).text
    first = re.search(r'href="(/articles/[^"]+/revisions/\d+)"', listed)
    assert first
    compared = writer.get(first[1]).text
    assert "<ins>" in compared
    assert "<del>" in compared
    restored = send(writer, f"{first[1]}/restore", etag=etag_in(compared))
    assert 'value="Zeg het maar"' in restored.text


def test_an_article_waits_for_its_time(writer: httpx.Client, blog: str) -> None:
    place = send(writer, "/articles", blog=blog.removeprefix("/")).url.path
    then = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"title": "Later", "text": "Later", "summary": "", "then": "schedule"}
    past = send(writer, place, etag=etag_in(writer.get(place).text), schedule_time="2020-01-01T10:00", **form)
    assert past.status_code == 400
    page = send(writer, place, etag=etag_in(past.text), schedule_time=then, **form).text
    assert "Ingepland" in page
    assert f'value="{then}"' in page
    assert "Ingepland" not in send(writer, place.replace("write", "unschedule")).text


def test_people_follow_a_blog_and_read_it_elsewhere(
    whole: Whole, reader: httpx.Client, blog: str, published: str
) -> None:
    target = blog.removeprefix("/")
    assert "Zeg het maar" not in reader.get("/articles?show=followed").text
    assert "niet meer volgen" in send(reader, "/subscriptions", target=target, subscribe="yes", back=blog).text
    assert "Zeg het maar" in reader.get("/articles?show=followed").text
    page = send(reader, "/atom", target=target).text
    address = re.search(r'readonly value="([^"]+)"', page)
    assert address
    asked = urlsplit(unescape(address[1]))
    path = f"{asked.path}?{asked.query}"
    assert "Zeg het maar" in whole.http().get(path).text
    revoke = re.search(r'action="(/atom/[^"]+/revoke)"', page)
    assert revoke
    send(reader, revoke[1])
    assert whole.http().get(path).status_code == 404
