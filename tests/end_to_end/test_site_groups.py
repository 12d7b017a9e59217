"""What people do with groups on the site, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.end_to_end.conftest import PASSWORD, Member, Whole
from tests.end_to_end.test_groups import founded, wait_until
from tests.end_to_end.test_images import file_of

# By the name of the field: the name of the file, its content, and what that is.
Files = dict[str, tuple[str, bytes, str]]


def browser_of(whole: Whole, handle: str) -> httpx.Client:
    """Somebody's browser, signed in and without JavaScript."""
    client = whole.http(follow_redirects=True, headers={"accept-language": "nl", "sec-fetch-site": "same-origin"})
    client.post("/sign-in", data={"login": handle, "password": PASSWORD})
    return client


@pytest.fixture(scope="module")
def fatima(whole: Whole) -> Member:
    return whole.member("fatima")


@pytest.fixture(scope="module")
def yusuf(whole: Whole) -> Member:
    return whole.member("yusuf")


@pytest.fixture(scope="module")
def owner(whole: Whole, fatima: Member) -> httpx.Client:
    return browser_of(whole, "fatima")


@pytest.fixture(scope="module")
def guest(whole: Whole, yusuf: Member) -> httpx.Client:
    return browser_of(whole, "yusuf")


def send(browser: httpx.Client, path: str, files: Files | None = None, /, **fields: str) -> httpx.Response:
    """Sends one of the forms of a page, whose proof is the same in all."""
    proof = re.search(r'name="form_token" value="(\w+)"', browser.get("/saved").text)
    assert proof
    answer = browser.post(path, data={"form_token": proof[1], **fields}, files=files)
    assert answer.status_code < 500, answer.text
    return answer


def made(owner: httpx.Client, title: str, visibility: int = 1) -> str:
    """Founds a group with the form, and answers its path."""
    form = owner.get("/found-group").text
    request_id = re.search(r'name="request_id" value="([\w-]+)"', form)
    assert request_id
    fields = {"title": title, "visibility": str(visibility), "description": f"Voor wie van **{title}** houdt."}
    page = send(owner, "/found-group", request_id=request_id[1], **fields)
    assert page.status_code == 200
    assert f"<strong>{title}</strong>" in page.text
    return page.url.path


def test_a_group_is_founded_found_and_joined(owner: httpx.Client, guest: httpx.Client) -> None:
    group = made(owner, "Fotografie")
    found = guest.get("/groups", params={"q": "fotogr"}).text
    assert f'href="{group}">Fotografie' in found
    assert "Word lid" in guest.get(group).text
    page = send(guest, f"{group}/join")
    assert page.url.path == group
    assert "Schrijf aan de groep" in page.text
    assert "Fotografie" in guest.get("/groups").text
    assert send(guest, f"{group}/leave").url.path == "/groups"
    assert "Word lid" in guest.get(group).text


def test_what_is_written_in_a_group_is_read_in_it(owner: httpx.Client) -> None:
    group = made(owner, "Koor")

    def written() -> bool:
        send(owner, "/posts", text="Repetitie om acht uur", group=group[1:], request_id="")
        return "Repetitie om acht uur" in owner.get(group).text

    wait_until(written, 10)
    assert '">in Koor</a>' in owner.get("/").text
    post = re.search(r'name="post" value="(posts/[\w-]+)"', owner.get(group).text)
    assert post
    assert "Vastgezet" in send(owner, f"{group}/pin", post=post[1], pin="yes", back=group).text


def test_who_asks_is_let_in(owner: httpx.Client, guest: httpx.Client, yusuf: Member) -> None:
    group = made(owner, "Ondernemingsraad", 2)
    asked = send(guest, f"{group}/ask", note="Ik doe graag mee")
    assert "De beheerders moeten nog antwoorden." in asked.text
    assert "Ik doe graag mee" in owner.get(f"{group}/entrance").text
    person = yusuf.name.removeprefix("people/")
    assert "Er wacht niemand." in send(owner, f"{group}/entrance/decide", person=person, accept="yes").text
    assert "Schrijf aan de groep" in guest.get(group).text
    assert "Beheerder</span>" in send(owner, f"{group}/members/{person}", do="2").text
    assert send(guest, f"{group}/settings", title="Van mij", visibility="1", history="1").status_code == 400


def test_a_secret_group_is_not_there_until_a_link_leads_to_it(owner: httpx.Client, guest: httpx.Client) -> None:
    group = made(owner, "Verrassing", 3)
    assert guest.get(group).status_code == 404
    assert guest.get(f"{group}/members").status_code == 404
    page = send(owner, f"{group}/entrance/create-link", uses="1", days="2", request_id="").text
    link = re.search(r'value="http[^"]*(/join\?link=([^"]+))"', page)
    assert link
    assert "Verrassing" in guest.get(link[1]).text
    assert send(guest, "/join", link=link[2]).url.path == group
    assert owner.get("/join?link=geraden").status_code == 404


