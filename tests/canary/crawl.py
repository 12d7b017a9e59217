"""Asks all that can be asked, as one viewer: each method of the descriptors, with each name and link that was seen."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from deploy.build.catalogue import read
from gateway.edge.methods import Binding, Method, public_methods

NAME = re.compile(r"\b[a-zA-Z]+/[\w.~@:-]+(?:/[\w.~@:-]+)*")
LINK = re.compile(r"https?://[^\s\"'<>\\]+|(?<=[\"'(=])/(?:v1|blogs|feeds|calendar)[^\s\"'<>\\]*")
VARIABLE = re.compile(r"\{([\w.]+)=([^}]*)\}")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# Sealed anew each time, so that it never is the same.
TOKEN = re.compile(r'(?<=PageToken":")[^"]+')
NOBODY = UUID("01900000-0000-7000-8000-0000000000ff")
TOO_OFTEN = 429
PAGES = 4
NAMES_PER_METHOD = 60
STREAM_SECONDS = 1.5
# Tokens are good for a little longer.
TOKEN_SECONDS = 120


@dataclass(frozen=True)
class Api:
    """Every public method that only tells, and the messages with which one asks."""

    readers: Sequence[Method]
    messages: Mapping[str, DescriptorProto]


@dataclass(frozen=True)
class Canary:
    """A word that nobody wrote elsewhere, the names of what holds it, and by which viewers it may be seen."""

    word: str
    seen_by: frozenset[str]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leak:
    """What somebody was told who ought to know nothing."""

    viewer: str
    canary: str
    asked: str
    told: str

    def __str__(self) -> str:
        return f"{self.viewer} is told of {self.canary} by {self.asked}: {self.told}"


@dataclass(frozen=True)
class Question:
    """One request, and which method of the API it asks; a link belongs to none."""

    path: str
    method: str = ""
    streams: bool = False
    verb: str = "GET"
    body: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.path} {self.body}".strip()


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    text: str

    def without(self, *words: str) -> "Told":
        """The same for any other word."""
        text = self.text
        for word in words:
            text = text.replace(word, "*")
        return Told(self.status, TOKEN.sub("*", text))


@dataclass
class Crawler:
    """One viewer's way through the API."""

    viewer: str
    http: httpx.AsyncClient
    renew: Callable[[httpx.AsyncClient], Awaitable[None]]
    api: Api
    canaries: Sequence[Canary]
    leaks: list[Leak] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    asked: dict[str, int] = field(default_factory=dict)
    renewed_at: float = field(default_factory=time.monotonic)

    async def crawl(self, names: Iterable[str]) -> None:
        """Follows every id and link from these names on; `names` may be of what the viewer must not know."""
        nothing = {pattern.replace("*", str(NOBODY)) for method in self.api.readers for pattern in _patterns(method)}
        known, done, links = set(names) | nothing, set[Question](), set[str]()
        while True:
            questions = [one for method in self.api.readers for one in self._questions(method, known)]
            questions += [Question(link) for link in sorted(links)]
            new = [one for one in dict.fromkeys(questions) if one not in done]
            if not new:
                return
            for question in new:
                done.add(question)
                for text in await self._pages(question):
                    known |= set(NAME.findall(text))
                    links |= {urlsplit(link)._replace(scheme="", netloc="").geturl() for link in LINK.findall(text)}

    async def oracles(self) -> None:
        """Asks for what the viewer must not know, by its name and by its word, and for what does not exist."""
        for canary in self.canaries:
            if self.viewer not in canary.seen_by:
                for method in self.api.readers:
                    await self._compare_names(method, canary)
                    await self._compare_words(method, canary)

    async def _compare_names(self, method: Method, canary: Canary) -> None:
        for binding in method.bindings:
            for name in canary.names:
                stranger = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}(?!.*[0-9a-f]{8}-)", str(NOBODY), name)
                if stranger != name and (path := _filled(binding.template, name)) is not None:
                    other = _filled(binding.template, stranger) or ""
                    await self._compare(
                        canary, Question(path, method.path, method.streams), Question(other), name, stranger
                    )

    async def _compare_words(self, method: Method, canary: Canary) -> None:
        stranger = canary.word[:-1] + ("q" if canary.word[-1] != "q" else "x")
        for binding in method.bindings:
            for asking in _texts(self._request(method)) if "{" not in binding.template else ():
                one, other = (f"{binding.template}?{asking}={word}" for word in (canary.word, stranger))
                await self._compare(canary, Question(one, method.path), Question(other), canary.word, stranger)

    async def _compare(self, canary: Canary, one: Question, other: Question, *words: str) -> None:
        told, expected = await self._ask(one), await self._ask(other)
        ids = [id_ for word in words for id_ in (*ID.findall(word), word.rpartition("/")[2])]
        if {told.status, expected.status} == {401}:
            return  # with one reason or another, such as one's token being too old by now
        if told.without(*words, *ids) != expected.without(*words, *ids):
            difference = f"{told.status} {told.text[:200]} and not {expected.status} {expected.text[:200]}"
            self.leaks.append(Leak(self.viewer, canary.word, str(one), difference))

    def _questions(self, method: Method, known: Iterable[str]) -> Iterator[Question]:
        for binding in method.bindings:
            for path in _paths(binding, known):
                yield Question(path, method.path, method.streams, binding.verb, "{}" if binding.body else "")
                if extra := _extras(self._request(method)):
                    yield Question(f"{path}?{extra}", method.path, method.streams, binding.verb)
            if "{" not in binding.template and binding.verb == "GET":
                for text in _texts(self._request(method)):
                    for canary in self.canaries:
                        yield Question(f"{binding.template}?{text}={canary.word}", method.path)
                if method.path.rpartition("/")[2].startswith("BatchGet"):
                    kind = binding.template.rpartition("/")[2].partition(":")[0]
                    names = sorted(name for name in known if re.fullmatch(f"{kind}/[^/]+", name))[:NAMES_PER_METHOD]
                    yield Question(f"{binding.template}?" + "&".join(f"names={name}" for name in names), method.path)

    def _request(self, method: Method) -> DescriptorProto:
        return self.api.messages[method.request]

    async def _pages(self, question: Question) -> list[str]:
        texts, asked = [], question
        for _ in range(PAGES):
            told = await self._ask(asked)
            self._look(asked, told)
            texts.append(told.text)
            token = _token(told.text)
            if not token:
                break
            joint = "&" if "?" in question.path else "?"
            asked = Question(f"{question.path}{joint}pageToken={quote(token, safe='')}", question.method)
        return texts

    def _look(self, question: Question, told: Told) -> None:
        """Whether what came back holds a word that was not asked for."""
        for canary in self.canaries:
            if canary.word in told.text and canary.word not in question.path:
                if self.viewer in canary.seen_by:
                    self.found.add(canary.word)
                else:
                    place = told.text.index(canary.word)
                    around = told.text[max(0, place - 120) : place + 60]
                    self.leaks.append(Leak(self.viewer, canary.word, str(question), around))

    async def _ask(self, question: Question) -> Told:
        self.asked[question.method] = self.asked.get(question.method, 0) + 1
        if time.monotonic() - self.renewed_at > TOKEN_SECONDS:
            self.renewed_at = time.monotonic()
            await self.renew(self.http)
        while True:
            try:
                told = await (self._streamed(question) if question.streams else self._answered(question))
            except httpx.TransportError as error:
                raise AssertionError(f"{question} was not answered: {error!r}") from error
            if told.status != TOO_OFTEN:
                return told
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.5)

    async def _answered(self, question: Question) -> Told:
        body = json.loads(question.body) if question.body else None
        answer = await self.http.request(question.verb, question.path, json=body)
        return Told(answer.status_code, answer.content.decode("utf-8", "replace"))

    async def _streamed(self, question: Question) -> Told:
        text, status = "", 0
        try:
            async with asyncio.timeout(STREAM_SECONDS), self.http.stream("GET", question.path) as answer:
                status = answer.status_code
                async for part in answer.aiter_text():
                    text += part
        except TimeoutError:
            pass
        return Told(status, text)


