"""Ids rise, whatever the clock does."""

from uuid import UUID

import pytest
import uuid_utils.compat

from chassis import ids


def test_ids_rise_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter([UUID(int=5), UUID(int=9), UUID(int=7), UUID(int=8), UUID(int=30)])
    monkeypatch.setattr(ids, "uuid7", lambda: next(made))
    new_id = type(ids.new_id)()
    assert [new_id().int for _ in range(5)] == [5, 9, 10, 11, 30]


def test_ids_are_uuids_of_version_7() -> None:
    assert (ids.new_id().version, ids.new_id().variant) == (7, uuid_utils.compat.uuid7().variant)
