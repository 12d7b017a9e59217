"""Links in texts, and what is told of where they lead."""

import unicodedata
from itertools import islice
from urllib.parse import urlsplit

import regex

from services.feed.domain.posts import LinkPreview, Post
from services.feed.domain.texts import links

# Longer ones are no addresses that somebody would read, and no index would take them.
MOST_LINK_BYTES = 2000
MOST_TITLE, MOST_DESCRIPTION, MOST_SITE = 200, 400, 100

# Letters that are not seen, and those that turn the direction of what follows.
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def first_link(text: str) -> str | None:
    """The first link of a text, without what closes the sentence or the bracket around it."""
    found = links(text)
    return found[0] if found and len(found[0].encode()) <= MOST_LINK_BYTES else None


def link_to_preview(post: Post, own_host: str | None) -> str | None:
    """The link that a post lacks a preview of. Our own pages are for who is signed in, which nobody is who looks."""
    link = first_link(post.text)
    if link is None or (post.link_preview is not None and post.link_preview.url == link):
        return None
    try:
        return None if urlsplit(link).hostname in (None, own_host) else link
    except ValueError:
        return None


def link_preview(url: str, title: str, description: str, site: str) -> LinkPreview | None:
    """What a page tells of itself, fit to be shown; nothing without a title."""
    title = _fit(title, MOST_TITLE)
    return LinkPreview(url, title, _fit(description, MOST_DESCRIPTION), _fit(site, MOST_SITE)) if title else None


def _fit(text: str, most: int) -> str:
    """A text of strangers on one line, without what is not seen, cut off where it is too long."""
    words = " ".join(_UNSEEN.sub(" ", unicodedata.normalize("NFC", text[: 20 * most])).split())
    letters = regex.finditer(r"\X", words)
    cut = next(islice(letters, most, None), None)
    return words if cut is None else words[: cut.start()].rstrip() + "…"
