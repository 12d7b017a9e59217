"""Texts: how long they are, whom they mention, which tags they carry."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import regex

from chassis.problems import BadInput
from chassis.search.questions import MOST_HANDLE_LETTERS

MOST_CHARACTERS = 500
# What a link counts, so that nobody has to shorten one.
LINK_CHARACTERS = 25
MOST_MENTIONS = 50
MOST_TAGS = 30
MOST_TAG_LETTERS = 100

_GRAPHEME = regex.compile(r"\X")
# What looks like a mention or tag in a link is a part of its address.
_LINK = regex.compile(r"https?://[\w\[]\S*", regex.IGNORECASE)
# Closes the sentence or the bracket in which a link stands, more often than it is a part of the address.
_AFTER_LINK = ".,:;!?'\"()[]{}<>…’”»"
# Not after a word, a slash or another "@": addresses and paths are no mentions.
_MENTION = regex.compile(r"(?<![\w@/.+-])@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)", regex.IGNORECASE)
# What keepers of a group write to mention all its members, in both languages.
GROUP_HANDLES = frozenset({"group", "groep"})
_TAG = regex.compile(r"(?<![\w#&/])#((?=[\w·-]*\p{L})[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_·-]*[\p{L}\p{M}\p{N}_])?)")


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is stored, and what was recognised in it."""

    text: str
    handles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def recognised(text: str) -> Text:
    """Checks a text and recognises its mentions and tags; an empty one is for the caller to judge."""
    text = normalised(text)
    count = characters(text)
    if count > MOST_CHARACTERS:
        sentence = "A post has at most {most} characters, and this one has {count}."
        raise BadInput("POST_TOO_LONG", sentence, field="post.text", most=MOST_CHARACTERS, count=count)
    words = _LINK.sub(" ", text)
    handles = _once((handle.lower() for handle in _MENTION.findall(words)), MOST_HANDLE_LETTERS)
    tags = _once((folded_tag(tag) for tag in _TAG.findall(words)), MOST_TAG_LETTERS)
    return Text(text, handles[:MOST_MENTIONS], tags[:MOST_TAGS])


def mentions_group(text: str) -> bool:
    """Whether a text that was recognised mentions all members of the group in which it stands."""
    handles = _MENTION.findall(_LINK.sub(" ", text))
    return not GROUP_HANDLES.isdisjoint(handle.lower() for handle in handles)


def links(text: str) -> list[str]:
    """The addresses of web pages in a text, in its order."""
    return [_bare(link) for link in _LINK.findall(text)]


def characters(text: str) -> int:
    """How long a text is as people count: in grapheme clusters, each link as 25 whatever its length."""
    count, end = 0, 0
    for match in _LINK.finditer(text):
        count += graphemes(text[end : match.start()]) + LINK_CHARACTERS
        end = match.start() + len(_bare(match.group()))
    return count + graphemes(text[end:])


def _bare(link: str) -> str:
    """A link without what closes the sentence or the bracket around it; a bracket that it opened itself is its own."""
    bare = link.rstrip(_AFTER_LINK)
    while link[len(bare) :].startswith(")") and bare.count("(") > bare.count(")"):
        bare += ")"
    return bare


def graphemes(text: str) -> int:
    """How many characters a text has as people see them, an emoji of several parts being one."""
    return len(_GRAPHEME.findall(text))


def normalised(text: str) -> str:
    """A text in the one form in which it is stored: composed, and without blanks around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def folded_tag(tag: str) -> str:
    """The one way in which a tag is stored and looked up, however it is written."""
    return unicodedata.normalize("NFKC", tag.removeprefix("#")).casefold()


def is_tag(folded: str) -> bool:
    """Whether a text can have this tag."""
    return len(folded) <= MOST_TAG_LETTERS and _TAG.fullmatch(f"#{folded}") is not None


def _once(words: Iterable[str], most_letters: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if len(word) <= most_letters))
