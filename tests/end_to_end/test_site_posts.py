"""What people do with posts on the site, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import PASSWORD, Member, Whole
from tests.end_to_end.test_images import file_of


@pytest.fixture(scope="module")
def sanne(whole: Whole) -> Member:
    return whole.member("sanne")


@pytest.fixture(scope="module")
def piotr(whole: Whole) -> Member:
    return whole.member("piotr")


@pytest.fixture(scope="module")
def browser(whole: Whole, piotr: Member) -> httpx.Client:
    """Piotr's."""
    client = whole.http(follow_redirects=True, headers={"accept-language": "nl", "sec-fetch-site": "same-origin"})
    client.post("/sign-in", data={"login": "piotr", "password": PASSWORD})
    return client


def written(member: Member, **post: Any) -> str:
    answer = member.http.post("/v1/posts", json={"post": post})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["name"])


def send(browser: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    """Sends one of the forms of a page, whose proof is the same in all."""
    proof = re.search(r'name="form_token" value="(\w+)"', browser.get("/saved").text)
    assert proof
    return browser.post(path, data={"form_token": proof[1], **fields})


def test_an_image_is_shown_to_those_who_see_its_post(browser: httpx.Client, sanne: Member) -> None:
    uploaded = sanne.http.post("/v1/images", content=file_of(800, 600), headers={"content-type": "image/jpeg"})
    image = uploaded.json()["name"]
    assert browser.get(f"/{image}/small").status_code == 404
    post = written(sanne, images=[{"image": image, "altText": "Een brug"}])
    page = browser.get(f"/{post}").text
    assert f'<img src="/{image}/large" alt="Een brug"' in page
    small = browser.get(f"/{image}/small")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert small.headers["cache-control"].startswith("private")
    assert browser.get(f"/{image}/huge").status_code == 404


def test_people_vote_and_see_their_vote(browser: httpx.Client, sanne: Member) -> None:
    end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    post = written(sanne, text="Soep?", poll={"choices": [{"text": "Ja"}, {"text": "Nee"}], "endTime": end})
    page = send(browser, f"/{post}/vote", choice="1", back=f"/{post}")
    assert page.url.path == f"/{post}"
    assert re.search(r'value="1" checked required><span>Nee', page.text)
    assert "1 mens stemde" in page.text
    assert send(browser, f"/{post}/vote", back=f"/{post}").status_code == 400


def test_people_reshare_and_take_it_back(browser: httpx.Client, sanne: Member) -> None:
    post = written(sanne, text="Dit moet rond")
    home = send(browser, f"/{post}/reshare", reshare="yes", back="/")
    assert "heeft dit gedeeld" in home.text
    assert "heeft dit gedeeld" not in send(browser, f"/{post}/reshare", reshare="no", back="/").text
    quoted = send(browser, "/posts", text="Lees dit", reshare_of=post).text
    assert re.search(r'Lees dit.*class="quote">.*Dit moet rond', quoted, re.DOTALL)


def test_people_save_a_post_for_later(browser: httpx.Client, sanne: Member) -> None:
    post = written(sanne, text="Voor later")
    send(browser, f"/{post}/bookmark", bookmark="yes", back="/")
    assert "Voor later" in browser.get("/saved").text
    assert "Voor later" not in send(browser, f"/{post}/bookmark", bookmark="no", back="/saved").text


def test_what_a_post_said_before_can_be_read(browser: httpx.Client, sanne: Member) -> None:
    post = written(sanne, text="Om drie uur")
    sanne.http.patch(f"/v1/{post}", params={"updateMask": "text"}, json={"text": "Om vier uur"})
    assert f'href="/{post}/versions"' in browser.get(f"/{post}").text
    assert "Om drie uur" in browser.get(f"/{post}/versions").text


def test_the_bell_counts_until_all_is_read(browser: httpx.Client, sanne: Member, piotr: Member) -> None:
    post = written(piotr, text="Hallo")
    sanne.http.post(f"/v1/{post}:react", json={"reaction": "REACTION_LIKE"})
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while not (unread := piotr.http.get("/v1/notifications:countUnread").json().get("unreadCount")):
        assert datetime.now(UTC) < deadline
    page = browser.get("/notifications").text
    assert f"Meldingen, {unread} nieuw" in page
    assert "reageerde op je bericht" in page
    position = re.search(r'name="up_to_position" value="(\d+)"', page)
    assert position
    assert f"{unread} nieuw" not in send(browser, "/notifications/read", up_to_position=position[1]).text
