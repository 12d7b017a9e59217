"""GET and POST to addresses that people wrote: guarded so that nobody reaches through us what is not public.

A name is resolved once, all its addresses are checked, and exactly those are connected to: a name that leads elsewhere
a moment later changes nothing. A redirect is checked like an address that somebody wrote. Nothing of ours goes along:
no cookies, no credentials, no proxy of the environment.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

USER_AGENT = "Plein/1.0 (link preview)"
SECONDS = 5.0
# One address that does not answer leaves time for the next.
CONNECT_SECONDS = 2.0
MOST_BYTES = 1024 * 1024
MOST_REDIRECTS = 3
MOST_ADDRESSES = 4
PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)

_IPV4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 "
    # Azure's machines ask their host here, who tells them secrets.
    "168.63.129.16/32"
)
NOT_PUBLIC = tuple(IPv4Network(network) for network in _IPV4.split())
# Of IPv6 only this is given out, and in it some for other purposes: Teredo, documentation, 6to4.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
NAT64 = IPv6Network("64:ff9b::/96")
# Where machines of a cloud are told who they are, and what is no host at all: never, not even where it is allowed.
NEVER = tuple(IPv4Network(network) for network in ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "168.63.129.16/32"))

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class CannotFetch(Exception):
    """There is no answer that can be used; the text says why."""


class AddressRefused(CannotFetch):
    """It leads to where nobody is to reach through us."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `headers` have lower-case names; `content` is unpacked and ends after `most_bytes`."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def content_type(self) -> str:
        """The media type alone, such as `text/html`."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Target:
    """An address in its parts; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


class Fetcher:
    """Fetches over HTTP, in `seconds` for all of it and with at most `most_bytes`.

    `allowed_hosts` are names, or names with a port, that may lead to private addresses: an organisation's own intranet;
    or networks, such as `10.1.0.0/16`, to which any name may lead.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        resolve: "Resolve | None" = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts if "/" not in host)
        self._allowed_networks = tuple(ip_network(host) for host in allowed_hosts if "/" in host)
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._resolve = resolve or resolved
        self._tls = tls

    async def get(self, url: str, *, content_types: Collection[str] = ()) -> Fetched:
        """What is at an address, after at most three redirects. Any status is an answer.

        Content of a type that is not among `content_types` is not read. Raises CannotFetch.
        """
        headers = {"accept": ", ".join(content_types) or "*/*"}
        async with self._in_time():
            for _ in range(MOST_REDIRECTS + 1):
                fetched = await self._once("GET", url, headers, b"", content_types)
                location = fetched.headers.get("location", "")
                if fetched.status not in REDIRECTS or not location:
                    return fetched
                url = _joined(url, location)
        raise CannotFetch(f"It redirects more than {MOST_REDIRECTS} times.")

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Fetched:
        """The answer to a POST, whatever its status; a redirect is not followed. Raises CannotFetch."""
        async with self._in_time():
            return await self._once("POST", url, headers, content, ())

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError:
            raise CannotFetch(f"It took longer than {self._seconds:g} seconds.") from None
        except (OSError, ValueError) as error:
            raise CannotFetch(str(error) or type(error).__name__) from error

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, content_types: Collection[str]
    ) -> Fetched:
        # It loads several megabytes, which a process that fetches nothing does without.
        from chassis.pinned import answered

        goal = target(url)
        addresses = await self._addresses(goal)
        self._tls = self._tls or ssl.create_default_context()
        sent = {"host": _authority(goal), "user-agent": USER_AGENT, "accept-encoding": "gzip", **headers}
        async with answered(method, goal, addresses, self._tls, sent, content) as response:
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            fetched = Fetched(url, response.status, told, b"")
            if response.status in REDIRECTS or (content_types and fetched.content_type not in content_types):
                return fetched
            body = await self._body(response.aiter_stream(), told.get("content-encoding", ""))
            return replace(fetched, content=body)

    async def _addresses(self, goal: Target) -> list[str]:
        """The addresses of a host, all of which may be connected to."""
        names = {f"{goal.host}:{goal.port}"} | ({goal.host} if goal.port in PORTS.values() else set())
        found = [ip_address(text) for text in await self._resolve(goal.host, goal.port)]
        is_allowed = not names.isdisjoint(self._allowed_hosts) or all(map(self._in_allowed_network, found))
        if not is_allowed and goal.port not in PORTS.values():
            raise AddressRefused(f"Port {goal.port} is not one of the web.")
        refused = [address for address in found if not (may_be_allowed(address) if is_allowed else is_public(address))]
        if refused or not found:
            raise AddressRefused(f"{goal.host} leads to an address that is not public.")
        return [str(address) for address in dict.fromkeys(found)][:MOST_ADDRESSES]

    def _in_allowed_network(self, address: Address) -> bool:
        return any(address in network for network in self._allowed_networks)

    async def _body(self, pieces: AsyncIterator[bytes], encoding: str) -> bytes:
        """The beginning of a content; neither what is sent nor what it unpacks to is longer than `most_bytes`."""
        match encoding.strip().lower():
            case "" | "identity":
                unpack = None
            case "gzip" | "x-gzip":
                unpack = zlib.decompressobj(wbits=31)
            case _:
                raise CannotFetch("It is packed in a way that was not asked for.")
        body, received = bytearray(), 0
        async for piece in pieces:
            received += len(piece)
            left = self._most_bytes - len(body)
            try:
                body += unpack.decompress(piece, left) if unpack else piece[:left]
            except zlib.error as error:
                raise CannotFetch("It is packed wrongly.") from error
            if len(body) >= self._most_bytes or received >= self._most_bytes:
                break
        return bytes(body)


async def resolved(host: str, port: int) -> list[str]:
    """The addresses that a name has now. Numbers in any notation are addresses too: 0x7f.1 is 127.0.0.1."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotFetch(f"{host} is not known.") from error
    return [str(sockaddr[0]) for *_, sockaddr in found]


def target(url: str) -> Target:
    """An address in its parts. CannotFetch when it is none of the web, or has a name and password in it."""
    if re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise CannotFetch("An address has no spaces or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii((parts.hostname or "").removesuffix("."))
    except (ValueError, UnicodeError) as error:
        raise CannotFetch("This is no address.") from error
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not host or "%" in host:
        raise CannotFetch("This is no address of the web.")
    if "@" in parts.netloc:
        raise CannotFetch("An address has no name and password in it.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    return Target(scheme, host, PORTS[scheme] if port is None else port, f"{path}?{query}" if query else path)


def is_public(address: Address) -> bool:
    """Whether an address is given out to be reached by everyone. What leads to an IPv4 address is as that."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in GLOBAL_UNICAST and not any(address in network for network in NOT_PUBLIC_6)


def may_be_allowed(address: Address) -> bool:
    """Whether an address may be reached at all, where an organisation allows what is private."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NEVER)
    inner = address.ipv4_mapped
    if inner is not None:
        return may_be_allowed(inner)
    return not (address.is_link_local or address.is_multicast or address.is_unspecified)


def _joined(url: str, location: str) -> str:
    try:
        # Headers are bytes; a location beyond ASCII is UTF-8 if anything.
        return urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError as error:
        raise CannotFetch("It redirects to what is no address.") from error


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna

    return idna.encode(host, uts46=True).decode()


def _authority(goal: Target) -> str:
    host = f"[{goal.host}]" if ":" in goal.host else goal.host
    return host if goal.port == PORTS[goal.scheme] else f"{host}:{goal.port}"
