"""Incoming webhooks: who may tell something is whoever signs it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as keyed
from typing import NamedTuple
from uuid import UUID

from chassis.problems import BadInput, NotSignedIn

# How far the sender's clock may be off, and how long a captured delivery could be sent again.
WINDOW_SECONDS = 300
MOST_BODY_BYTES = 64 * 1024

_SECONDS = re.compile(r"[0-9]{1,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DELIVERY = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@dataclass(frozen=True, slots=True)
class IncomingHook:
    """A webhook of a service account. Its secrets are sealed, since signatures are checked with them."""

    id: UUID
    title: str
    account: UUID
    secret: str
    create_time: datetime
    previous_secret: str = ""
    previous_expire_time: datetime | None = None
    version: int = 1

    @property
    def name(self) -> str:
        return f"incomingHooks/{self.id}"

    def secrets(self, now: datetime) -> list[str]:
        """The sealed secrets that work now."""
        overlaps = self.previous_expire_time is not None and now < self.previous_expire_time
        return [self.secret, self.previous_secret] if overlaps else [self.secret]

    def rotated(self, secret: str, overlap: timedelta, now: datetime) -> "IncomingHook":
        """With a new secret; the old one works for so long too."""
        return replace(
            self,
            secret=secret,
            previous_secret=self.secret if overlap else "",
            previous_expire_time=now + overlap if overlap else None,
            version=self.version + 1,
        )


class Signature(NamedTuple):
    """What a sender claims to have signed, and when: seconds since 1970, as they were written, and HMACs."""

    seconds: str
    digests: tuple[bytes, ...]

    @classmethod
    def parsed(cls, header: str) -> "Signature | None":
        """`t=1764028800,v1=5257a8…`, or None. Several v1 are one for each secret while they overlap."""
        parts = [part.strip().partition("=")[::2] for part in header.split(",")]
        seconds = [value for key, value in parts if key == "t"]
        digests = tuple(bytes.fromhex(value) for key, value in parts if key == "v1" and _DIGEST.fullmatch(value))
        if len(seconds) != 1 or not _SECONDS.fullmatch(seconds[0]) or not 1 <= len(digests) <= 4:
            return None
        return cls(seconds[0], digests)

    def proof(self, secrets: Iterable[bytes], body: bytes, now: datetime) -> bytes | None:
        """The HMAC that one of the secrets made of this body not long ago, or None. How long it takes tells nothing."""
        found = None
        for secret in secrets:
            right = keyed(secret, self.seconds.encode() + b"." + body, sha256).digest()
            for digest in self.digests:
                found = right if compare_digest(right, digest) else found
        return found if abs(now.timestamp() - int(self.seconds)) <= WINDOW_SECONDS else None


def check_delivery(delivery: str, body: bytes) -> None:
    """A delivery has an id by which a repetition is known, and is not larger than what a system has to tell."""
    if not _DELIVERY.fullmatch(delivery):
        sentence = "X-Plein-Delivery holds an id of at most 100 letters, digits, dots, colons, hyphens and underscores."
        raise BadInput("NO_DELIVERY", sentence, field="x-plein-delivery")
    if len(body) > MOST_BODY_BYTES:
        raise BadInput("TOO_LARGE", "The body is larger than 64 KiB.", field="body")


def hook_refused() -> NotSignedIn:
    return NotSignedIn("HOOK_REFUSED", "This is no webhook, or the signature does not hold.")