def test_a_group_gets_a_cover_rules_and_another_name_and_goes_and_comes_back(owner: httpx.Client) -> None:
    group = made(owner, "Hardlopen")
    send(owner, f"{group}/description", description="Rondje", rules="1. Wacht op elkaar", tags="#Sport lopen")
    wrong = send(owner, f"{group}/description", description="Lang geschreven", rules="", tags="s!p?ort")
    assert wrong.status_code == 400
    assert "Lang geschreven" in wrong.text
    cover = {"file": ("cover.jpg", file_of(1200, 400), "image/jpeg")}
    page = send(owner, f"{group}/cover", cover).text
    shown = re.search(r'src="(/groups/[\w-]+/cover/large\?version=[\w-]+)"', page)
    assert shown
    assert owner.get(shown[1]).headers["content-type"] == "image/webp"
    assert "#sport" in page
    assert "Wacht op elkaar" in page
    send(owner, f"{group}/settings", title="Rennen", visibility="2", history="2", handle="rennen")
    assert "Besloten groep" in owner.get("/groups/rennen").text
    assert "alleen nog lezen" in send(owner, f"{group}/archive", archive="yes").text
    send(owner, f"{group}/archive", archive="no")
    assert "Deze groep is verwijderd." not in send(owner, f"{group}/delete", delete="yes").text
    assert "Deze groep is verwijderd." in send(owner, f"{group}/delete", delete="yes", sure="yes").text
    assert "Deze groep is verwijderd." not in send(owner, f"{group}/delete", delete="no").text


def test_an_event_is_planned_answered_and_taken_along(owner: httpx.Client) -> None:
    group = made(owner, "Golf")
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    fields = {"title": "Negen holes", "start": f"{day}T19:30", "end": f"{day}T21:00", "limit": "4"}
    wrong = send(owner, f"{group}/events/plan", **fields)
    assert wrong.status_code == 400
    assert 'value="Negen holes"' in wrong.text
    event = send(owner, f"{group}/events/plan", place="Baan Noord", **fields)
    assert f"{day.year} 19:30 – 21:00" in event.text
    path = event.url.path
    assert "1 mens komt" in send(owner, f"{path}/answer", answer="1").text
    entry = owner.get(f"{path}/calendar.ics")
    assert entry.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Negen holes" in entry.text
    changed = {"title": "Achttien holes", "place": "Baan Zuid"}
    assert "Achttien holes" in send(owner, f"{path}/change", **(fields | changed)).text
    assert "Achttien holes" in owner.get("/calendar").text
    assert "/v1/calendars/" in send(owner, "/calendar", do="reset").text
    assert "Dit gaat niet door." in send(owner, f"{path}/cancel").text


def test_a_file_is_shared_and_saved_as_it_was(owner: httpx.Client, guest: httpx.Client) -> None:
    group = made(owner, "Boekenclub", 2)
    content = b"%PDF-1.7 " + bytes(range(256)) * 5000
    page = send(owner, f"{group}/files", {"file": ("Lijst é.pdf", content, "application/pdf")}).text
    file = re.search(r'href="(/groups/[\w-]+/files/[\w-]+)">Lijst é.pdf', page)
    assert file
    saved = owner.get(file[1])
    assert saved.content == content
    assert saved.headers["content-disposition"] == "attachment; filename*=UTF-8''Lijst%20%C3%A9.pdf"
    assert guest.get(file[1]).status_code == 404
    id_ = file[1].rpartition("/")[2]
    assert "Er heeft nog niemand" in send(owner, f"{group}/files/delete", file=id_).text


def test_people_report_a_post_and_hear_that_somebody_looks(
    whole: Whole, guest: httpx.Client, fatima: Member, yusuf: Member
) -> None:
    post = fatima.http.post("/v1/posts", json={"post": {"text": "Lomp"}}).json()["name"]
    page = guest.get(f"/{post}").text
    assert f"/report?subject={post}" in page
    form = guest.get("/report", params={"subject": post, "back": f"/{post}"}).text
    assert "Meld dit bericht" in form
    asked = {"subject": post, "back": f"/{post}", "request_id": ""}
    assert send(guest, "/report", **asked, reason="12").status_code == 400
    assert "Dank je wel" in send(guest, "/report", **asked, reason="2", note="Kwetsend").text
    assert len(yusuf.http.get("/v1/reports").json()["reports"]) == 1
    own = founded(yusuf, "Van mij", "OPEN")
    assert send(guest, "/report", subject=own, back="/", reason="2").status_code == 400
