"""The mail with what is new, and the pages on which it is stopped. Everything that people wrote is escaped."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from google.api import httpbody_pb2
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.feed.domain.notifications import Digest, Language
from services.feed.wire.wording import WORDS, subject

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html.jinja"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TITLE = "Plein"


class Line(NamedTuple):
    """One thing that happened; `excerpt` is what somebody wrote, if it may leave the house."""

    sentence: str
    excerpt: str
    url: str


class Letter(NamedTuple):
    """A mail in plain text and in HTML."""

    subject: str
    text: str
    html: str


def digest(
    language: Language,
    frequency: Digest,
    name: str,
    lines: Sequence[Line],
    *,
    count: int,
    has_more: bool,
    home: str,
    unsubscribe: str,
) -> Letter:
    """The mail to one person; `lines` are the newest of `count` things."""
    words = WORDS[language]
    first = next((told.sentence for told in lines if told.sentence != words.inside_group), lines[0].sentence)
    line = subject(words, first, count)
    facts: dict[str, object] = {
        "language": language.name.lower(),
        "words": words,
        "subject": line,
        "greeting": words.greeting.replace("{name}", name),
        "introduction": words.introduction[frequency],
        "why": words.why[frequency],
        "lines": lines,
        "has_more": has_more,
        "home": home,
        "unsubscribe": unsubscribe,
    }
    text, html = (_TEMPLATES.get_template(f"digest.{kind}.jinja").render(facts) for kind in ("txt", "html"))
    return Letter(line, text, html)


def asking_page(language: Language, action: str) -> httpbody_pb2.HttpBody:
    """The page that asks whether the mail is to stop."""
    words = WORDS[language]
    return _page(language, title=words.ask_title, text=words.ask, button=words.ask_button, action=action)


def stopped_page(language: Language) -> httpbody_pb2.HttpBody:
    """The page that says that the mail has stopped."""
    return _page(language, title=_TITLE, text=WORDS[language].stopped, button="", action="")


def _page(language: Language, **facts: str) -> httpbody_pb2.HttpBody:
    page = _TEMPLATES.get_template("unsubscribe.html.jinja").render(facts | {"language": language.name.lower()})
    return httpbody_pb2.HttpBody(content_type="text/html; charset=utf-8", data=page.encode())
