"""Who is calling, from a token that was verified here: a person or a service account with a token of identity's, or a
service with its own.

What identity signs is an ES256 JWT (RFC 9068) that any service accepts. A service's token is signed by that service's
own key and good for one other service, so what one process may do dies with its key. What decides about a person (kind,
segments, active, epoch) is read from the replica that follows identity's log, so a suspension bites within seconds.
"""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from chassis.problems import NotSignedIn, Unavailable

PEOPLE_AUDIENCE = "plein"
ACCOUNTS = "serviceAccounts/"
TOKEN_TYPE = "at+jwt"
SERVICE_TOKEN_SECONDS = 60
MOST_CACHED_TOKENS = 20_000
KEY_REFRESH_SECONDS = 1.0

# One for all who have none, which are most.
NO_ROLES: frozenset[str] = frozenset()

FetchKeys = Callable[[], Awaitable[KeySet]]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller. Exactly one of `person`, `account` and `service` is set; `scopes` are what an account may do."""

    person: UUID | None = None
    account: UUID | None = None
    service: str = ""
    session: UUID | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    epoch: int = 0
    issued_at: float = 0.0
    expires_at: float = 0.0
    token: str = ""
    # The resource name: `people/…`, `serviceAccounts/…` or `services/…`.
    name: str = field(init=False)

    def __post_init__(self) -> None:
        person_or_service = f"people/{self.person}" if self.person else f"services/{self.service}"
        object.__setattr__(self, "name", f"{ACCOUNTS}{self.account}" if self.account else person_or_service)


_current: ContextVar[Viewer] = ContextVar("viewer")


def current() -> Viewer:
    """The caller of the method that is running."""
    return _current.get()


def person() -> UUID:
    """The person who calls; whoever else calls a method that is about oneself is refused."""
    caller = _current.get()
    if caller.person is None:
        raise NotSignedIn("NOT_A_PERSON", "Only a person can do this.")
    return caller.person


def enter(viewer: Viewer) -> None:
    """Makes `viewer` the caller of what follows in this task."""
    _current.set(viewer)


def of_call() -> Viewer | None:
    """The caller if a method is running, else None (a follower at work)."""
    return _current.get(None)


class Verifier:
    """Turns tokens into viewers; what was verified once is remembered until it expires."""

    def __init__(self, service: str, issuer: str, service_jwks_file: Path, fetch_people_keys: FetchKeys) -> None:
        self._service = service
        self._issuer = issuer
        self._service_keys = KeySet.import_key_set(json.loads(service_jwks_file.read_text()))
        self._people_keys = KeySet([])
        self._fetch = fetch_people_keys
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._known: dict[str, Viewer] = {}

    def known(self, token: str) -> Viewer | None:
        """The viewer of a token that was verified before and still holds."""
        viewer = self._known.get(token)
        return viewer if viewer and viewer.expires_at > time.time() else None

    async def verify(self, token: str) -> Viewer:
        """The viewer of a token; NotSignedIn when it does not hold."""
        try:
            issuer, key_id = _unverified(token)
            if issuer.startswith("services/"):
                viewer = self._verified_service(token, issuer.removeprefix("services/"), key_id)
            else:
                viewer = self._verified_person(token, await self._keys(key_id))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotSignedIn("TOKEN_REFUSED", "The access token is not valid, or no longer.") from error
        if len(self._known) >= MOST_CACHED_TOKENS:
            self._known.clear()
        self._known[token] = viewer
        return viewer

    def _verified_person(self, token: str, keys: KeySet) -> Viewer:
        claims = self._claims(token, keys, self._issuer, PEOPLE_AUDIENCE)
        if str(claims["sub"]).startswith(ACCOUNTS):
            return _account(claims, token)
        return Viewer(
            person=UUID(str(claims["sub"]).removeprefix("people/")),
            session=UUID(str(claims["sid"])),
            roles=frozenset(claims.get("roles", ())) or NO_ROLES,
            epoch=int(claims["aep"]),
            issued_at=float(claims["iat"]),
            expires_at=float(claims["exp"]),
            token=token,
        )

    def _verified_service(self, token: str, service: str, key_id: str) -> Viewer:
        if key_id != service:
            raise ValueError("a service signs with its own key")
        claims = self._claims(token, self._service_keys, f"services/{service}", self._service)
        return Viewer(service=service, expires_at=float(claims["exp"]), issued_at=float(claims["iat"]), token=token)

    def _claims(self, token: str, keys: KeySet, issuer: str, audience: str) -> dict[str, Any]:
        decoded = jwt.decode(token, keys, algorithms=["ES256"])
        claims: dict[str, Any] = decoded.claims
        now = time.time()
        if decoded.header.get("typ") != TOKEN_TYPE or claims["iss"] != issuer or claims["aud"] != audience:
            raise ValueError("not a token for this service")
        if not claims["iat"] - 60 <= now < claims["exp"]:
            raise ValueError("expired")
        return claims

    async def _keys(self, key_id: str) -> KeySet:
        """Identity's keys; asked for again, at most once a second, when a token names one that is not among them."""
        async with self._fetching:
            known = any(key.kid == key_id for key in self._people_keys.keys)
            if not known and time.monotonic() - self._fetched_at > KEY_REFRESH_SECONDS:
                self._people_keys = await self._fetch()
                self._fetched_at = time.monotonic()
            if not self._people_keys.keys:
                raise Unavailable("KEYS_AWAY", "The keys that verify tokens cannot be fetched now.")
            return self._people_keys


class ServiceSigner:
    """Signs short tokens under a service's own name, for the services that it calls by itself."""

    def __init__(self, service: str, key_file: Path) -> None:
        self._service = service
        self._key = ECKey.import_key(key_file.read_bytes())
        self._tokens: dict[str, tuple[str, float]] = {}

    def token(self, audience: str) -> str:
        """A token for one neighbour, used again until half of its time has passed."""
        token, renew_at = self._tokens.get(audience, ("", 0.0))
        now = time.time()
        if now >= renew_at:
            name = f"services/{self._service}"
            claims = {"iss": name, "sub": name, "aud": audience, "iat": int(now)}
            claims["exp"] = int(now) + SERVICE_TOKEN_SECONDS
            token = jwt.encode({"alg": "ES256", "typ": TOKEN_TYPE, "kid": self._service}, claims, self._key)
            self._tokens[audience] = (token, now + SERVICE_TOKEN_SECONDS / 2)
        return token


def _account(claims: dict[str, Any], token: str) -> Viewer:
    return Viewer(
        account=UUID(str(claims["sub"]).removeprefix(ACCOUNTS)),
        scopes=frozenset(str(claims["scope"]).split()),
        epoch=int(claims["aep"]),
        issued_at=float(claims["iat"]),
        expires_at=float(claims["exp"]),
        token=token,
    )


def _unverified(token: str) -> tuple[str, str]:
    """The issuer and the key's id that a token claims, to choose the key that proves or disproves it."""
    header, payload, _ = token.split(".")
    return str(_part(payload)["iss"]), str(_part(header)["kid"])


def _part(text: str) -> dict[str, object]:
    decoded = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(decoded, dict):
        raise ValueError("not a JSON object")
    return decoded
