"""Service accounts: systems of the organisation that come in with a secret of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from chassis.problems import BadInput, NotSignedIn, Stale, WrongState
from services.identity.domain.people import Person
from services.identity.domain.sign_in import hashed


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A system, and the person who answers for it. Of secrets (256 random bits) only the hashes are kept."""

    id: UUID
    title: str
    owner: UUID
    scopes: tuple[str, ...]
    secret_hash: bytes
    create_time: datetime
    update_time: datetime
    previous_secret_hash: bytes = b""
    previous_expire_time: datetime | None = None
    disabled: bool = False
    epoch: int = 0
    version: int = 1

    @property
    def name(self) -> str:
        return f"serviceAccounts/{self.id}"

    def opens_with(self, secret: str, now: datetime) -> bool:
        """Whether this is one of its secrets; how long the answer takes tells nothing about them."""
        given = hashed(secret.encode())
        overlaps = self.previous_expire_time is not None and now < self.previous_expire_time
        return compare_digest(given, self.secret_hash) | (overlaps & compare_digest(given, self.previous_secret_hash))

    def updated(self, fields: dict[str, Any], etag: str, now: datetime) -> "ServiceAccount":
        """With another title, owner or scopes. Tokens that carry a scope which is gone stop working."""
        if etag not in ("", str(self.version)):
            raise Stale("ACCOUNT_CHANGED", "Somebody changed this service account since you read it.")
        after = replace(self, **fields)
        if after == self:
            return self
        narrowed = not set(self.scopes) <= set(after.scopes)
        return replace(after, epoch=self.epoch + narrowed, version=self.version + 1, update_time=now)

    def rotated(self, secret: str, overlap: timedelta, now: datetime) -> "ServiceAccount":
        """With a new secret. Without an overlap the old one leaked, so that tokens end with it."""
        return replace(
            self,
            secret_hash=hashed(secret.encode()),
            previous_secret_hash=self.secret_hash if overlap else b"",
            previous_expire_time=now + overlap if overlap else None,
            epoch=self.epoch + (not overlap),
            version=self.version + 1,
            update_time=now,
        )

    def kept_out(self, now: datetime) -> "ServiceAccount":
        """Disabled: all its tokens stop working."""
        if self.disabled:
            return self
        return replace(self, disabled=True, epoch=self.epoch + 1, version=self.version + 1, update_time=now)

    def let_in(self, now: datetime) -> "ServiceAccount":
        """Enabled again; tokens from before it was disabled stay dead."""
        return replace(self, disabled=False, version=self.version + 1, update_time=now) if self.disabled else self


def checked_fields(title: str, scopes: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The title and the scopes as they are stored."""
    if not title.strip():
        raise BadInput("NO_TITLE", "A service account needs a title.", field="service_account.title")
    if not scopes:
        raise BadInput("NO_SCOPES", "A service account without scopes can do nothing.", field="service_account.scopes")
    return title.strip(), tuple(sorted(scopes))


def check_owner(owner: Person) -> None:
    """Somebody answers for an account, so it is somebody who is here."""
    if not owner.may_come_in:
        raise WrongState("OWNER_KEPT_OUT", "The owner is suspended or has departed.", field="service_account.owner")


def client_refused() -> NotSignedIn:
    return NotSignedIn("CLIENT_REFUSED", "The client id and the client secret do not belong together.")
