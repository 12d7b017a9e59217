"""What a page of the web tells of itself, read in one pass whatever its writer did.

Only the head is read, and no tree is made: parsers that make one need seconds for pages that are made to hurt them.
"""

import codecs
import re
from collections.abc import Iterator
from html import unescape
from itertools import islice
from urllib.parse import urlsplit

from services.feed.domain.links import link_preview
from services.feed.domain.posts import LinkPreview

HTML_TYPES = ("text/html", "application/xhtml+xml")
# Heads that are longer exist, and tell what they are about before.
MOST_HEAD = 512 * 1024
MOST_TAGS = 3000
MOST_ATTRIBUTES = 16 * 1024
# Where a page is looked through for the name of its encoding.
PRESCAN_BYTES = 4096

_OPEN = re.compile(r"<(!--|/?[a-zA-Z][^\s/>]*+)")
_REST = re.compile(r"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?+""")
# Tags in these are text.
_CLOSING = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("title", "script", "style", "noscript", "template", "textarea", "xmp", "iframe", "noembed", "noframes")
}
_CHARSET = re.compile(r"""charset\s*+=\s*+["']?([\w.:-]{1,40})""", re.IGNORECASE)
# Others are no encodings of texts, or can be made to take for ever.
_ENCODING = re.compile(
    r"utf-8|utf-16(-[lb]e)?|cp\d+|iso8859-\d+|koi8-[ru]|shift_jis|euc_(jp|kr)|gbk?|gb2312|gb18030|big5"
)


def page_preview(url: str, content_type: str, content: bytes) -> LinkPreview | None:
    """The preview of the page at `url`; `content_type` is the header, with its charset. None when it has no title."""
    told = _told(_decoded(content_type, content))
    title = told.get("og:title") or told.get("title", "")
    description = told.get("og:description") or told.get("description", "")
    return link_preview(url, title, description, told.get("og:site_name") or urlsplit(url).hostname or "")


def _told(page: str) -> dict[str, str]:
    """The title, and what the head's meta tags tell, by property or name; the first one counts."""
    told: dict[str, str] = {}
    for name, content in islice(_elements(page), MOST_TAGS):
        if name == "title":
            told.setdefault("title", unescape(content))
        elif name == "meta":
            _add_meta(told, content)
        elif name in ("body", "/head"):
            break
    return told


def _elements(page: str) -> Iterator[tuple[str, str]]:
    """The tags in their order: (name, attributes), or (name, text) of those that hold nothing but text.

    Something that does not end is skipped with all that follows, so that no letter is looked at twice.
    """
    at = 0
    while (opened := _OPEN.search(page, at)) is not None:
        name = opened[1].lower()
        if name == "!--":
            at = page.find("-->", opened.end()) + len("-->")
            if at < opened.end():
                return
            continue
        closed = _REST.match(page, opened.end())
        if closed is None:
            return
        at = closed.end()
        if name not in _CLOSING:
            yield name, page[opened.end() : min(at, opened.end() + MOST_ATTRIBUTES)]
            continue
        end = _CLOSING[name].search(page, at)
        if end is None:
            return
        yield name, page[at : end.start()]
        at = end.start()


def _add_meta(told: dict[str, str], tag: str) -> None:
    attributes: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag):
        attributes.setdefault(name.lower(), next(filter(None, values), ""))
    key = unescape(attributes.get("property") or attributes.get("name") or "").strip().lower()
    # A page that calls a meta tag “title” does not mean the title.
    if key.startswith("og:") or key == "description":
        told.setdefault(key, unescape(attributes.get("content", "")))


def _decoded(content_type: str, content: bytes) -> str:
    """The page as text: a mark at its beginning counts most, then the header, then what it says of itself."""
    content = content[:MOST_HEAD]
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    beginning = content[:PRESCAN_BYTES].decode("latin-1")
    encoding = _encoding(content_type) or _encoding(beginning, itself=True) or "utf-8"
    return content.decode(encoding, "replace")


def _encoding(text: str, *, itself: bool = False) -> str | None:
    """The encoding that a header or the page itself names, if there is one of texts by that name."""
    named = _CHARSET.search(text)
    try:
        name = codecs.lookup(named[1]).name if named else ""
    except (LookupError, ValueError):
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252"
    # Who can read the name in a page does not read it in pairs of bytes.
    if itself and name.startswith("utf-16"):
        return "utf-8"
    return name if _ENCODING.fullmatch(name) else None
