"""Nothing that somebody writes acts in a browser, also without the site's content security policy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, Route

from chassis.markdown import ATTRIBUTES, TAGS, Source, parsed
from tests.chassis import hostile

SITE = "https://plein.test"
IMAGE = "articleImages/01993e54-0000-7000-8000-000000000000"
POLICY = "default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'"
AT_ONCE = 200

# Notes what acts, before anything of the page can.
WATCH = """
window.acted = [];
for (const name of ["alert", "confirm", "prompt", "open", "print", "fetch"])
    window[name] = (...words) => { window.acted.push(`${name}(${words})`); };
addEventListener("error", event => { if (event.message) window.acted.push(event.message); });
document.addEventListener("securitypolicyviolation", event => window.acted.push(`${event.violatedDirective} refused`));
addEventListener("click", event => event.preventDefault());
"""
# Does to each element what people and pages do to it.
PROVOKE = """() => {
    const events = ["mouseover", "mouseenter", "mousemove", "mousedown", "click", "dblclick", "contextmenu", "focus",
        "blur", "input", "change", "submit", "toggle", "load", "error", "animationstart", "begin", "start", "keydown"];
    for (const element of document.querySelectorAll("main *")) {
        for (const name of events) element.dispatchEvent(new Event(name, {bubbles: true, cancelable: true}));
        if (element.focus) element.focus();
        if (element.click) element.click();
    }
}"""
FOUND = """() => ({
    acted: window.acted,
    elements: [...document.querySelectorAll("main article *")].map(element => [
        element.localName, element.namespaceURI, [...element.attributes].map(one => one.name)]),
    links: [...document.querySelectorAll("main a[href], main area, main form")].map(one => one.href || one.action),
    articles: document.querySelectorAll("body > main > article").length,
    around: [document.querySelectorAll("body > *").length, document.querySelector("body > footer").textContent,
        document.title, typeof document.cookie, document.body.nodeName, document.querySelectorAll("head > *").length],
})"""


def page_of(texts: Sequence[str], *, raw: bool = False) -> str:
    """A page as the site shows articles; `raw` as nobody should."""
    given = {IMAGE: Source(f"/{IMAGE}/large", 16, 9)}
    shown = [text if raw else parsed(text).html(people={"ada": "01993e54"}, images=given) for text in texts]
    articles = "".join(f"<article>{html}</article>" for html in shown)
    return f"<!DOCTYPE html><title>Plein</title><main>{articles}</main><footer>the end</footer>"


@asynccontextmanager
async def opened(browser: Browser, content: str, policy: str = "") -> AsyncIterator[tuple[Page, list[str]]]:
    """The page in the browser, and the addresses that it asked for or went to; none of them is reached."""
    asked: list[str] = []
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(WATCH)
    headers = {"content-type": "text/html; charset=utf-8"} | ({"content-security-policy": policy} if policy else {})

    async def answer(route: Route) -> None:
        if route.request.url == f"{SITE}/article" and not asked:
            asked.append("")
            await route.fulfill(body=content, headers=headers)
            return
        asked.append(route.request.url)
        await route.abort()

    await context.route("**/*", answer)
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    context.on("page", lambda other: asked.append(f"window {other.url}"))
    await page.goto(f"{SITE}/article", wait_until="load")
    try:
        yield page, asked
    finally:
        await context.close()


async def provoked(browser: Browser, content: str, policy: str = "") -> tuple[dict[str, Any], list[str]]:
    """What was found in a page after everything in it was touched, and what it asked for besides its own images."""
    async with opened(browser, content, policy) as (page, asked):
        await page.evaluate(PROVOKE)
        found: dict[str, Any] = await page.evaluate(FOUND)
        return found, [url for url in asked if url and not url.startswith(f"{SITE}/{IMAGE}")]


async def test_nothing_of_the_corpus_acts(browser: Browser) -> None:
    corpus = hostile.texts()
    for first in range(0, len(corpus), AT_ONCE):
        texts = corpus[first : first + AT_ONCE]
        for policy in ("", POLICY):
            found, asked = await provoked(browser, page_of(texts), policy)
            assert found["acted"] == []
            assert asked == []
            assert found["articles"] == len(texts)
            assert found["around"] == [2, "the end", "Plein", "string", "BODY", 1]
            for name, namespace, attributes in found["elements"]:
                assert name in TAGS
                assert namespace == "http://www.w3.org/1999/xhtml"
                assert set(attributes) <= ATTRIBUTES.get(name, frozenset()) | {"rel"}
            schemes = {link.partition(":")[0] for link in found["links"]}
            assert schemes <= {"https", "http", "mailto"}


async def test_what_would_act_is_noticed(browser: Browser) -> None:
    """The same without the sanitiser, or the test above would prove nothing."""
    for piece, sign in (
        ("<img src=x onerror=alert(1)>", "alert(1)"),
        ("<p onmouseover=alert(2)>over</p>", "alert(2)"),
        ("<script>alert(3)</script>", "alert(3)"),
    ):
        found, _ = await provoked(browser, page_of([piece], raw=True))
        assert sign in found["acted"]
    _, asked = await provoked(browser, page_of(["<img src=https://evil.example/seen>"], raw=True))
    assert asked == ["https://evil.example/seen"]
    found, _ = await provoked(browser, page_of(["<p style=color:red>x</p>"], raw=True), POLICY)
    assert found["acted"] == ["style-src-attr refused"]
