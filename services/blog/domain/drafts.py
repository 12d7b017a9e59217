"""Drafts: what an article says next."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.blog.domain.articles import Content


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody saved last, as the `revision`th time."""

    article: UUID
    content: Content
    person: UUID
    update_time: datetime
    revision: int = 1

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'


def content(title: str, text: str, summary: str) -> Content:
    """What an article is to say, in the one form in which it is stored."""
    return Content(normalised(title), normalised(text), normalised(summary))


def normalised(text: str) -> str:
    """A text composed, with one sort of line end, and without blanks around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
