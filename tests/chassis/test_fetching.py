"""What people link to is fetched; what is not public is never connected to."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chassis import fetching
from chassis.fetching import AddressRefused, CannotFetch, Fetcher, is_public, resolved, target
from tests.chassis.site import Site, opened_site, page, redirect

PRIVATE = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.216.34",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::5db8:d822",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
# All of them are read as an address of this machine or its network by what resolves names.
DISGUISED = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "127.1",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "127.0.0.1.",
    "0",
    "0xa9fea9fe",
    "2852039166",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[64:ff9b::127.0.0.1]",
    "localhost",
    "LOCALHOST",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with opened_site() as opened:
        yield opened


class Names:
    """Resolves names as the test says; the last answers stay."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def fetcher_for(site: Site, **options: Any) -> Fetcher:
    """One to which the site is the organisation's own."""
    options.setdefault("resolve", Names(["127.0.0.1"]))
    return Fetcher(allowed_hosts=[f"site.test:{site.port}"], **options)


async def fetched(site: Site, path: str = "/", **options: Any) -> fetching.Fetched:
    return await fetcher_for(site, **options).get(f"http://site.test:{site.port}{path}")


async def refused(url: str, **options: Any) -> None:
    with pytest.raises(AddressRefused):
        await Fetcher(**options).get(url)


async def test_a_page_is_fetched_with_nothing_of_ours(site: Site) -> None:
    site.pages["/a%20b?q=%C3%A9"] = page("Dag!")
    answer = await fetched(site, "/a%20b?q=é#part")
    assert (answer.status, answer.content, answer.content_type) == (200, b"Dag!", "text/html")
    [request] = site.requests
    assert f"host: site.test:{site.port}\r\nuser-agent: Plein/" in request.lower().replace("plein/", "Plein/")
    assert not any(name in request.lower() for name in ("cookie", "authorization", "referer"))


async def test_any_status_is_an_answer(site: Site) -> None:
    assert (await fetched(site, "/nothing")).status == 404


@pytest.mark.parametrize("address", PRIVATE)
async def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    for found in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        await refused("http://harmless.example/", resolve=Names(found))


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_what_is_public_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", DISGUISED)
async def test_an_address_in_disguise_is_refused(host: str) -> None:
    await refused(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://site.test/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "//site.test/",
        "http:///path",
        "http://",
        "http://user@site.test/",
        "http://user:secret@site.test/",
        "http://site.test@127.0.0.1/",
        "http://[fe80::1%25eth0]/",
        "http://%31%32%37.0.0.1/",
        "http://site.test:http/",
        "http://site.test:99999/",
        "http://[::1/",
        "http://site.test\\@127.0.0.1/",
        "http://site.test/\r\nx: y",
        "http://site .test/",
        f"http://{'a' * 300}.test/",
        "http://..test/",
        "http://\u2028.test/",
    ],
)
async def test_what_is_no_plain_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(CannotFetch):
        await Fetcher().get(url)


async def test_only_the_ports_of_the_web_are_asked() -> None:
    for port in (22, 25, 6379, 8080):
        await refused(f"http://harmless.example:{port}/", resolve=Names(["93.184.216.34"]))


async def test_it_connects_to_what_was_checked_though_the_name_leads_elsewhere_later(site: Site) -> None:
    async with opened_site("127.0.0.2", site.port) as trap:
        site.pages["/"] = page("checked")
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        assert (await fetched(site, resolve=names)).content == b"checked"
        assert names.asked == ["site.test"]
        assert not trap.requests


async def test_a_public_name_that_becomes_private_is_still_connected_to_in_public() -> None:
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    # Tests cannot leave this machine: the attempt shows where it would have gone.
    with pytest.raises(ExceptionGroup) as caught:
        await Fetcher(resolve=names).get("http://rebinding.example/")
    assert 'connect() with host "93.184.216.34"' in str(caught.value.exceptions)


async def test_redirects_are_followed_three_times(site: Site) -> None:
    site.pages |= {f"/{left}": redirect(f"/{left - 1}") for left in (4, 3, 2, 1)} | {"/0": page("there")}
    answer = await fetched(site, "/3")
    assert (answer.content, answer.url) == (b"there", f"http://site.test:{site.port}/0")
    with pytest.raises(CannotFetch, match="redirects"):
        await fetched(site, "/4")


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "//0x7f.1/",
        "https://[::1]/",
        "http://localhost:22/",
    ],
)
async def test_a_redirect_to_what_is_not_public_is_refused(site: Site, location: str) -> None:
    async def names(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "site.test" else await resolved(host, port)

    site.pages["/"] = redirect(location)
    with pytest.raises(AddressRefused):
        await fetched(site, resolve=names)


async def test_a_redirect_to_another_scheme_is_refused(site: Site) -> None:
    site.pages["/"] = redirect("file:///etc/passwd")
    with pytest.raises(CannotFetch):
        await fetched(site)


async def test_a_redirect_to_a_name_that_has_become_private_is_refused(site: Site) -> None:
    site.pages["/"] = redirect("http://rebinding.example/")
    with pytest.raises(AddressRefused):
        await fetched(site, resolve=Names(["127.0.0.1"], ["10.0.0.1"]))


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "0.0.0.1", "::", "fe80::1", "::ffff:169.254.169.254", "224.0.0.1"]
)
async def test_an_own_name_may_be_private_and_yet_not_lead_anywhere(address: str) -> None:
    await refused("http://intranet.example/", allowed_hosts=["intranet.example"], resolve=Names([address]))


