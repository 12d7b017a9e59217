"""Hashing of passwords, which is slow on purpose, beside the event loop."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.domain.sign_in import normalized_password

# OWASP's parameters for argon2id: 19 MiB, two passes. Two at once leave the machine to those who are inside.
MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2


class Passwords:
    """Makes and compares argon2id hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The hash to store, with its salt and parameters in it."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, normalized_password(password))

    async def match(self, password_hash: str, password: str) -> bool:
        """Whether the password is the right one. Without a hash it takes as long, and is not."""
        async with self._turns:
            right = await asyncio.to_thread(self._verify, password_hash or self._nobodys, normalized_password(password))
        return right and bool(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
