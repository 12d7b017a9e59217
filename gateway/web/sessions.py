"""Who reads. The browser holds one sealed cookie; tokens stay here.

The cookie holds the session's refresh token, encrypted. This process is a client that identity knows by its key, so
the token works for nobody else and need not change with each use (RFC 9700, section 2.2.2).
"""

import hmac
import time
from dataclasses import dataclass
from hashlib import sha256

from plein.identity.v1 import identity_pb2
from starlette.requests import Request
from starlette.responses import Response

from chassis.sealing import Sealer

PURPOSE = b"web session"
RENEW_SECONDS = 30
MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in. `form_token` proves that a form came from our own page."""

    person: str
    access_token: str
    form_token: str


class Sessions:
    """Cookies, and the access tokens that belong to them for a while."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._sealer = Sealer(key)
        self._key = key
        self._secure = public_url.startswith("https://")
        # Browsers take this prefix as a promise that no other host or path set the cookie; it needs TLS.
        self.cookie = "__Host-sid" if self._secure else "sid"
        self._tokens: dict[str, tuple[Session, float]] = {}

    def refresh_token(self, request: Request) -> str | None:
        """The refresh token in the browser's cookie, if there is one and it is ours."""
        opened = self._sealer.opened(request.cookies.get(self.cookie, ""), PURPOSE)
        return opened.decode() if opened else None

    def known(self, refresh_token: str) -> Session | None:
        """The session, while its access token is good for some time more."""
        session, renew_at = self._tokens.get(refresh_token, (None, 0.0))
        return session if time.time() < renew_at else None

    def remember(self, tokens: identity_pb2.Tokens) -> Session:
        """The session of fresh tokens."""
        if len(self._tokens) >= MOST_REMEMBERED:
            self._tokens.clear()
        proof = hmac.new(self._key, b"form" + tokens.refresh_token.encode(), sha256).hexdigest()
        session = Session(tokens.person, tokens.access_token, proof)
        self._tokens[tokens.refresh_token] = session, tokens.access_expire_time.seconds - RENEW_SECONDS
        return session

    def set_cookie(self, response: Response, tokens: identity_pb2.Tokens) -> None:
        """Lets the browser come back as this session."""
        seconds = int(tokens.refresh_expire_time.seconds - time.time())
        sealed = self._sealer.seal(tokens.refresh_token.encode(), PURPOSE)
        response.set_cookie(self.cookie, sealed, max_age=seconds, httponly=True, secure=self._secure, samesite="lax")

    def renew(self, request: Request) -> None:
        """Lets the next request fetch a new access token: identity ended the one that is remembered here."""
        self._tokens.pop(self.refresh_token(request) or "", None)

    def forget(self, request: Request, response: Response) -> None:
        """Takes the cookie away, and what is remembered of it here."""
        self.renew(request)
        response.delete_cookie(self.cookie, httponly=True, secure=self._secure, samesite="lax")


def comes_from_here(request: Request, public_url: str) -> bool:
    """Whether a form was sent from one of our own pages, as the browser tells (Fetch Metadata, else Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin.split("://")[-1] == request.headers.get("host") or origin == public_url
