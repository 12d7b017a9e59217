"""Markdown as people write it, made into HTML that cannot hurt: CommonMark with tables, strikethrough, footnotes, task
lists, bare links, mentions and tags. HTML in it is text; images are only those that whoever renders it gives.

    document = parsed(text)
    html = document.html(people=await people_behind(document.handles), images=await images_of(document.images))

Rendered once, when it is written, and stored beside the text; what `html` answers has been sanitised and is shown as it
is.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

import nh3
import regex
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

MOST_MENTIONS = 50
MOST_TAGS = 30
MOST_IMAGES = 100
# Longer ones nobody has, or can look up.
MOST_HANDLE_LETTERS = 64
MOST_TAG_LETTERS = 100

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*")
# Not after a word, a slash or another "@": addresses and paths are no mentions.
_HANDLE = r"(?<![\w@/.+-])@(?P<handle>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
_TAG = r"(?<![\w#&/])#(?P<tag>(?=[\w·-]*\p{L})[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_·-]*[\p{L}\p{M}\p{N}_])?)"
_MARKS = regex.compile(f"{_HANDLE}|{_TAG}", regex.IGNORECASE)
_MENTION = '<a href="/people/{person}" class="mention"[^>]*>(@[^<]*)</a>'
_ALIGNMENTS = {"text-align:left": "left", "text-align:center": "center", "text-align:right": "right"}
_SCHEMES = {"http", "https", "mailto"}

# Everything that the result may hold. `sanitised` makes sure of it, whatever was rendered.
_BLOCKS = ("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "li", "section")
_WORDS = ("em", "strong", "s", "code", "a", "img", "sup", "input")
TAGS = frozenset({*_BLOCKS, *_WORDS, "table", "thead", "tbody", "tr", "th", "td"})
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "a": frozenset({"href", "title", "id", "class"}),
    "img": frozenset({"src", "alt", "title", "width", "height", "loading"}),
    "input": frozenset({"type", "checked", "disabled"}),
    "li": frozenset({"id", "class"}),
    "ol": frozenset({"start", "class"}),
    "ul": frozenset({"class"}),
    "sup": frozenset({"class"}),
    "section": frozenset({"class"}),
    "th": frozenset({"align"}),
    "td": frozenset({"align"}),
    "code": frozenset({"class"}),
}
CLASSES = frozenset({"mention", "tag", "footnotes", "footnotes-list", "footnote-item", "footnote-ref"}) | {
    "footnote-backref",
    "contains-task-list",
    "task-list-item",
}
_CODE_CLASS = regex.compile(r"language-[A-Za-z0-9+#_-]{1,30}")
_ID = regex.compile(r"fn(?:ref)?[0-9a-z:-]{1,60}")
# In what this module itself wrote, or leads elsewhere in the site; never "//host".
_OWN_PATH = regex.compile(r"/(?![/\\])[^\\\s]*|#[^\\\s]*")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an image is shown from, a path of this site, and how large it is in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True)
class Document:
    """A text that was understood.

    `handles` are the people whom it mentions, in small letters, `tags` are folded, `images` are the addresses of its
    images as written; `plain` is what it says without any marks, and `words` how many that are.
    """

    handles: tuple[str, ...]
    tags: tuple[str, ...]
    images: tuple[str, ...]
    plain: str
    words: int
    _tokens: Sequence[Token] = field(repr=False)
    _environment: Mapping[str, Any] = field(repr=False)

    def html(
        self, *, people: Mapping[str, str] | None = None, images: Mapping[str, Source] | None = None, scope: str = ""
    ) -> str:
        """What to show, sanitised. `people` maps handles to ids; other handles stay words.

        `images` maps addresses as written to where they are shown from; of others only the description is left, as a
        link if they lie elsewhere. `scope`, such as an id, keeps the footnotes of texts on one page apart.
        """
        given = {"people": people or {}, "images": images or {}, "tags": set(self.tags)}
        environment = dict(self._environment) | given | ({"docId": scope} if scope else {})
        return sanitised(_PARSER.renderer.render(self._tokens, _PARSER.options, environment))


def parsed(source: str) -> Document:
    """Understands a text. That takes about 1 ms for each 5 kB, and less than 3 s for 200 kB that are made to hurt."""
    environment: dict[str, Any] = {}
    tokens = _PARSER.parse(source, environment)
    inline = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    plain = "\n".join(filter(None, (_plain(token) for token in tokens))).strip()
    return Document(
        handles=_once((t.meta["key"] for t in inline if t.type == "mention"), MOST_MENTIONS),
        tags=_once((t.meta["key"] for t in inline if t.type == "tag"), MOST_TAGS),
        images=_once((str(t.attrGet("src")) for t in inline if t.type == "image"), MOST_IMAGES),
        plain=plain,
        words=len(_WORD.findall(plain)),
        _tokens=tokens,
        _environment=environment,
    )


def sanitised(html: str) -> str:
    """The HTML with nothing in it but TAGS, ATTRIBUTES, links of three schemes, and images of this site."""
    return nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )


def without_person(html: str, person: str) -> str:
    """The HTML in which a person of this id is no longer led to; the handle stays a word."""
    return regex.sub(_MENTION.format(person=regex.escape(person)), r"\1", html)


def folded_tag(tag: str) -> str:
    """The one way in which a tag is stored and looked up, however it is written."""
    return unicodedata.normalize("NFKC", tag.removeprefix("#")).casefold()


def is_safe_link(url: str) -> bool:
    """Whether a link leads to a site, a mailbox or elsewhere in this site."""
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() in _SCHEMES:
        return scheme.lower() == "mailto" or rest.startswith("//")
    return _OWN_PATH.fullmatch(url) is not None


def _attribute(tag: str, name: str, value: str) -> str | None:
    """What is left of an attribute; None removes it."""
    match name:
        case "href":
            return value if is_safe_link(value) else None
        case "src":
            return value if value.startswith("/") and is_safe_link(value) else None
        case "id":
            return value if _ID.fullmatch(value) else None
        case "type":
            return value if value == "checkbox" else None
        case "class" if tag == "code":
            return value if _CODE_CLASS.fullmatch(value) else None
        case "class":
            return " ".join(word for word in value.split() if word in CLASSES) or None
    return value


def _once(words: Iterable[str], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:most]


def _plain(token: Token) -> str:
    """What a block says without any marks."""
    if token.type in ("fence", "code_block"):
        return token.content.rstrip("\n")
    return "".join(map(_said, token.children or ())).strip() if token.type == "inline" else ""


def _said(token: Token) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return " "
        case "image":
            return _alternative(token)
        case "text" | "code_inline" | "mention" | "tag":
            return token.content
    return ""


def _alternative(token: Token) -> str:
    """What an image shows, in words."""
    return "".join(map(_said, token.children or ()))


def _mark(state: StateCore) -> None:
    """Finds mentions and tags in texts that are in no link and no code, and puts headings below the page's own."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        elif token.type in ("th_open", "td_open") and (style := token.attrs.pop("style", None)):
            token.attrs["align"] = _ALIGNMENTS.get(str(style), "left")
        elif token.type == "inline" and token.children:
            token.children = list(_marked(token.children))


