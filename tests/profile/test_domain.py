"""Names are folded as people type them, and people change what is theirs."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chassis.problems import BadInput, NotAllowed, Stale
from services.profile.domain import Profile, own_fields, search_text, sort_name, swapped, words

MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
ADA = Profile(
    id=UUID(int=1), handle="ada", given_name="Ada", family_name="de Vries", kind=1, employer="", department="Netten",
    title="Monteur", manager=None, location="Zwolle", phone="", email="ada@telwiek.example", former=False,
    create_time=MONDAY, update_time=MONDAY, headline="Glas", about="Al tien jaar.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Daniëlle", ["danielle"]),
        ("Şeyma Yıldırım", ["seyma", "yildirim"]),
        ("İbrahim", ["ibrahim"]),
        ("Łukasz Gołąb", ["lukasz", "golab"]),
        ("Jan-Willem d'Hont", ["jan", "willem", "d", "hont"]),
        ("O’Brien", ["o", "brien"]),
        ("@ada.de-vries_2", ["ada", "de", "vries", "2"]),
        ("Straße", ["strasse"]),
        ("%_\\", []),
    ],
)
def test_accents_case_and_punctuation_do_not_matter(written: str, typed: list[str]) -> None:
    assert words(written) == typed


def test_somebody_is_found_by_every_word_and_by_names_in_one_piece() -> None:
    assert search_text("Jan-Willem", "van der Berg", "jw.berg") == " jan willem van der berg janwillem vanderberg jw "


def test_people_are_listed_by_the_capital_of_their_family_name() -> None:
    named = [
        ("Piet", "de Vries"), ("Jan", "Vries"), ("Jan", "de Vries"), ("An", "van der Berg"), ("An", "Bergman"),
        ("Bo", "'t Hart"), ("Bo", "d'Hont"), ("Cé", "Éluard"), ("Di", "in 't Veld"), ("Ed", "öst"),
    ]  # fmt: skip
    assert [" ".join(name) for name in sorted(named, key=lambda name: sort_name(*name))] == [
        "An van der Berg", "An Bergman", "Cé Éluard", "Bo 't Hart", "Bo d'Hont", "Ed öst", "Di in 't Veld",
        "Jan Vries", "Jan de Vries", "Piet de Vries",
    ]  # fmt: skip


def test_letters_that_changed_places_are_put_back() -> None:
    assert swapped("mrak") == ["rmak", "mark", "mrka"]
    assert "anna" not in swapped("anna")


def test_only_the_fields_in_the_mask_change() -> None:
    assert own_fields(["about"], {"headline": "Lood", "about": ""}) == {"about": ""}


def test_without_a_mask_the_fields_that_are_not_empty_change() -> None:
    assert own_fields([], {"headline": "Lood", "about": ""}) == {"headline": "Lood"}


@pytest.mark.parametrize("path", ["title", "nonsense", "profile.about", ""])
def test_a_field_that_is_not_ones_own_is_refused(path: str) -> None:
    with pytest.raises(BadInput) as caught:
        own_fields(["about", path], {"headline": "", "about": ""})
    assert caught.value.field == "update_mask"


def test_a_change_has_a_new_etag_and_time() -> None:
    told = ADA.told_by(ADA.id, ADA.etag, {"headline": "  Koper\n en glas "}, TUESDAY)
    assert told == replace(ADA, headline="Koper en glas", update_time=TUESDAY, version=2)
    assert told.etag != ADA.etag


def test_telling_the_same_changes_nothing() -> None:
    assert ADA.told_by(ADA.id, "", {"headline": "Glas"}, TUESDAY) is ADA


def test_nobody_else_changes_a_profile() -> None:
    with pytest.raises(NotAllowed):
        ADA.told_by(UUID(int=2), "", {"headline": "Koper"}, TUESDAY)


def test_who_read_an_older_profile_does_not_change_it() -> None:
    with pytest.raises(Stale):
        replace(ADA, version=2).told_by(ADA.id, ADA.etag, {"headline": "Koper"}, TUESDAY)