async def test_an_own_name_is_allowed_on_its_own_port_alone(site: Site) -> None:
    fetcher = Fetcher(allowed_hosts=["site.test"], resolve=Names(["127.0.0.1"]))
    with pytest.raises(AddressRefused):
        await fetcher.get(f"http://site.test:{site.port}/")


async def test_a_slow_site_is_left(site: Site) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.02)

    site.pages["/"] = drip
    started = asyncio.get_running_loop().time()
    with pytest.raises(CannotFetch, match="longer than"):
        await fetched(site, seconds=0.3)
    assert asyncio.get_running_loop().time() - started < 2


async def test_a_slow_resolver_is_left_too(site: Site) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.get_running_loop().create_future()
        return []

    with pytest.raises(CannotFetch, match="longer than"):
        await fetched(site, seconds=0.1, resolve=never)


async def test_an_endless_content_is_cut_off(site: Site) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"y" * 65536)
            await writer.drain()

    site.pages["/"] = endless
    assert (await fetched(site, most_bytes=200_000)).content == b"y" * 200_000


async def test_what_unpacks_to_far_more_is_cut_off(site: Site) -> None:
    site.pages["/"] = page(gzip.compress(bytes(100_000_000)), content_encoding="gzip")
    assert (await fetched(site)).content == bytes(fetching.MOST_BYTES)


async def test_packed_content_is_unpacked_and_other_packing_refused(site: Site) -> None:
    site.pages["/"] = page(gzip.compress("Één".encode() * 9), content_encoding="gzip")
    assert (await fetched(site)).content.decode() == "Één" * 9
    for content, encoding in ((b"x", "br"), (b"not packed", "gzip"), (b"x", "gzip, gzip")):
        site.pages["/"] = page(content, content_encoding=encoding)
        with pytest.raises(CannotFetch):
            await fetched(site)


async def test_content_of_another_type_is_not_read(site: Site) -> None:
    site.pages["/"] = page("%PDF", "application/pdf")
    url = f"http://site.test:{site.port}/"
    answer = await fetcher_for(site).get(url, content_types=("text/html",))
    assert (answer.content_type, answer.content) == ("application/pdf", b"")


async def test_what_is_not_http_or_not_there_is_no_answer(site: Site) -> None:
    for answer in (b"220 mail.example ESMTP\r\n", b"", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000):
        site.pages["/"] = answer
        with pytest.raises(CannotFetch):
            await fetched(site)
    site.port += 1
    with pytest.raises(CannotFetch):
        await fetched(site)


async def test_the_next_address_is_tried_when_one_does_not_answer(site: Site) -> None:
    site.pages["/"] = page("second")
    assert (await fetched(site, resolve=Names(["::1", "127.0.0.1"]))).content == b"second"


async def test_a_post_is_sent_as_it_is_and_follows_nothing(site: Site) -> None:
    site.pages["/hook"] = redirect("/other", 307)
    url = f"http://site.test:{site.port}/hook"
    answer = await fetcher_for(site).post(url, b'{"a":1}', {"content-type": "application/json", "x-signature": "s"})
    assert answer.status == 307
    [request] = site.requests
    assert request.startswith("POST /hook ")
    assert request.endswith('\r\n\r\n{"a":1}')
    assert "x-signature: s\r\n" in request


async def test_a_certificate_has_to_be_for_the_name(tmp_path: Path) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate(tmp_path, "site.test"))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "site.test.pem"))
    async with opened_site(tls=served) as site:
        site.pages["/"] = page("safe")
        own = [f"{name}.test:{site.port}" for name in ("site", "other")]
        names: dict[str, Any] = {"resolve": Names(["127.0.0.1"]), "allowed_hosts": own}
        url = f"https://site.test:{site.port}/"
        assert (await Fetcher(tls=trusting, **names).get(url)).content == b"safe"
        for bad in (Fetcher(tls=trusting, **names).get(url.replace("site.", "other.")), Fetcher(**names).get(url)):
            with pytest.raises(CannotFetch, match="CERTIFICATE_VERIFY_FAILED"):
                await bad


def certificate(folder: Path, host: str) -> Path:
    """A key and a certificate that it signed itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
        .sign(key, SHA256())
    )
    file = folder / f"{host}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


def test_an_international_name_is_asked_for_in_ascii() -> None:
    assert target("https://café.example/é?ü").host == "xn--caf-dma.example"
    assert target("https://CAFÉ.example./").host == "xn--caf-dma.example"
    assert target("https://café.example/é?ü").path == "/%C3%A9?%C3%BC"
