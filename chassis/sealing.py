"""Texts that leave the house and come back unread and unchanged: page tokens, cookies, secret addresses."""

import base64
import hmac
import os
from collections.abc import Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
PREFIX_BYTES = 8
PROOF_BYTES = 16
# Of base64, that hold the 16 bytes of an id.
ID_CHARACTERS = 22


class Sealer:
    """Seals with AES-256-GCM; all processes of the product share the key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._nonces = _nonces()

    def seal(self, content: bytes, purpose: bytes) -> str:
        """A text for URLs and cookies. Only `opened` with the same purpose reads it."""
        nonce = next(self._nonces)
        sealed = nonce + self._cipher.encrypt(nonce, content, purpose)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def opened(self, sealed: str, purpose: bytes) -> bytes | None:
        """What was sealed, or None when it was not, was changed, or was for another purpose."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose)
        except (InvalidTag, ValueError):
            return None


def _nonces() -> Iterator[bytes]:
    """Never the same twice: chance tells processes apart, a count what one of them seals (NIST SP 800-38D, 8.2.1)."""
    while True:
        prefix = os.urandom(PREFIX_BYTES)
        for count in range(2**32):
            yield prefix + count.to_bytes(NONCE_BYTES - PREFIX_BYTES, "big")


class Addresses:
    """Tokens for addresses that people hand to programs: each stands for an id, and only who has the key makes one.

    The same id has the same token, so nothing is kept but the id; and with the id's row the address is revoked.
    """

    def __init__(self, key: bytes, purpose: bytes) -> None:
        self._key = hmac.digest(key, b"addresses: " + purpose, "sha256")

    def token(self, id_: UUID) -> str:
        """43 characters for URLs."""
        return base64.urlsafe_b64encode(id_.bytes + self._proof(id_)).decode().rstrip("=")

    def id(self, token: str) -> UUID | None:
        """For which id a token stands, or None for one that was never made."""
        try:
            id_ = UUID(bytes=base64.urlsafe_b64decode(token[:ID_CHARACTERS] + "==")[:16])
        except ValueError:
            return None
        return id_ if hmac.compare_digest(token.encode(), self.token(id_).encode()) else None

    def _proof(self, id_: UUID) -> bytes:
        return hmac.digest(self._key, id_.bytes, "sha256")[:PROOF_BYTES]
