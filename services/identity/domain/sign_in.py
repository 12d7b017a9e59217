"""Sign-in: passwords, sessions and the tokens that open them."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from chassis.problems import BadInput, NotSignedIn, TooMuch
from services.identity.domain.people import Person

LEAST_PASSWORD_CHARACTERS = 10
MOST_WRONG_PASSWORDS = 10
WRONG_PASSWORD_WINDOW = timedelta(minutes=15)
# Of ten characters or more, the ones that are tried first; with the digits and signs that people add taken off.
_COMMON = {
    "password", "passwort", "welkom", "welcome", "wachtwoord", "geheim", "qwertyuiop", "qwerty", "iloveyou",
    "administrator", "letmein", "changeme", "voetbal", "amsterdam", "zomer", "winter", "lente", "herfst",
}  # fmt: skip
_ADDED = "0123456789!@#$%&*?._-+= "


class SignInRecord(NamedTuple):
    """What proves who somebody is. `password_hash` is empty for who never set a password."""

    person: UUID
    password_hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """A place where somebody is signed in. `token_hash` is that of the one refresh token that works.

    `client` is the service that opened it, such as `web`, and that alone can refresh it. Such a client proves who it
    is, so its refresh token need not change with each use (RFC 9700, 2.2.2). Empty for telephones and scripts.
    """

    id: UUID
    person: UUID
    device: str
    client: str
    token_hash: bytes
    create_time: datetime
    expire_time: datetime

    @property
    def name(self) -> str:
        return f"sessions/{self.id}"

    def opens_with(self, secret: bytes, client: str, now: datetime) -> bool:
        """Whether this is the refresh token that works, in time, from who may use it."""
        return self.token_hash == hashed(secret) and self.client == client and now < self.expire_time

    def refreshed(self, secret: bytes, expire_time: datetime) -> "Session":
        """The session with the next refresh token."""
        return replace(self, token_hash=hashed(secret), expire_time=expire_time)


def hashed(secret: bytes) -> bytes:
    """What is stored of a secret of 256 random bits."""
    return sha256(secret).digest()


def folded_login(login: str) -> str:
    """An e-mail address or handle as it is stored."""
    return login.strip().removeprefix("@").lower()


def normalized_password(password: str) -> str:
    """The same password from every keyboard (NFC)."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, person: Person) -> None:
    """Refuses what is guessed first; length counts for more than kinds of characters (NIST SP 800-63B)."""
    if len(password) < LEAST_PASSWORD_CHARACTERS:
        sentence = "A password has at least {least} characters."
        raise BadInput("PASSWORD_SHORT", sentence, field="new_password", least=LEAST_PASSWORD_CHARACTERS)
    own = {person.handle, person.email, person.email.partition("@")[0]}
    folded = password.lower()
    bare = folded.strip(_ADDED)
    if folded in own or bare in own:
        raise BadInput("PASSWORD_IS_NAME", "Your handle or e-mail address is no password.", field="new_password")
    if not bare or bare in _COMMON or len(set(folded)) < 4:
        raise BadInput("PASSWORD_COMMON", "This password is one of those that are tried first.", field="new_password")


def check_attempts(moments: list[datetime], now: datetime) -> None:
    """Ten wrong passwords in fifteen minutes are enough; `moments` are those of the window, the oldest first."""
    if len(moments) >= MOST_WRONG_PASSWORDS:
        wait = moments[-MOST_WRONG_PASSWORDS] + WRONG_PASSWORD_WINDOW - now
        seconds = max(1, round(wait.total_seconds()))
        sentence = "Too many wrong passwords. Try again in {minutes} minutes."
        raise TooMuch("TOO_MANY_ATTEMPTS", sentence, retry_seconds=seconds, minutes=-(-seconds // 60))


def sign_in_refused() -> NotSignedIn:
    return NotSignedIn("SIGN_IN_REFUSED", "The name and the password do not belong together.")


def link_refused() -> NotSignedIn:
    return NotSignedIn("LINK_REFUSED", "This link was used before, replaced by a newer one, or is too old.")


def refresh_refused() -> NotSignedIn:
    return NotSignedIn("REFRESH_REFUSED", "This session has ended. Sign in again.")
