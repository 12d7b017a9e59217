"""What is said to people by mail and push, in each language."""

import pytest

from services.feed.domain.notifications import Kind, Language
from services.feed.wire.wording import SILENT, WORDS, subject, told


@pytest.mark.parametrize("language", Language)
def test_there_are_words_for_all_that_people_are_told(language: Language) -> None:
    assert set(WORDS[language].sentences) == set(Kind) - SILENT


@pytest.mark.parametrize(
    ("names", "count", "sentence"),
    [
        ([], 1, "Iemand noemde je"),
        (["Anna"], 1, "Anna noemde je"),
        (["Anna", "Bob"], 2, "Anna en Bob noemden je"),
        (["Anna"], 2, "Anna en 1 ander noemden je"),
        (["Anna", "Bob", "Cleo"], 12, "Anna en 11 anderen noemden je"),
        (["{first}"], 2, "{first} en 1 ander noemden je"),
    ],
)
def test_people_are_named_and_counted(names: list[str], count: int, sentence: str) -> None:
    assert told(WORDS[Language.NL], Kind.MENTION, names, count) == sentence


def test_a_subject_says_the_first_thing_and_how_many_more() -> None:
    words = WORDS[Language.EN]
    first = told(words, Kind.FOLLOWER, ["Anna"], 1)
    subjects = [subject(words, first, count) for count in (1, 2, 3)]
    more = ["", ", and 1 more notification", ", and 2 more notifications"]
    assert subjects == [f"Anna follows you{rest}" for rest in more]
