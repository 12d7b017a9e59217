"""A case lives by one table of moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.problems import Problem
from services.moderation.domain.cases import MOVES, Case, Move, State, Verdict, opened
from services.moderation.domain.subjects import Subject

NOW, ME, OTHER = datetime(2026, 11, 26, tzinfo=UTC), uuid4(), uuid4()
PATIENCE = timedelta(hours=1)
DOING: dict[Move, Callable[[Case], Case]] = {
    Move.TAKE: lambda case: case.taken(ME, PATIENCE, NOW),
    Move.RELEASE: lambda case: case.released(ME, NOW),
    Move.DECIDE: lambda case: case.decided(ME, Verdict.HIDE, "", NOW),
    Move.UNDO: lambda case: case.undone("", NOW, case.report_count),
    Move.APPEAL: lambda case: case.appealed(NOW),
}


def case_in(state: State) -> Case:
    """A case in some state, in my hands where somebody works on it."""
    begun = opened(uuid4(), Subject(name="posts/1", author=uuid4(), root="posts/1"), NOW)
    at_work = state in (State.TAKEN, State.APPEAL_TAKEN)
    decided = state not in (State.OPEN, State.TAKEN)
    return replace(begun, state=state, assignee=ME if at_work else None, decider=OTHER if decided else None)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_what_the_table_allows_is_done_and_nothing_else(state: State, move: Move) -> None:
    case = case_in(state)
    if (state, move) not in MOVES:
        with pytest.raises(Problem):
            DOING[move](case)
    elif move is Move.TAKE and case.assignee == ME:
        assert DOING[move](case) is case
    else:
        after = DOING[move](case)
        assert (after.state, after.version) == (MOVES[state, move], case.version + 1)


def test_every_move_is_done_somewhere_and_every_state_but_the_last_is_left() -> None:
    assert {move for _, move in MOVES} == set(Move)
    assert {state for state, _ in MOVES} == set(State) - {State.CLOSED}


def test_who_decided_does_not_take_the_appeal_even_when_another_let_it_lie() -> None:
    later = NOW + timedelta(days=30)
    for state in (State.APPEALED, State.APPEAL_TAKEN):
        case = replace(case_in(state), assignee=uuid4() if state is State.APPEAL_TAKEN else None)
        with pytest.raises(Problem, match="Somebody else"):
            case.taken(OTHER, PATIENCE, later)
        assert case.taken(ME, PATIENCE, later).assignee == ME
