"""What people write in Markdown is shown as they mean it, and nothing in it acts."""

import time
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from selectolax.lexbor import LexborHTMLParser, LexborNode

from chassis.markdown import ATTRIBUTES, TAGS, Source, parsed, sanitised, without_person
from tests.chassis import hostile

IMAGE = "articleImages/01993e54-0000-7000-8000-000000000000"
GIVEN = {IMAGE: Source("/articleImages/01993e54-0000-7000-8000-000000000000/large", 1600, 900)}
ADA = "01993e54-0000-7000-8000-00000000ada0"
PARTS = [
    *hostile.HTML,
    *hostile.ADDRESSES,
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "!",
    "`",
    "\n",
    "\n\n",
    " ",
    "|",
    "*",
    "_",
    "~~",
]
PARTS += [
    "> ",
    "- ",
    "[^1]",
    "[^1]: ",
    "![",
    "](",
    "&lt;",
    "&#60;",
    "\\",
    '"',
    "'",
    "@ada",
    "#tag",
    "https://a.nl/",
    "    ",
]


def html(text: str) -> str:
    return parsed(text).html(people={"ada": ADA}, images=GIVEN)


def nodes(text: str) -> Iterator[LexborNode]:
    """All elements of a page in whose middle some HTML stands, as a browser understands it."""
    page = LexborHTMLParser(f"<main>{text}</main><footer>the end</footer>")
    main = page.css_first("body > main")
    footer = page.css_first("body > footer")
    assert main is not None
    assert footer is not None, "it closed what is around it"
    assert footer.text() == "the end"
    assert page.css("script, style, body > :not(main):not(footer), head > *") == []
    return main.traverse(include_text=False)


def assert_harmless(text: str) -> None:
    """Nothing but what is allowed is in the HTML; addresses are judged as a browser resolves them."""
    for node in nodes(text):
        if node.tag == "main":
            continue
        assert node.tag in TAGS
        for name, value in node.attributes.items():
            assert name == "rel" or name in ATTRIBUTES[node.tag]
            if name in ("href", "src"):
                goal = urlsplit(urljoin("https://plein.test/page", (value or "").replace("\\", "/")))
                assert goal.scheme in ("https", "http", "mailto")
                assert name == "href" or goal.netloc == "plein.test"
                own = goal.netloc == "plein.test"
                assert not own or (value or "").startswith(("/", "#"))
    assert sanitised(text) == text, "it is shown as it was cleaned"


def test_nothing_of_the_corpus_acts() -> None:
    for text in hostile.texts():
        assert_harmless(html(text))


def test_the_sanitiser_alone_keeps_everything_out() -> None:
    """Whatever a renderer let through one day."""
    for piece in hostile.HTML:
        assert_harmless(sanitised(piece))
    for address in hostile.ADDRESSES:
        assert_harmless(sanitised(f'<a href="{address}">x</a><img src="{address}"><img src=\'{address}\'>'))


@settings(max_examples=200, deadline=None)
@given(some.lists(some.sampled_from(PARTS), max_size=12).map("".join))
def test_nothing_that_is_put_together_of_it_acts(text: str) -> None:
    assert_harmless(html(text))


@settings(max_examples=100, deadline=None)
@given(some.text(max_size=60))
def test_any_text_can_be_shown(text: str) -> None:
    assert_harmless(html(text))


def test_commonmark_with_tables_footnotes_and_task_lists() -> None:
    assert html("# One\n\n*a* **b** ~~c~~ `d`") == (
        "<h2>One</h2>\n<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>\n"
    )
    table = html("| a | b |\n| :-- | --: |\n| 1 | 2 |")
    assert '<th align="left">a</th>' in table
    assert '<td align="right">2</td>' in table
    tasks = html("- [ ] buy\n- [x] sell")
    assert '<input disabled="disabled" type="checkbox"> buy' in tasks
    assert '<input checked="checked" disabled="disabled" type="checkbox"> sell' in tasks
    notes = parsed("So[^1].\n\n[^1]: Because.").html(scope="a1")
    assert 'href="#fn-a1-1" id="fnref-a1-1"' in notes
    assert '<li id="fn-a1-1" class="footnote-item"><p>Because.' in notes
    assert '<code class="language-python">' in html("```python\nx\n```")


def test_links_lead_to_sites_mailboxes_and_within_the_site() -> None:
    rel = 'rel="nofollow noopener noreferrer"'
    for address in ("https://example.nl/a?b=c", "http://example.nl", "mailto:ada@example.nl", "/posts/1", "#fn1"):
        assert html(f"[x]({address})") == f'<p><a href="{address}" {rel}>x</a></p>\n'
    assert f'<a href="https://example.nl/a" {rel}>https://example.nl/a</a>.' in html("See https://example.nl/a.")
    assert html("notes.md 1.nl ada@example.nl") == "<p>notes.md 1.nl ada@example.nl</p>\n"


def test_images_are_only_those_that_are_given() -> None:
    assert html(f'![A *map*]({IMAGE} "Here")') == (
        f'<p><img src="/{IMAGE}/large" alt="A map" title="Here" width="1600" height="900" loading="lazy"></p>\n'
    )
    assert html(f"![A map]({IMAGE[:-1]}1)") == "<p>A map</p>\n"
    assert "<img" not in html("![seen](https://evil.example/pixel.png)")
    assert 'href="https://evil.example/pixel.png"' in html("![seen](https://evil.example/pixel.png)")
    assert parsed(f"![a]({IMAGE}) ![b](https://x.nl/y.png)").images == (IMAGE, "https://x.nl/y.png")


def test_mentions_and_tags_are_found_where_they_are_words() -> None:
    document = parsed("Hi @Ada, see #Café and #café! `@eve #no` [@bob #no](https://a.nl/@x#y) mail@ada.nl\n\n    @fay")
    assert (document.handles, document.tags) == (("ada",), ("café",))
    shown = document.html(people={"ada": ADA})
    assert f'<a href="/people/{ADA}" class="mention"' in shown
    assert '<a href="/tags/caf%C3%A9" class="tag"' in shown
    assert html("Hi @nobody") == "<p>Hi @nobody</p>\n"
    assert without_person(shown, ADA).startswith("<p>Hi @Ada, see <a")


def test_the_plain_text_says_what_is_read() -> None:
    document = parsed(
        f"# One\n\nTwo *three*  \nfour, `five`\n\n| six |\n| --- |\n| seven |\n\n```\neight\n```\n\n![nine]({IMAGE})"
    )
    assert document.plain == "One\nTwo three four, five\nsix\nseven\neight\nnine"
    assert document.words == 9


@pytest.mark.parametrize(
    "piece", ["[", "![", "_*", "[a](", "^[", "> ", "a\n", "http://", "`a ", "*", "|a", "~~a", "<a:"]
)
def test_a_text_that_is_made_to_hurt_takes_no_more_than_seconds(piece: str) -> None:
    began = time.monotonic()
    parsed(piece * (50_000 // len(piece))).html()
    assert time.monotonic() - began < 5
