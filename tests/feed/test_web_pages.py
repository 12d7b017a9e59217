"""What a page tells of itself is read, whatever its writer did."""

import time

import pytest

from services.feed.domain.links import first_link
from services.feed.domain.posts import LinkPreview
from services.feed.wire import page_preview

URL = "https://site.example/path"


def told(page: str | bytes, content_type: str = "text/html") -> LinkPreview | None:
    return page_preview(URL, content_type, page if isinstance(page, bytes) else page.encode())


def title(page: str | bytes, content_type: str = "text/html") -> str | None:
    preview = told(page, content_type)
    return preview.title if preview else None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title>Dag</title>", "Dag"),
        ("<TITLE lang=nl>\n Dag,\t plein </TITLE>", "Dag, plein"),
        ("<title>Q&amp;A &#233;&eacute;n &lt;b&gt;</title>", "Q&A één <b>"),
        ("<title>Dag</title><meta property=og:title content='Beter'>", "Beter"),
        ('<meta content="Eerst" property="og:title"/><meta property="og:title" content="Dan">', "Eerst"),
        ('<meta name="og:title" content="Bij naam">', "Bij naam"),
        ('<meta name="x" content="<title>\'no\'"><title>Dag</title>', "Dag"),
        ("<script>document.write('<title>no</title>')</script><title>Dag</title>", "Dag"),
        ("<!-- <title>no</title> --><title>Dag</title>", "Dag"),
        ("<style>a::after{content:'<title>no</title>'}</style><title>Dag</title>", "Dag"),
        ("<title>Dag</title></head><body><meta property=og:title content=no>", "Dag"),
        ("<title>Dag\u202emoordenaar\u200b\x00\x07</title>", "Dag moordenaar"),
        ("<title>👩‍👩‍👧 gezin</title>", "👩‍👩‍👧 gezin"),
        ("<title></title>", None),
        ("<title>open", None),
        ("<body><title>no</title>", None),
        ("<p>", None),
        ("", None),
    ],
)
def test_the_title_is_found(head: str, expected: str | None) -> None:
    assert title(f"<!doctype html><html><head>{head}") == expected


def test_description_and_site_are_found_or_made_up_for() -> None:
    whole = "<title>Dag</title><meta name=description content=Plat><meta property=og:description content='Wat er is'>"
    assert told(whole + "<meta property=og:site_name content=Plein>") == LinkPreview(URL, "Dag", "Wat er is", "Plein")
    assert told("<title>Dag</title><meta name=Description content=Plat>") == LinkPreview(
        URL, "Dag", "Plat", "site.example"
    )


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<title>Één €</title>".encode(), "text/html"),
        ("<title>Één €</title>".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("<title>Één €</title>".encode("cp1252"), 'text/html; charset="windows-1252"'),
        ("<meta charset=windows-1252><title>Één €</title>".encode("cp1252"), "text/html"),
        (
            "<meta http-equiv=content-type content='text/html; charset=latin1'><title>Één €</title>".encode("cp1252"),
            "text/html",
        ),
        ("\ufeff<title>Één €</title>".encode("utf-16-le"), "text/html; charset=utf-8"),
        ("\ufeff<title>Één €</title>".encode(), "text/html; charset=latin1"),
        ("<meta charset=utf-16><title>Één €</title>".encode(), "text/html"),
        ("<title>Één €</title>".encode(), "text/html; charset=nonsense"),
        ("<title>Één €</title>".encode(), "text/html; charset=punycode"),
        ("<title>Één €</title>".encode(), "text/html; charset=unicode_escape"),
    ],
)
def test_a_page_is_read_in_its_encoding(content: bytes, content_type: str) -> None:
    assert title(content, content_type) == "Één €"


def test_broken_bytes_break_nothing() -> None:
    assert title(b"<title>Dag \xff\xfe\xc3</title>") == "Dag ���"


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<a b='", '<a b="', "<!--", "<!-- -->", "<b>", "<meta ", "<meta a=b>", "<title", "<title>", "</", "&",
     "<meta content=" + "a " * 5000 + ">", "<script>", "<a b=c", "<a\t", "=", "<title>&#x" + "9" * 500, "<x/", "'"],
)  # fmt: skip
def test_no_page_takes_long(piece: str) -> None:
    page = (piece * (1024 * 1024 // len(piece))).encode()
    started = time.process_time()
    told(page)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Zie https://site.example/a?b=c#d.", "https://site.example/a?b=c#d"),
        ("(http://site.example)", "http://site.example"),
        ("https://nl.wikipedia.org/wiki/Plein_(stad)!", "https://nl.wikipedia.org/wiki/Plein_(stad)"),
        ("(zie https://nl.wikipedia.org/wiki/Plein_(stad)).", "https://nl.wikipedia.org/wiki/Plein_(stad)"),
        ("“HTTPS://Site.Example/Pad”, en https://other.example", "HTTPS://Site.Example/Pad"),
        ("http:// en ftp://site.example en site.example", None),
        ("https://site.example/" + "a" * 2000, None),
        ("geen", None),
    ],
)
def test_the_first_link_of_a_text_is_recognised(text: str, link: str | None) -> None:
    assert first_link(text) == link
