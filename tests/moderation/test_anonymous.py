"""From what the yearly report tells, no small number can be worked out."""

from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.statistics import TABLES, Table, anonymous

SMALLEST = 10
KEYS = [(table, key) for table, keys in TABLES.items() for key in keys]
COUNTS = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 40))


@given(COUNTS)
def test_what_is_told_is_true(counts: dict[tuple[str, str], int]) -> None:
    for table in anonymous(counts, SMALLEST):
        true = {key: counts.get((table.name, key), 0) for key in TABLES[table.name]}
        assert list(table.cells) == list(true)
        assert all(count in (None, true[key]) for key, count in table.cells.items())
        assert table.total in (None, sum(true.values()))


@given(COUNTS)
def test_nothing_small_is_told(counts: dict[tuple[str, str], int]) -> None:
    for table in anonymous(counts, SMALLEST):
        assert all(not 0 < number < SMALLEST for number in [*table.cells.values(), table.total] if number is not None)


@given(COUNTS)
def test_what_is_missing_is_several_numbers_that_are_large_together(counts: dict[tuple[str, str], int]) -> None:
    for table in anonymous(counts, SMALLEST):
        missing = [key for key, count in table.cells.items() if count is None]
        if missing and table.total is not None:
            assert len(missing) > 1
            assert table.total - sum(count or 0 for count in table.cells.values()) >= SMALLEST


def test_large_numbers_are_told_as_they_are() -> None:
    told = anonymous({("appeals_by_result", "confirmed"): 10, ("appeals_by_result", "changed"): 12}, SMALLEST)
    assert Table("appeals_by_result", {"confirmed": 10, "changed": 12}, 22) in told


def test_a_small_one_takes_the_smallest_of_the_others_along() -> None:
    counts = {("cases_by_origin", "reports"): 30, ("cases_by_origin", "filters"): 20, ("cases_by_origin", "both"): 3}
    told = anonymous(counts, SMALLEST)
    assert Table("cases_by_origin", {"reports": 30, "filters": None, "both": None}, 53) in told


def test_a_small_one_that_stands_alone_takes_the_total_along() -> None:
    told = anonymous({("cases_by_origin", "both"): 3}, SMALLEST)
    assert Table("cases_by_origin", {"reports": 0, "filters": 0, "both": None}, None) in told
