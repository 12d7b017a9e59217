"""What an operator decides about an edge."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DESCRIPTORS = Path(__file__).resolve().parents[2] / "gen" / "api.binpb"


@dataclass(frozen=True)
class Limit:
    """At most `requests` per `seconds` in the long run, and `burst` at once."""

    requests: int
    seconds: int
    burst: int


@dataclass(frozen=True)
class EdgePlan:
    """Where the edge listens and what is behind it.

    `services` maps a service's name to "host:port", or to several separated by commas, one for each process. A service
    that is absent has no routes: its addresses are NOT_FOUND. `trusted_proxies` counts the proxies in front of the edge
    whose X-Forwarded-For is believed. Where a whole office shares one address, raise the limits of an address.
    """

    port: int
    grpc_port: int
    admin_port: int
    services: Mapping[str, str]
    web: str
    issuer: str
    descriptors: Path = DESCRIPTORS
    bind: str = "127.0.0.1"
    origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    person_limit: Limit = Limit(requests=50, seconds=1, burst=200)
    address_limit: Limit = Limit(requests=100, seconds=1, burst=400)
    sign_in_limit: Limit = Limit(requests=10, seconds=60, burst=20)