def _marked(children: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for child in children:
        depth += (child.type == "link_open") - (child.type == "link_close")
        if child.type == "text" and not depth and ("@" in child.content or "#" in child.content):
            yield from _split(child)
        else:
            yield child


def _split(token: Token) -> Iterator[Token]:
    """A text as texts, mentions and tags."""
    end = 0
    for match in _MARKS.finditer(token.content):
        handle, tag = match["handle"], match["tag"]
        kind, key = ("mention", handle.lower()) if handle else ("tag", folded_tag(tag))
        if len(key) > (MOST_HANDLE_LETTERS if handle else MOST_TAG_LETTERS):
            continue
        if between := token.content[end : match.start()]:
            yield Token("text", "", 0, content=between)
        yield Token(kind, "", 0, content=match.group(), meta={"key": key})
        end = match.end()
    yield Token("text", "", 0, content=token.content[end:])


def _mention(self: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    person, word = environment["people"].get(token.meta["key"]), escape(token.content)
    return f'<a href="/people/{quote(person)}" class="mention">{word}</a>' if person else word


def _tag(self: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    key, word = token.meta["key"], escape(token.content)
    return f'<a href="/tags/{quote(key, safe="")}" class="tag">{word}</a>' if key in environment["tags"] else word


def _image(self: Any, tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
    token = tokens[index]
    address, words = str(token.attrGet("src")), escape(_alternative(token))
    source: Source | None = environment["images"].get(address)
    if source is None:
        link = address.startswith(("https://", "http://"))
        return f'<a href="{escape(address)}">{words or escape(address)}</a>' if link else words
    title = f' title="{escape(str(token.attrGet("title")))}"' if token.attrGet("title") else ""
    size = f'width="{source.width}" height="{source.height}" loading="lazy"'
    return f'<img src="{escape(source.path)}" alt="{words}"{title} {size}>'


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True}, renderer_cls=RendererHTML)
    parser.enable(["table", "strikethrough", "linkify"]).use(footnote_plugin).use(tasklists_plugin)
    # Only what begins with its scheme: `notes.md` and `1.nl` are words.
    parser.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.validateLink = lambda url: is_safe_link(url) or _is_image_name(url)  # type: ignore[method-assign] # as its documentation says
    parser.core.ruler.push("mark", _mark)
    parser.add_render_rule("mention", _mention)
    parser.add_render_rule("tag", _tag)
    parser.add_render_rule("image", _image)
    return parser


def _is_image_name(url: str) -> bool:
    """Whether it may be the name of an image, such as `images/0199…`; as a link it does not survive."""
    return regex.fullmatch(r"[A-Za-z]+/[0-9a-f-]{36}", url) is not None


_PARSER = _parser()