def api(descriptors: Path) -> Api:
    """The API of a descriptor set."""
    files = FileDescriptorSet.FromString(descriptors.read_bytes())
    served = {file.package.split(".")[1] for file in files.file if file.package.startswith("plein.")}
    readers = [
        method
        for method in public_methods(files, served)
        if method.access.reads or any(binding.verb == "GET" for binding in method.bindings)
    ]
    return Api(readers, read(descriptors).messages)


def _patterns(method: Method) -> set[str]:
    """The forms of the names that it is asked with."""
    return {pattern for binding in method.bindings for _, pattern in VARIABLE.findall(binding.template)}


def _paths(binding: Binding, known: Iterable[str]) -> list[str]:
    if "{" not in binding.template:
        return [binding.template]
    paths = (_filled(binding.template, name) for name in sorted(known))
    return [path for path in paths if path is not None][:NAMES_PER_METHOD]


def _filled(template: str, name: str) -> str | None:
    """The path of a method for a name that fits; None when it does not, or when more is to be filled in."""
    variables = VARIABLE.findall(template)
    if len(variables) != 1:
        return None
    pattern = re.escape(variables[0][1]).replace(r"\*\*", ".+").replace(r"\*", "[^/]+")
    return VARIABLE.sub(quote(name, safe="/"), template) if re.fullmatch(pattern, name) else None


def _texts(request: DescriptorProto) -> list[str]:
    """The fields in which one writes what one looks for."""
    wanted = {"query", "prefix", "text", "search"}
    return [field.json_name for field in request.field if field.name in wanted]


def _extras(request: DescriptorProto) -> str:
    """Everything that can be asked for besides."""
    return "&".join(
        f"{field.json_name}=true"
        for field in request.field
        if field.type == FieldDescriptorProto.TYPE_BOOL and field.label != FieldDescriptorProto.LABEL_REPEATED
    )


def _token(text: str) -> str:
    try:
        answer = json.loads(text)
    except ValueError:
        return ""
    return str(answer.get("nextPageToken", "")) if isinstance(answer, Mapping) else ""
