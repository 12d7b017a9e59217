"""Comments: what they may say, whether they ask, and until when they may be changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.ids import new_id
from chassis.problems import BadInput, NotAllowed, Stale, WrongState
from services.blog.domain.comments import (
    MOST_CHARACTERS,
    Comment,
    Discussion,
    Voice,
    Words,
    asks,
    checked_text,
    moment_of,
    voice,
)

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
MINUTES = 15


def said(text: str = "Hello") -> Words:
    return Words(text, f"<p>{text}</p>", text)


def written(text: str = "Hello") -> Comment:
    id_ = new_id()
    return Comment(id_, uuid4(), uuid4(), said(text), id_, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "Why?",
        "Why not?! I would.",
        "(Is it so?)",
        "Wanneer komt de fietsregeling? Ik wacht al lang.",
        "Really??\nYes.",
        "Is it **done?**",
        "何時？",
    ],
)
def test_a_sentence_that_ends_with_a_question_mark_asks(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text", ["No.", "", "See https://example.org/a?b=c and that?x=1.", "https://example.org/page?", "? ?", "a?b"]
)
def test_a_mark_in_an_address_or_a_word_asks_nothing(text: str) -> None:
    assert not asks(text)


def test_a_text_is_stored_without_blanks_around_it() -> None:
    assert checked_text("  One\r\ntwo \n") == "One\ntwo"


@pytest.mark.parametrize(("text", "reason"), [(" \n ", "EMPTY_COMMENT"), ("a" * 10_001, "COMMENT_TOO_LONG")])
def test_a_comment_says_something_and_not_too_much(text: str, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_text(text)
    assert (refused.value.reason, refused.value.field) == (reason, "comment.text")
    assert len(checked_text("a" * MOST_CHARACTERS)) == MOST_CHARACTERS


def test_authors_speak_as_authors_and_management_as_management() -> None:
    assert voice(is_author=True, roles=["management"]) is Voice.AUTHOR
    assert voice(is_author=False, roles=["editor", "management"]) is Voice.MANAGEMENT
    assert voice(is_author=False, roles=["editor"]) is Voice.OWN


def test_a_comment_can_be_changed_for_some_minutes() -> None:
    comment = written()
    edited = comment.edited(said("Bye"), comment.etag, NOW + timedelta(minutes=14), MINUTES)
    assert (edited.words.text, edited.edit_time, edited.etag) == ("Bye", NOW + timedelta(minutes=14), '"2"')
    with pytest.raises(WrongState, match="15 minutes"):
        comment.edited(said("Bye"), "", NOW + timedelta(minutes=15), MINUTES)


def test_the_same_words_change_nothing_and_a_stale_etag_is_noticed() -> None:
    comment = written()
    assert comment.edited(said(), "", NOW, MINUTES) is comment
    with pytest.raises(Stale):
        comment.edited(said("Bye"), '"7"', NOW, MINUTES)


def test_only_its_author_changes_a_comment() -> None:
    comment = written()
    comment.check_author(comment.author)
    with pytest.raises(NotAllowed):
        comment.check_author(uuid4())


def test_a_deleted_comment_says_nothing_and_keeps_its_place() -> None:
    comment = written()
    left = comment.deleted(NOW)
    assert (left.words.text, left.words.html, left.words.plain_text) == ("", "", "")
    assert (left.id, left.thread, left.stands_for(left.author)) == (comment.id, comment.thread, False)


def test_a_hidden_comment_stands_for_its_author_alone_and_a_removed_one_for_nobody() -> None:
    hidden = written().moderated(hidden=True, removed=False)
    assert (hidden.stands_for(hidden.author), hidden.stands_for(uuid4())) == (True, False)
    assert not replace(hidden, removed=True).stands_for(hidden.author)


def test_a_reaction_takes_the_place_of_the_one_before() -> None:
    comment = written().with_reaction(0, 1).with_reaction(0, 2).with_reaction(1, 2)
    assert comment.reaction_counts == (0, 2, 0, 0, 0, 0)
    assert comment.with_reaction(2, 0).reaction_counts == (0, 1, 0, 0, 0, 0)


def test_a_discussion_closes_and_opens_once() -> None:
    person = uuid4()
    discussion = Discussion(uuid4())
    closed = discussion.closed_now(person, NOW)
    assert (closed.closed, closed.closed_by, closed.version) == (True, person, 1)
    assert closed.closed_now(uuid4(), NOW + timedelta(days=1)) is closed
    with pytest.raises(WrongState):
        closed.check_open()
    assert (closed.opened().closed, closed.opened().version) == (False, 2)
    assert discussion.opened() is discussion


def test_an_id_tells_when_it_was_made() -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert before < moment_of(new_id()) < datetime.now(UTC) + timedelta(seconds=1)
