"""Consultations by their rules: when they are open, and what may be done with a contribution."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from chassis.problems import BadInput, Stale, WrongState
from services.blog.domain.consultations import Consultation, Contribution, Stage, State, planned

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def consultation() -> Consultation:
    return planned(uuid4(), NOW + DAY, NOW + 8 * DAY, NOW)


def test_a_consultation_opens_and_closes_by_date() -> None:
    asked = consultation()
    moments = [NOW, NOW + DAY, NOW + 8 * DAY - timedelta(microseconds=1), NOW + 8 * DAY]
    assert [asked.stage(moment) for moment in moments] == [Stage.PLANNED, Stage.OPEN, Stage.OPEN, Stage.CLOSED]
    for moment, reason in ((NOW, "CONSULTATION_PLANNED"), (NOW + 8 * DAY, "CONSULTATION_CLOSED")):
        with pytest.raises(WrongState) as refused:
            asked.check_open(moment)
        assert refused.value.reason == reason
    asked.check_open(NOW + DAY)


def test_without_a_date_it_opens_at_once() -> None:
    assert planned(uuid4(), None, NOW + DAY, NOW).stage(NOW) is Stage.OPEN


@pytest.mark.parametrize(
    ("opens", "closes"),
    [(None, NOW), (NOW + DAY, NOW + DAY), (NOW + 2 * DAY, NOW + DAY), (None, NOW + 400 * DAY)],
)
def test_a_period_has_an_end_that_is_not_too_far(opens: datetime | None, closes: datetime) -> None:
    with pytest.raises(BadInput) as refused:
        planned(uuid4(), opens, closes, NOW)
    assert refused.value.reason == "BAD_PERIOD"


def test_when_it_opens_can_be_changed_until_it_does() -> None:
    asked = consultation()
    moved = asked.changed({"open_time": NOW + 2 * DAY}, asked.etag, NOW)
    assert (moved.open_time, moved.etag) == (NOW + 2 * DAY, '"2"')
    with pytest.raises(WrongState, match="once it did"):
        asked.changed({"open_time": NOW + 2 * DAY}, "", NOW + DAY)


def test_it_can_be_closed_now_but_not_in_the_past_and_opened_again() -> None:
    asked = consultation()
    closed = asked.changed({"close_time": NOW + DAY + timedelta(hours=1)}, "", NOW + 2 * DAY)
    assert (closed.close_time, closed.stage(NOW + 2 * DAY)) == (NOW + 2 * DAY, Stage.CLOSED)
    assert closed.changed({"close_time": NOW + 9 * DAY}, "", NOW + 3 * DAY).stage(NOW + 3 * DAY) is Stage.OPEN


def test_a_stale_consultation_is_noticed_and_the_same_changes_nothing() -> None:
    asked = consultation()
    assert asked.changed({"close_time": asked.close_time}, "", NOW) is asked
    with pytest.raises(Stale):
        asked.changed({"summary": uuid4()}, '"9"', NOW)


def contribution() -> Contribution:
    return Contribution(uuid4(), uuid4())


def test_every_state_can_follow_every_other_one() -> None:
    reasons = {State.OPEN: "", State.ANSWERED: "", State.TAKEN_ALONG: "Good", State.DECLINED: "Too dear"}
    for before, after in permutations(State, 2):
        found = contribution()
        found = found.decided(before, reasons[before], uuid4(), found.etag, NOW)
        found = found.decided(after, reasons[after], uuid4(), found.etag, NOW)
        assert (found.state, found.reason) == (after, reasons[after])


def test_nothing_is_declined_without_a_reason_and_nothing_opened_with_one() -> None:
    found = contribution()
    for state, reason in ((State.DECLINED, "  "), (State.OPEN, "Oops")):
        with pytest.raises(BadInput) as refused:
            found.decided(state, reason, uuid4(), found.etag, NOW)
        assert refused.value.field == "reason"


def test_who_decided_and_when_is_kept_until_it_is_open_again() -> None:
    found, person = contribution(), uuid4()
    decided = found.decided(State.DECLINED, " Too dear ", person, found.etag, NOW)
    assert (decided.reason, decided.decider, decided.decide_time) == ("Too dear", person, NOW)
    opened = decided.decided(State.OPEN, "", uuid4(), decided.etag, NOW + DAY)
    assert (opened.reason, opened.decider, opened.decide_time) == ("", None, None)


def test_the_first_answer_is_a_decision_or_a_reply_whichever_came_first() -> None:
    found = contribution()
    assert (
        found.first_answered(NOW).decided(State.ANSWERED, "", uuid4(), found.etag, NOW + DAY).first_answer_time == NOW
    )
    decided = found.decided(State.ANSWERED, "", uuid4(), found.etag, NOW)
    assert decided.first_answered(NOW + DAY).first_answer_time == NOW
    opened = decided.decided(State.OPEN, "", uuid4(), decided.etag, NOW + DAY)
    assert opened.first_answer_time == NOW


def test_who_decides_on_what_another_decided_meanwhile_is_told_so() -> None:
    found = contribution()
    decided = found.decided(State.ANSWERED, "", uuid4(), found.etag, NOW)
    with pytest.raises(Stale):
        decided.decided(State.TAKEN_ALONG, "", uuid4(), found.etag, NOW)
    with pytest.raises(Stale):
        decided.assigned(uuid4(), found.etag)
    assert decided.decided(State.ANSWERED, "", uuid4(), found.etag, NOW) is decided


def test_an_owner_takes_care_until_another_one_does() -> None:
    found, person = contribution(), uuid4()
    owned = found.assigned(person, found.etag)
    assert (owned.owner, owned.etag) == (person, '"2"')
    assert owned.assigned(person, "") is owned
    assert owned.assigned(None, owned.etag).owner is None


def test_words_can_change_until_something_is_done_with_them() -> None:
    found = contribution()
    with pytest.raises(Stale):
        found.reworded().decided(State.ANSWERED, "", uuid4(), found.etag, NOW)
    with pytest.raises(WrongState):
        found.decided(State.ANSWERED, "", uuid4(), found.etag, NOW).reworded()
