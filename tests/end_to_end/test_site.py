"""The site, as a browser without JavaScript uses it."""

import re

import httpx
import pytest

from tests.end_to_end.conftest import PASSWORD, Whole


@pytest.fixture(scope="module")
def browser(whole: Whole) -> httpx.Client:
    whole.member("samira")
    headers = {"accept-language": "nl", "sec-fetch-site": "same-origin"}
    return whole.http(follow_redirects=True, headers=headers)


def test_whoever_opens_the_address_sees_that_it_lives(browser: httpx.Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert "Eén plein voor iedereen die hier werkt" in page.text
    assert 'lang="nl"' in page.text


def test_it_speaks_english_to_whoever_prefers_that(browser: httpx.Client) -> None:
    assert "One square for everyone" in browser.get("/", headers={"accept-language": "en-GB,nl;q=0.5"}).text


def test_a_wrong_password_is_told_and_the_name_is_kept(browser: httpx.Client) -> None:
    page = browser.post("/sign-in", data={"login": "samira", "password": "verkeerd"})
    assert page.status_code == 401
    assert 'role="alert"' in page.text
    assert 'value="samira"' in page.text


def test_people_sign_in_read_home_write_and_sign_out(browser: httpx.Client) -> None:
    home = browser.post("/sign-in", data={"login": "samira", "password": PASSWORD})
    assert "Het is hier nog stil" in home.text
    form = _form(home.text)
    home = browser.post("/posts", data=form | {"text": "Hallo <b>allemaal</b> #opening"})
    assert home.url.path == "/"
    assert "Hallo &lt;b&gt;allemaal&lt;/b&gt;" in home.text
    assert '<a href="/tags/opening">#opening</a>' in home.text
    again = browser.post("/posts", data=form | {"text": "Hallo <b>allemaal</b> #opening"})
    assert again.text.count("Hallo &lt;b&gt;") == 1
    too_long = browser.post("/posts", data=_form(home.text) | {"text": "x" * 501})
    assert too_long.status_code == 400
    assert "x" * 501 in too_long.text
    welcome = browser.post("/sign-out", data={"form_token": form["form_token"]})
    assert "Inloggen" in welcome.text


def test_another_site_cannot_write_in_our_name(browser: httpx.Client) -> None:
    home = browser.post("/sign-in", data={"login": "samira", "password": PASSWORD})
    form = _form(home.text) | {"text": "Van elders"}
    assert browser.post("/posts", data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/posts", data=form | {"form_token": "geraden"}).status_code == 403
    assert "Van elders" not in browser.get("/").text


def _form(page: str) -> dict[str, str]:
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition('class="compose"')[2])
    )
    return {name: fields[name] for name in ("form_token", "request_id", "reply_to")}


def test_a_session_goes_on_when_another_one_is_ended(whole: Whole, browser: httpx.Client) -> None:
    browser.post("/sign-in", data={"login": "samira", "password": PASSWORD})
    telephone = whole.signed_in("samira")
    listed = telephone.http.get("/v1/sessions").json()["sessions"]
    ended = next(session["name"] for session in listed if session.get("current"))
    assert telephone.http.delete(f"/v1/{ended}").status_code == 200
    assert "Uitloggen" in browser.get("/everyone").text
