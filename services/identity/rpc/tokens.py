"""The tokens that let people in: signed access tokens (RFC 9068), and refresh tokens that work once."""

import base64
import json
import secrets
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from plein.identity.v1 import accounts_pb2, identity_pb2

from chassis.moments import timestamp
from chassis.viewer import PEOPLE_AUDIENCE, TOKEN_TYPE
from services.identity.domain.accounts import ServiceAccount
from services.identity.domain.people import Person
from services.identity.domain.sign_in import Session, refresh_refused
from services.identity.settings import IdentitySettings

SECRET_BYTES = 32
UUID_BYTES = 16
# A new key signs only when every verifier had time to fetch it; whoever meets an unknown key asks for it at once.
SETTLING_SECONDS = 120
LOOK_AGAIN_SECONDS = 5


class SigningKeys:
    """The private keys in a folder, one PEM a file, the key id being the file's name. Files may come and go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked_at = float("-inf")
        self._keys: list[tuple[float, ECKey]] = []
        self._public = b""
        self._look()

    def public(self) -> bytes:
        """All public keys, as a JSON Web Key Set (RFC 7517)."""
        self._look()
        return self._public

    def signing(self) -> ECKey:
        """The newest key that has settled, or else the oldest that there is."""
        self._look()
        settled = [key for changed, key in self._keys if time.time() - changed >= SETTLING_SECONDS]
        return settled[-1] if settled else self._keys[0][1]

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        files = sorted(self._folder.glob("*.pem"), key=lambda file: (file.stat().st_mtime, file.name))
        if not files:
            raise RuntimeError(f"There is no key to sign with in {self._folder}: SIGNING_KEYS_DIR needs a .pem file.")
        self._keys = [(file.stat().st_mtime, _key(file)) for file in files]
        self._public = json.dumps(KeySet([key for _, key in self._keys]).as_dict(private=False)).encode()
        self._looked_at = time.monotonic()


class RefreshToken(NamedTuple):
    """Which session it opens, and the secret with which it does. Nothing but the secret's hash is stored."""

    session: UUID
    secret: bytes

    def text(self) -> str:
        """As the client keeps it."""
        return base64.urlsafe_b64encode(self.session.bytes + self.secret).decode()

    @classmethod
    def parsed(cls, text: str) -> "RefreshToken":
        """The inverse of `text`; a text that never was a token is refused as an old one is."""
        try:
            packed = base64.b64decode(text, altchars=b"-_", validate=True)
        except ValueError:
            raise refresh_refused() from None
        if len(packed) != UUID_BYTES + SECRET_BYTES:
            raise refresh_refused()
        return cls(UUID(bytes=packed[:UUID_BYTES]), packed[UUID_BYTES:])


class Issuer:
    """Signs the tokens of people and of service accounts."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings
        self.keys = SigningKeys(settings.signing_keys_dir)

    def expire_time(self, now: datetime) -> datetime:
        """When a session ends that is opened or refreshed now, if it is not refreshed again."""
        return now + timedelta(days=self._settings.session_days)

    def tokens(self, person: Person, session: Session, secret: bytes, now: datetime) -> identity_pb2.Tokens:
        """The tokens of one session."""
        issued = int(now.timestamp())
        expires = issued + self._settings.access_token_seconds
        claims = {"sub": person.name, "sid": str(session.id), "roles": list(person.roles), "aep": person.epoch}
        answer = identity_pb2.Tokens(
            access_token=self._signed(claims, issued, expires),
            refresh_token=RefreshToken(session.id, secret).text(),
            refresh_expire_time=timestamp(session.expire_time),
            session=session.name,
            person=person.name,
        )
        answer.access_expire_time.FromSeconds(expires)
        return answer

    def account_token(self, account: ServiceAccount, now: datetime) -> accounts_pb2.IssueServiceAccountTokenResponse:
        """A service account's token. There is nothing to refresh it with but the secret."""
        issued = int(now.timestamp())
        expires = issued + self._settings.access_token_seconds
        claims = {"sub": account.name, "client_id": account.name, "scope": " ".join(account.scopes)}
        signed = self._signed({**claims, "aep": account.epoch}, issued, expires)
        answer = accounts_pb2.IssueServiceAccountTokenResponse(access_token=signed)
        answer.expire_time.FromSeconds(expires)
        return answer

    def _signed(self, claims: dict[str, Any], issued: int, expires: int) -> str:
        key = self.keys.signing()
        claims |= {"iss": self._settings.issuer, "aud": PEOPLE_AUDIENCE, "iat": issued, "exp": expires}
        return jwt.encode({"alg": "ES256", "typ": TOKEN_TYPE, "kid": key.kid}, claims, key)


def new_client_secret() -> str:
    """The secret of a service account, as it is shown once."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _key(file: Path) -> ECKey:
    return ECKey.import_key(file.read_bytes(), {"kid": file.stem, "use": "sig", "alg": "ES256"})
