"""How things look to people: templates in the reader's language, texts with links, moments in local time."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from plein.blog.v1 import discovery_pb2
from plein.feed.v1 import feed_pb2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.web import blog_words, words
from gateway.web.groups import words as group_words

LANGUAGES = ("nl", "en")
SYMBOLS = {1: "👍", 2: "❤️", 3: "🎉", 4: "😄", 5: "🤔", 6: "😢"}
_PART = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)])|(?<![\w@/])@(?P<handle>[\w.-]*\w)|(?<![\w#&/])#(?P<tag>[\w·-]*\w)"
)


class Views:
    """The templates and all that they need."""

    def __init__(self, folder: Path, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)
        self._texts = {"en": {}, "nl": _catalogue(folder / "locale" / "nl.po")}
        self._templates = Environment(
            loader=FileSystemLoader(folder / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(symbols=SYMBOLS, words=words, rich=rich, initials=initials, over=over)
        self._templates.globals.update(group_words=group_words, post_groups={}, here_group="", pins=None)
        self._templates.globals.update(is_plain_reshare=is_plain_reshare, may_reply=may_reply, percent=percent)
        self._templates.globals.update(blog_words=blog_words, marked=marked, fresh_id=lambda: str(uuid4()), past=past)

    def page(self, request: Request, template: str, status_code: int = 200, **values: Any) -> HTMLResponse:
        """A page in the reader's language."""
        language = self.language(request)
        texts = self._texts[language]

        def translated(text: str, **facts: object) -> str:
            return str(texts.get(text) or text) % facts if facts else str(texts.get(text) or text)

        html = self._templates.get_template(template).render(
            _=translated,
            language=language,
            session=getattr(request.state, "session", None),
            path=request.url.path,
            here=f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
            told=lambda notification, people: words.told(notification, people, translated),
            day=lambda iso_date: format_date(date.fromisoformat(iso_date), "long", locale=Locale.parse(language)),
            when=lambda moment: self._when(moment, language),
            ago=lambda moment: self._ago(moment, language),
            moment=lambda moment: self._moment(moment, language),
            span=lambda start, end, zone: self._span(start, end, zone, language),
            lasting=lambda seconds: format_timedelta(timedelta(seconds=seconds), locale=Locale.parse(language)),
            local=lambda moment: moment.ToDatetime(tzinfo=UTC).astimezone(self.zone).strftime("%Y-%m-%dT%H:%M"),
            **values,
        )
        return HTMLResponse(html, status_code)

    def language(self, request: Request) -> str:
        """The first language of the browser's that the site speaks; Dutch if there is none."""
        for part in request.headers.get("accept-language", "").split(","):
            language = part.split(";")[0].strip().lower()[:2]
            if language in LANGUAGES:
                return language
        return LANGUAGES[0]

    def _ago(self, moment: Timestamp, language: str) -> str:
        passed = datetime.now(UTC) - moment.ToDatetime(tzinfo=UTC)
        if passed.days >= 7:
            local = moment.ToDatetime(tzinfo=UTC).astimezone(self.zone)
            return format_datetime(local, "d MMM", locale=Locale.parse(language))
        return format_timedelta(passed, granularity="minute", format="short", locale=Locale.parse(language))

    def _when(self, moment: Timestamp, language: str) -> str:
        local = moment.ToDatetime(tzinfo=UTC).astimezone(self.zone)
        return format_datetime(local, "d MMM y HH:mm", locale=Locale.parse(language))

    def _span(self, start: Timestamp, end: Timestamp, time_zone: str, language: str) -> str:
        """From when to when, such as “do 3 dec 2026 19:30 – 21:00”; with its zone where that is another one."""
        zone, locale = ZoneInfo(time_zone) if time_zone else self.zone, Locale.parse(language)
        first, last = (moment.ToDatetime(tzinfo=UTC).astimezone(zone) for moment in (start, end))
        until = "HH:mm" if first.date() == last.date() else "EEE d MMM y HH:mm"
        begins = format_datetime(first, "EEE d MMM y HH:mm", locale=locale)
        told = f"{begins} – {format_datetime(last, until, locale=locale)}"
        return told if zone == self.zone else f"{told} ({time_zone})"

    def _moment(self, moment: Timestamp, language: str) -> str:
        local = moment.ToDatetime(tzinfo=UTC).astimezone(self.zone)
        return format_datetime(local, "full", locale=Locale.parse(language))


def rich(post: feed_pb2.Post) -> Markup:
    """A post's text with links, mentions of people who are there, tags and line breaks; everything else is escaped."""
    people = {mention.handle: mention.person for mention in post.mentions}
    tags = set(post.tags)

    def linked(found: re.Match[str]) -> Markup:
        text = found[0]
        if found["url"]:
            shown = re.sub("^https?://(www\\.)?", "", text)
            return Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(text, shown)
        if found["handle"] and found["handle"].lower() in people:
            return Markup('<a href="/{}">{}</a>').format(people[found["handle"].lower()], text)
        if found["tag"] and f"tags/{found['tag'].casefold()}" in tags:
            return Markup('<a href="/tags/{}">{}</a>').format(found["tag"].casefold(), text)
        return escape(text)

    parts, end = [], 0
    for found in _PART.finditer(post.text):
        parts += [escape(post.text[end : found.start()]), linked(found)]
        end = found.end()
    return Markup("").join([*parts, escape(post.text[end:])]).replace("\n", Markup("<br>"))


def initials(name: str) -> str:
    """Two letters for whoever has no photo."""
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if words else "?"


def is_plain_reshare(post: feed_pb2.Post) -> bool:
    """Whether a post only passes another one on."""
    return bool(post.reshare_of) and not post.text and not post.images


def may_reply(root: feed_pb2.Post, person: str) -> bool:
    """Whether the author of a thread lets somebody who sees it reply in it."""
    if root.reply_rule == feed_pb2.REPLY_RULE_NOBODY:
        return root.author == person
    if root.reply_rule == feed_pb2.REPLY_RULE_MENTIONED:
        return root.author == person or any(mention.person == person for mention in root.mentions)
    return True


def over(poll: feed_pb2.Poll) -> bool:
    """Whether a poll has ended."""
    return past(poll.end_time)


def past(moment: Timestamp) -> bool:
    """Whether a moment is over."""
    return moment.ToDatetime(tzinfo=UTC) <= datetime.now(UTC)


def marked(text: str, ranges: Iterable[discovery_pb2.TextRange]) -> Markup:
    """A plain text in which the places of what was asked stand out."""
    parts, end = [], 0
    for place in ranges:
        parts += [escape(text[end : place.start]), Markup("<mark>{}</mark>").format(text[place.start : place.end])]
        end = place.end
    return Markup("").join([*parts, escape(text[end:])])


def percent(part: int, whole: int) -> int:
    """A share of all, rounded; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


def _catalogue(path: Path) -> dict[str, str]:
    catalogue = read_po(BytesIO(path.read_bytes()))
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
