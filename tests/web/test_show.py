"""How the site shows what posts hold, and that it does so in both languages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel.messages.pofile import read_po
from plein.feed.v1 import card_pb2, feed_pb2, notifications_pb2
from plein.profile.v1 import profile_pb2
from starlette.requests import Request

from gateway.web import words
from gateway.web.app import FOLDER
from gateway.web.sessions import Session
from gateway.web.views import Views

ADA, HENK = "people/ada", "people/henk"
PEOPLE = {
    ADA: profile_pb2.Profile(person=ADA, display_name="Ada Brouwers", handle="ada"),
    HENK: profile_pb2.Profile(person=HENK, display_name="Henk de Boer", handle="henk"),
}
SECTIONS = re.compile(r'_\("((?:[^"])*)"')


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(FOLDER, "Europe/Amsterdam")


def shown(views: Views, template: str, language: str = "nl", **values: Any) -> str:
    """A page as Ada reads it, white space made one."""
    headers = [(b"accept-language", language.encode())]
    scope = {"type": "http", "path": "/", "query_string": b"page=2", "headers": headers, "state": {}}
    request = Request(scope)
    request.state.session = Session(ADA, "token", "proof")
    usual: dict[str, Any] = {"people": PEOPLE, "unread": 0, "next_page": "", "newer_page": ""}
    page = views.page(request, template, **(usual | values))
    return " ".join(bytes(page.body).decode().split())


def listed(views: Views, *posts: feed_pb2.Post, language: str = "nl") -> str:
    return shown(views, "everyone.html", language, posts=posts)


def post(name: str = "posts/one", author: str = HENK, **fields: Any) -> feed_pb2.Post:
    made = feed_pb2.Post(name=name, root=name, author=author, **fields)
    made.create_time.FromDatetime(datetime.now(UTC) - timedelta(hours=1))
    return made


def test_a_plain_reshare_is_a_line_above_the_original(views: Views) -> None:
    original = post(
        "posts/two",
        ADA,
        text="Mijn nieuws",
        reaction_counts=[feed_pb2.ReactionCount(reaction=feed_pb2.REACTION_LIKE, count=3)],
    )
    page = listed(views, post(reshare_of="posts/two", original=original))
    assert "Henk de Boer heeft dit gedeeld" in page
    assert "Mijn nieuws" in page
    assert 'action="/posts/two/react"' in page
    assert 'name="back" value="/?page=2#one"' in page
    assert "Henk de Boer reshared this" in listed(views, post(reshare_of="posts/two", original=original), language="en")


def test_a_quote_has_the_original_in_it_or_says_quietly_that_it_is_not_there(views: Views) -> None:
    quote = post(text="Kijk", reshare_of="posts/two", original=post("posts/two", ADA, text="Mijn nieuws"))
    assert re.search(r'class="quote">.*Ada Brouwers.*Mijn nieuws', listed(views, quote))
    gone = listed(views, post(text="Kijk", reshare_of="posts/two"))
    assert "Dit bericht is er niet meer, of het is niet voor jou." in gone


def test_images_are_shown_small_with_their_words_and_large_when_opened(views: Views) -> None:
    images = [feed_pb2.Image(image="images/a", alt_text='Een "brug"', width=800, height=600)]
    page = listed(views, post(images=[*images, feed_pb2.Image(image="images/b")]))
    assert '<img src="/images/a/small" alt="Een &#34;brug&#34;" width="800" height="600"' in page
    assert 'alt="Afbeelding 2 van 2, niet beschreven"' in page
    values: dict[str, Any] = {"root": post(images=images), "posts": [], "text": "", "error": ""}
    opened = shown(views, "post.html", request_id="1", quote_id="2", **values)
    assert 'src="/images/a/large"' in opened


def poll(multiple: bool = False, **until_end: float) -> feed_pb2.Poll:
    made = feed_pb2.Poll(multiple=multiple, voter_count=4)
    made.choices.add(text="Ja", vote_count=3)
    made.choices.add(text="Nee", vote_count=1)
    made.end_time.FromDatetime(datetime.now(UTC) + timedelta(**until_end))
    return made


def test_a_poll_is_a_form_until_it_ends(views: Views) -> None:
    page = listed(views, post(text="?", poll=poll(hours=1), viewer=feed_pb2.PostViewer(votes=[1])))
    assert 'action="/posts/one/vote"' in page
    assert page.count('type="radio"') == 2
    assert re.search(r'value="1" checked required><span>Nee <span class="own">jouw stem', page)
    assert "75%" in page
    assert '<meter min="0" max="4" value="3"' in page
    assert 'type="checkbox"' in listed(views, post(text="?", poll=poll(multiple=True, hours=1)))
    ended = listed(views, post(text="?", poll=poll(hours=-1)))
    assert "/vote" not in ended
    assert "4 mensen stemden · afgelopen op" in ended


def test_what_others_wrote_is_text_and_leads_to_web_pages_alone(views: Views) -> None:
    bad = "<script>alert(1)</script>"
    link = feed_pb2.LinkPreview(url="https://example.org/", title=bad, description=bad, site=bad)
    vacancy = card_pb2.Vacancy(title=bad, department=bad, referral_url="javascript:alert(1)", closing_date="2027-03-31")
    image = feed_pb2.Image(image="images/a", alt_text=bad)
    page = listed(
        views,
        post(text=bad, link_preview=link, images=[image]),
        post("posts/two", link_preview=feed_pb2.LinkPreview(url="javascript:alert(1)", title="x")),
        post("posts/three", card=card_pb2.Card(via=bad, vacancy=vacancy)),
    )
    assert "<script" not in page
    assert "javascript:" not in page
    assert 'href="https://example.org/"' in page
    assert "31 maart 2027" in page
    assert "style=" not in page


def test_a_card_says_in_words_how_it_stands(views: Views) -> None:
    open_, worked_on = card_pb2.OUTAGE_STATE_OPEN, card_pb2.OUTAGE_STATE_INVESTIGATING
    outage = card_pb2.Outage(title="Geen glasvezel", severity=card_pb2.OUTAGE_SEVERITY_CRITICAL, state=worked_on)
    outage.updates.add(state=open_, text="Er is gebeld.")
    outage.updates.add(state=worked_on, text="Monteurs zijn onderweg.")
    page = listed(views, post(text="In woorden", card=card_pb2.Card(via="Monitoring", outage=outage)))
    assert re.search("Kritieke storing.*Wordt aan gewerkt.*Geen glasvezel.*Monteurs.*<details>.*gebeld", page)
    assert "via Monitoring" in page
    assert "In woorden" not in page


def test_announcements_and_changed_posts_are_marked(views: Views) -> None:
    changed = post(text="Nieuws", announcement=True)
    changed.edit_time.FromDatetime(datetime.now(UTC))
    page = listed(views, changed)
    assert "Mededeling voor iedereen" in page
    assert 'href="/posts/one/versions"' in page


def test_what_only_its_author_sees_says_so(views: Views) -> None:
    sentence = "Niemand anders ziet dit: moderatoren hebben het verborgen, of moeten er nog naar kijken."
    assert sentence in listed(views, post(author=ADA, text="Hm", hidden=True))
    assert sentence not in listed(views, post(author=ADA, text="Hm"))


def test_who_is_warned_of_a_word_can_say_that_it_is_meant_so(views: Views) -> None:
    values = {"text": "Lomp", "reply_to": "", "group": "", "reshare_of": "", "request_id": "1", "error": "Het"}
    warned = shown(views, "write.html", **values, warned=True)
    assert '<input type="checkbox" name="warnings_accepted" value="yes"> Ik bedoel het zoals het er staat.' in warned
    assert "warnings_accepted" not in shown(views, "write.html", **values, warned=False)


def test_somebody_whose_account_is_erased_has_no_page(views: Views) -> None:
    page = listed(views, post(author="people/gone", author_gone=True, text="Van vroeger"))
    assert "Een oud-collega" in page
    assert "people/gone" not in page


def test_who_may_not_reply_is_told_so_instead_of_asked(views: Views) -> None:
    values: dict[str, Any] = {"posts": [], "text": "", "error": "", "request_id": "1", "quote_id": "2"}
    closed = shown(views, "post.html", root=post(text="x", reply_rule=feed_pb2.REPLY_RULE_NOBODY), **values)
    assert "Op dit bericht kan niemand antwoorden." in closed
    assert "Je antwoord" not in closed
    own = shown(views, "post.html", root=post(author=ADA, text="x", reply_rule=feed_pb2.REPLY_RULE_NOBODY), **values)
    assert "Je antwoord" in own
    mentioned = post(text="@ada", reply_rule=feed_pb2.REPLY_RULE_MENTIONED, mentions=[feed_pb2.Mention(person=ADA)])
    assert "Je antwoord" in shown(views, "post.html", root=mentioned, **values)


@pytest.mark.parametrize(
    ("count", "dutch", "english"),
    [
        (1, "Henk de Boer reageerde op je bericht", "Henk de Boer reacted to your post"),
        (
            2,
            "Henk de Boer en 1 ander reageerden op je bericht",
            "Henk de Boer and 1 other reacted to your post",
        ),
        (12, "Henk de Boer en 11 anderen reageerden", "Henk de Boer and 11 others reacted"),
    ],
)
def test_a_notification_is_a_sentence(views: Views, count: int, dutch: str, english: str) -> None:
    told = notifications_pb2.Notification(
        kind=notifications_pb2.NOTIFICATION_KIND_REACTION,
        people=[HENK, "people/unknown"][:count],
        person_count=count,
        position=7,
    )
    assert dutch in shown(views, "notifications.html", notifications=[told], unread=1)
    assert english in shown(views, "notifications.html", "en", notifications=[told], unread=1)


def test_every_text_of_the_site_is_there_in_dutch() -> None:
    with (FOLDER / "locale" / "nl.po").open("rb") as file:
        dutch = {message.id for message in read_po(file) if message.string}
    texts = {text for path in (FOLDER / "templates").glob("*.html") for text in SECTIONS.findall(path.read_text())}
    tables = (words.KINDS_OF_WORKER, words.OUTAGE_STATES, words.OUTAGE_SEVERITIES, words.VACANCY_STATES, words.HAPPENED)
    texts |= {text for table in tables for text in table.values()} | {
        text for both in words.TOLD.values() for text in both
    }
    texts |= {words.ANYTHING, "1 other", "%(first)s and %(second)s", "%(first)s and %(count)s others"}
    assert texts - dutch == set()
