"""How the site shows articles, what is said about them, and drafts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel.messages.pofile import read_po
from google.protobuf.timestamp_pb2 import Timestamp
from plein.blog.v1 import (
    articles_pb2,
    blog_pb2,
    comments_pb2,
    consultations_pb2,
    contribution_pb2,
    discovery_pb2,
    drafts_pb2,
)

from gateway.web import blog_words
from gateway.web.app import FOLDER
from gateway.web.articles import is_id, may_change
from gateway.web.views import Views, marked
from tests.web.test_show import ADA, HENK, shown

BLOG = blog_pb2.Blog(name="blogs/b", title="Aan tafel", kind=blog_pb2.BLOG_KIND_TEAM, owner=HENK)


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(FOLDER, "Europe/Amsterdam")


def moment(**ago: float) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.now(UTC) - timedelta(**ago))
    return made


def article(**fields: Any) -> articles_pb2.Article:
    usual: dict[str, Any] = {
        "name": "articles/a",
        "blog": BLOG.name,
        "author": HENK,
        "title": "De cao",
        "slug": "de-cao-1",
    }
    usual |= {"html": "<p>Wat <em>vind</em> jij?</p>", "reading_minutes": 3, "state": 3, "publish_time": moment(days=1)}
    return articles_pb2.Article(**usual | fields)


def comment(name: str = "comments/c", author: str = ADA, **fields: Any) -> comments_pb2.Comment:
    usual: dict[str, Any] = {
        "name": name,
        "article": "articles/a",
        "author": author,
        "thread": name,
        "html": f"<p>{name}</p>",
    }
    usual |= {"create_time": moment(minutes=9), "edit_until_time": moment(minutes=-9)}
    return comments_pb2.Comment(**usual | fields)


def read(views: Views, *threads: comments_pb2.CommentThread, language: str = "nl", **fields: Any) -> str:
    """The page of an article as Ada reads it."""
    usual: dict[str, Any] = {"article": article(), "blog": BLOG, "threads": threads, "reads": 0, "order": 1}
    usual |= {"discussion": comments_pb2.Discussion(comment_count=len(threads), open_to_caller=True)}
    usual |= {"consultation": None, "series": None, "others": [], "summary": None, "candidates": []}
    usual |= {"edits": False, "subscribed": False}
    return shown(views, "article.html", language, **usual | fields)


def test_an_article_shows_its_text_as_it_was_rendered_and_runs_no_script(views: Views) -> None:
    bad = "<script>alert(1)</script>"
    cover = blog_pb2.Cover(image="articleImages/i", alt_text='Een "tafel"', width=960, height=480)
    page = read(views, article=article(title=bad, cover=cover, tags=["tags/cao"]), blog=blog_pb2.Blog(title=bad))
    assert "<p>Wat <em>vind</em> jij?</p>" in page
    assert "3 min. lezen" in page
    assert '<img class="cover" src="/articleImages/i/large" alt="Een &#34;tafel&#34;" width="960" height="480">' in page
    assert '<a href="/articles?tag=tags/cao">#cao</a>' in page
    assert "<script" not in page
    assert "style=" not in page
    assert "3 min read" in read(views, language="en")


def test_comments_stand_in_two_levels_with_whose_voice_it_is(views: Views) -> None:
    reply = comment("comments/r", HENK, voice=comments_pb2.VOICE_AUTHOR, reply_to="comments/c", thread="comments/c")
    thread = comments_pb2.CommentThread(comment=comment(), replies=[reply], reply_count=9, next_replies_token="more")
    page = read(views, thread)
    assert re.search(r'id="c".*class="thread">.*id="r".*class="badge voice">Auteur<', page)
    assert '<a href="/comments/c/replies">Alle 9 antwoorden</a>' in page
    assert 'action="/comments/c/change"' in page
    assert 'action="/comments/r/change"' not in page
    gone = comments_pb2.CommentThread(comment=comment(gone=True, html="", author=""))
    assert "Deze reactie is er niet meer." in read(views, gone)
    too_late = comments_pb2.CommentThread(comment=comment(edit_until_time=moment(minutes=1)))
    assert "/change" not in read(views, too_late)


def test_a_consultation_shows_its_ledger_and_lets_authors_decide(views: Views) -> None:
    ledger = contribution_pb2.Ledger(contribution_count=48, taken_along_count=12, answered_count=30, declined_count=2)
    consultation = consultations_pb2.Consultation(
        state=consultations_pb2.CONSULTATION_STATE_OPEN, ledger=ledger, close_time=moment(days=-2)
    )
    consultation.median_first_answer.seconds = 7200
    done = contribution_pb2.Contribution(
        state=contribution_pb2.CONTRIBUTION_STATE_DECLINED,
        reason="Te duur",
        decider=HENK,
        etag='"1"',
        decide_time=moment(),
    )
    thread = comments_pb2.CommentThread(comment=comment(contribution=done))
    page = read(views, thread, consultation=consultation)
    assert re.search(r'<dt>Meegenomen</dt><dd><a href="/articles/a/contributions\?state=3">12', page)
    assert "De helft van de antwoorden kwam binnen 2 uur" in page
    assert re.search("<strong>Afgewezen</strong>.*door Henk de Boer.*Te duur", page)
    assert "/decide" not in page
    authors = read(views, thread, consultation=consultation, edits=True)
    assert 'action="/comments/c/decide"' in authors
    assert 'name="etag" value="&#34;1&#34;"' in authors
    assert 'href="/articles/a/contributions.csv"' in authors


def test_who_cannot_comment_is_told_so_instead_of_asked(views: Views) -> None:
    closed = read(views, discussion=comments_pb2.Discussion(closed=True))
    assert "De discussie is gesloten." in closed
    assert "Wat vind jij?</label>" not in closed


def written(views: Views, template: str = "write_article.html", **fields: Any) -> str:
    draft = drafts_pb2.Draft(name="articles/a/draft", title="De cao", text="</textarea>", etag="7", person=HENK)
    draft.update_time.CopyFrom(moment())
    usual: dict[str, Any] = {"draft": draft, "article": article(state=1), "blog": BLOG, "publishes": True}
    return shown(views, template, **usual | {"conflict": None, "error": "", "warned": False} | fields)


def test_what_is_written_is_text_and_saves_itself(views: Views) -> None:
    page = written(views)
    assert "&lt;/textarea&gt;</textarea>" in page
    assert 'hx-post="/articles/a/write"' in page
    assert 'name="etag" value="7"' in page
    assert 'value="publish"' in page
    assert 'value="publish"' not in written(views, publishes=False)


def test_what_somebody_else_saved_meanwhile_is_shown(views: Views) -> None:
    theirs = drafts_pb2.Draft(title="Anders", text="<b>", etag="8", person=HENK, update_time=moment())
    for template in ("write_article.html", "draft_saved.html"):
        page = written(views, template, conflict=theirs)
        assert 'role="alert"' in page
        assert "Niet bewaard: Henk de Boer bewaarde een andere versie" in page
        assert "&lt;b&gt;" in page
        assert 'name="over" value="8"' in page


def test_differences_say_what_came_and_went(views: Views) -> None:
    pieces = [drafts_pb2.Difference(kind=kind, text=text) for kind, text in ((1, "Wij "), (3, "<i>"), (2, "nu"))]  # type: ignore[arg-type] # enums are numbers
    revision = drafts_pb2.Revision(name="articles/a/revisions/3", person=HENK, create_time=moment())
    values: dict[str, Any] = {
        "differences": drafts_pb2.CompareRevisionsResponse(text=pieces),
        "draft": drafts_pb2.Draft(etag="7"),
    }
    page = shown(views, "revision.html", revision=revision, article="articles/a", **values)
    assert "Wij <del>&lt;i&gt;</del><ins>nu</ins>" in page
    assert 'action="/articles/a/revisions/3/restore"' in page


def test_what_was_found_stands_out_and_stays_text() -> None:
    ranges = [discovery_pb2.TextRange(start=0, end=2), discovery_pb2.TextRange(start=4, end=7)]
    assert marked("é🎉 <b>ja", ranges) == "<mark>é🎉</mark> &lt;<mark>b&gt;j</mark>a"


def test_authors_are_who_wrote_it_and_who_edits_the_blog() -> None:
    roles = {role: blog_pb2.Blog(viewer_role=blog_pb2.BlogRole.ValueType(role)) for role in range(5)}
    assert [may_change(roles[role], article(), HENK) for role in range(5)] == [False, True, True, True, True]
    assert [may_change(roles[role], article(), ADA) for role in range(5)] == [False, True, True, False, False]


def test_an_address_is_told_from_an_id() -> None:
    assert is_id("01a215cd-8a7f-73ba-b5be-6a78dfb897f8")
    assert not is_id("de-cao-6a78dfb897f8")


def test_every_word_of_the_blog_is_there_in_dutch() -> None:
    with (FOLDER / "locale" / "nl.po").open("rb") as file:
        dutch = {message.id for message in read_po(file) if message.string}
    tables = (*blog_words.TABLES, blog_words.SCHEDULE_PROBLEMS)
    assert {text for table in tables for text in table.values()} <= dutch
