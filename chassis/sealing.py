"""Texts that leave the house and come back unread and unchanged: page tokens, cookies."""

import base64
import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
PREFIX_BYTES = 8


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
