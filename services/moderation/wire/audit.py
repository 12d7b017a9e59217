"""The audit log as messages, and its checkpoints as signed texts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from plein.moderation.v1 import audit_pb2

from chassis.moments import timestamp
from services.moderation.domain.audit import Checkpoint, Entry

TOKEN_TYPE = "plein-audit"
ALGORITHM = "ES256"


class Unsigned(ValueError):
    """A checkpoint that nobody signed whose key is known."""


def entry(found: Entry) -> audit_pb2.AuditEntry:
    """An entry as it is shown and verified."""
    return audit_pb2.AuditEntry(
        position=found.position,
        create_time=timestamp(found.moment),
        actor=found.actor,
        action=found.action,
        subject=found.subject,
        facts=found.facts,
        chain=found.chain,
    )


def entry_of(message: audit_pb2.AuditEntry) -> Entry:
    """The inverse of `entry`."""
    return Entry(
        message.position,
        message.create_time.ToDatetime(tzinfo=UTC),
        message.actor,
        message.action,
        message.subject,
        message.facts,
        message.chain,
    )


def signed(checkpoint: Checkpoint, key: ECKey) -> str:
    """A checkpoint as a JWS in its compact form, whose `kid` is the thumbprint of the key."""
    claims: dict[str, Any] = {
        "position": checkpoint.position,
        "chains": [chain.hex() for chain in checkpoint.chains],
        "iat": int(checkpoint.moment.timestamp()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.thumbprint()}, claims, key)


def opened(token: str, keys: Sequence[ECKey]) -> Checkpoint:
    """The checkpoint in a text that one of the owners of `keys` signed; else Unsigned."""
    known = KeySet([ECKey.import_key(key.as_dict(private=False), {"kid": key.thumbprint()}) for key in keys])
    try:
        decoded = jwt.decode(token.strip(), known, algorithms=[ALGORITHM])
        if decoded.header.get("typ") != TOKEN_TYPE:
            raise ValueError("no checkpoint")
        claims = decoded.claims
        chains = tuple(bytes.fromhex(chain) for chain in claims["chains"])
        return Checkpoint(int(claims["position"]), chains, datetime.fromtimestamp(claims["iat"], UTC))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unsigned from error
