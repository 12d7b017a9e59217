"""Markdown as it is kept: what was written, and what was made of it once."""

import asyncio

from chassis import markdown
from services.groups.domain.presentations import NO_TEXT, Text


async def text(written: str, scope: str) -> Text:
    """What somebody wrote with its HTML and its words; `scope` keeps the footnotes of texts on one page apart.

    In a thread, since a long text that is made to hurt takes tenths of a second.
    """
    if not written.strip():
        return NO_TEXT
    return await asyncio.to_thread(_text, written, scope)


def _text(written: str, scope: str) -> Text:
    document = markdown.parsed(written)
    return Text(written, document.html(scope=scope), document.plain)
