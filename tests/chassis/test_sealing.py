"""Secret addresses: who does not have the key makes none."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.sealing import Addresses

KEY = bytes(32)
mine = Addresses(KEY, b"atom")


@given(st.uuids())
def test_a_token_stands_for_an_id_and_is_always_the_same(id_: UUID) -> None:
    token = mine.token(id_)
    assert len(token) == 43
    assert mine.id(token) == id_
    assert Addresses(KEY, b"atom").token(id_) == token


@given(st.uuids())
def test_a_token_is_for_one_purpose_and_one_key(id_: UUID) -> None:
    token = mine.token(id_)
    assert Addresses(KEY, b"calendar").id(token) is None
    assert Addresses(b"\1" * 32, b"atom").id(token) is None


@given(st.uuids(), st.data())
def test_a_token_with_any_other_character_stands_for_nothing(id_: UUID, data: st.DataObject) -> None:
    token = mine.token(id_)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != token[place]))
    assert mine.id(token[:place] + other + token[place + 1 :]) is None


@given(st.text(max_size=60))
def test_what_was_never_made_stands_for_nothing(text: str) -> None:
    assert mine.id(text) is None
