"""Programs that read Atom, and what the standard (RFC 4287) wants of a document besides its grammar."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import grpc
from lxml import etree
from plein.blog.v1 import subscriptions_pb2, subscriptions_pb2_grpc

from chassis.testing import World
from tests.blog.caller import Caller

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
NAMES = {"a": "http://www.w3.org/2005/Atom"}


@dataclass(frozen=True)
class Answer:
    """What a program got: `headers` are those of HTTP."""

    content: bytes
    content_type: str
    headers: dict[str, str]

    @property
    def feed(self) -> etree._Element:
        return valid(self.content)

    def texts(self, path: str) -> list[str]:
        """What elements or attributes hold, such as `a:entry/a:title`."""
        return texts(self.feed, path)

    @property
    def titles(self) -> list[str]:
        return self.texts("a:entry/a:title")


def api(caller: Caller) -> "subscriptions_pb2_grpc.AtomServiceAsyncStub":
    """The methods, over the caller's own channel."""
    return subscriptions_pb2_grpc.AtomServiceStub(caller.channel)


async def address(caller: Caller, target: str, request_id: str = "") -> subscriptions_pb2.AtomAddress:
    """Makes an address."""
    asked = subscriptions_pb2.AtomAddress(target=target)
    request = subscriptions_pb2.CreateAtomAddressRequest(atom_address=asked, request_id=request_id)
    return await api(caller).CreateAtomAddress(request)


async def read(world: World, url: str, **headers: str) -> Answer:
    """Reads at an address, as nobody in particular, and again for as long as it is not certain who may come in."""
    stub = subscriptions_pb2_grpc.AtomServiceStub(world.channel(None))
    metadata = [(key.replace("_", "-"), value) for key, value in headers.items()]
    async with asyncio.timeout(10):
        while True:
            call = stub.ReadAtom(subscriptions_pb2.ReadAtomRequest(token=token(url)), metadata=metadata)
            try:
                body = await call
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise
                continue
            found = {key: str(value) for key, value in await call.initial_metadata()}
            return Answer(body.data, body.content_type, found)


def token(url: str) -> str:
    [found] = parse_qs(urlsplit(url).query)["token"]
    return found


def texts(element: etree._Element, path: str) -> list[str]:
    """What elements or attributes hold."""
    found: Any = element.xpath(path, namespaces=NAMES)
    return [item if isinstance(item, str) else item.text or "" for item in found]


def valid(content: bytes) -> etree._Element:
    """A document after it was checked against the standard."""
    feed = etree.fromstring(content)
    assert GRAMMAR.validate(feed), GRAMMAR.error_log
    assert list(offences(feed)) == []
    return feed


def offences(feed: etree._Element) -> Iterator[str]:
    """What the standard says in words: who wrote it (4.1.1, 4.1.2), one of each link (4.1.1), ids that are unlike."""
    if texts(feed, "a:entry[not(a:author)]") and not texts(feed, "a:author"):
        yield "An entry has no author."
    if texts(feed, "a:entry[not(a:link[@rel='alternate']) and not(a:content)]"):
        yield "An entry has neither content nor a page."
    for element in [feed, *feed.findall("a:entry", NAMES)]:
        kinds = [
            (link.get("type"), link.get("hreflang")) for link in element.findall("a:link[@rel='alternate']", NAMES)
        ]
        if len(kinds) != len(set(kinds)):
            yield "There are two pages of one kind."
    ids = texts(feed, "a:entry/a:id")
    if len(ids) != len(set(ids)):
        yield "Two entries have the same id."
    if not texts(feed, "a:link[@rel='self']/@href"):
        yield "The feed does not say where it is."
    for id_ in [*ids, *texts(feed, "a:id")]:
        if not urlsplit(id_).scheme:
            yield f"{id_} is no absolute address."
