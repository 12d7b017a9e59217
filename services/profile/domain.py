"""Profiles and their rules, and how names are folded so that people find each other."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.problems import BadInput, NotAllowed, Stale

OWN_FIELDS = ("headline", "about")
MOST_QUERY_WORDS = 8
# Shorter words have too few letters to tell a typing error from another name.
LEAST_TYPO_LETTERS = 4

_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart into a plain one and its accent.
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "’": "'"})


class Place(NamedTuple):
    """Where somebody stands in a list of people: by how well they fit (0 is best), then by name."""

    rank: int
    sort_name: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Profile:
    """How somebody shows to colleagues. `kind` is a WorkerKind; photos are the names of stored images.

    `hidden` and `removed` are of what the person tells, the OWN_FIELDS: HR's part is always there.
    """

    id: UUID
    handle: str
    given_name: str
    family_name: str
    kind: int
    employer: str
    department: str
    title: str
    manager: UUID | None
    location: str
    phone: str
    email: str
    former: bool
    create_time: datetime
    update_time: datetime
    headline: str = ""
    about: str = ""
    hidden: bool = False
    removed: bool = False
    small_photo: str = ""
    large_photo: str = ""
    version: int = 1

    @property
    def name(self) -> str:
        return f"profiles/{self.id}"

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def etag(self) -> str:
        return str(self.version)

    def told_by(self, person: UUID, etag: str, own: Mapping[str, str], now: datetime) -> "Profile":
        """The profile after its person told something else in some of the OWN_FIELDS.

        What was removed is then gone for good, and what is told in its place is seen.
        """
        if person != self.id:
            raise NotAllowed("NOT_YOUR_PROFILE", "Only its person can change a profile.")
        if etag and etag != self.etag:
            raise Stale("PROFILE_CHANGED", "The profile changed since you read it.")
        headline, about = own.get("headline", self.headline), own.get("about", self.about)
        told = replace(self, headline=" ".join(_composed(headline).split()), about=_composed(about).strip())
        return self if told == self else replace(told, removed=False, version=self.version + 1, update_time=now)


@dataclass(frozen=True, slots=True)
class Photo:
    """Somebody's photo: the SHA-256 of the file it was made from, and the names of its stored images.

    On another one moderators have not decided yet.
    """

    person: UUID
    digest: bytes
    small: str
    large: str
    import_time: datetime
    hidden: bool = False
    removed: bool = False


def own_fields(paths: Sequence[str], texts: Mapping[str, str]) -> dict[str, str]:
    """What of `texts` is to be changed: the fields in the mask's `paths`, or without any, those that are not empty."""
    for path in paths:
        if path not in OWN_FIELDS:
            sentence = "The field {path} cannot be changed here."
            raise BadInput("FIELD_NOT_YOURS", sentence, field="update_mask", path=path)
    return {field: texts[field] for field in OWN_FIELDS if (field in paths if paths else texts[field])}


def _composed(text: str) -> str:
    """The one form in which the same letters and line ends are stored."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n"))


def folded(text: str) -> str:
    """A text without case and accents: "Şeyma" and "seyma" are the same to who looks for somebody."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(_PLAIN)


def words(text: str) -> list[str]:
    """The folded words of a name or of what is typed; hyphens, dots and apostrophes part them."""
    return _WORD.findall(folded(text))


def swapped(word: str) -> list[str]:
    """The words that were meant if two neighbouring letters changed places."""
    pairs = range(len(word) - 1)
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in pairs if word[i] != word[i + 1]]


def search_text(given_name: str, family_name: str, handle: str) -> str:
    """All words by which somebody is found, with a space before and after each.

    Names of several words are there in one piece as well, as in addresses: "vanderberg", "obrien".
    """
    given, family = words(given_name), words(family_name)
    found = dict.fromkeys([*given, *family, "".join(given), "".join(family), *words(handle)])
    return f" {' '.join(filter(None, found))} "


def sort_name(given_name: str, family_name: str) -> str:
    """The key by which people are listed, as the Dutch do: "Jan de Vries" stands under V, before "Piet de Vries".

    What comes before the first capital of a family name does not count.
    """
    capital = next((index for index, letter in enumerate(family_name) if letter.isupper()), 0)
    prefix, counted = family_name[:capital], family_name[capital:]
    return " ".join([*words(counted), "", *words(given_name), "", *words(prefix)])
