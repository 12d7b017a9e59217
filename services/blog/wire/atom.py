"""Articles as Atom (RFC 4287)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import cast
from uuid import UUID

import regex
from lxml import etree

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
# What XML 1.0 cannot hold, even escaped.
_UNWRITABLE = regex.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article. `html` is the stored, sanitised rendering; addresses in it may be relative to the site."""

    id: UUID
    title: str
    page: str
    author: str
    author_page: str
    published: datetime
    updated: datetime
    summary: str
    html: str
    tags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Feed:
    """What is read at an address: `url` is the address itself, `page` what it is of, on the site `home`."""

    id: UUID
    title: str
    subtitle: str
    url: str
    page: str
    home: str
    updated: datetime
    entries: Sequence[Entry]


def document(feed: Feed) -> bytes:
    """The feed as a document, always the same bytes for the same feed."""
    root = etree.Element(_in_atom("feed"), nsmap=cast("dict[str, str]", {None: _ATOM}))
    root.set(f"{{{_XML}}}base", f"{feed.home}/")
    _add(root, "id", feed.id.urn)
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _moment(feed.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "generator", "Plein", uri=f"{feed.home}/")
    for entry in feed.entries:
        _add_entry(root, entry)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def etag(content: bytes) -> str:
    """The strong entity tag of a document."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def _add_entry(root: etree._Element, entry: Entry) -> None:
    element = _add(root, "entry")
    _add(element, "id", entry.id.urn)
    _add(element, "title", entry.title)
    _add(element, "link", rel="alternate", type="text/html", href=entry.page)
    _add(element, "published", _moment(entry.published))
    _add(element, "updated", _moment(entry.updated))
    author = _add(element, "author")
    _add(author, "name", entry.author)
    if entry.author_page:
        _add(author, "uri", entry.author_page)
    for tag in entry.tags:
        _add(element, "category", term=tag)
    if entry.summary:
        _add(element, "summary", entry.summary)
    _add(element, "content", entry.html, type="html")


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _in_atom(name))
    for key, value in attributes.items():
        element.set(key, _UNWRITABLE.sub("", value))
    if text:
        element.text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return element


def _in_atom(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _moment(moment: datetime) -> str:
    """As RFC 3339, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
