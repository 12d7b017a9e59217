"""Web Push: what is pushed is encrypted for one device (RFC 8291, 8188), and says who pushes it (VAPID, RFC 8292)."""

import base64
import os
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from plein.feed.v1 import delivery_pb2

from chassis.moments import timestamp
from chassis.problems import BadInput
from services.feed.domain.push import PushSubscription

RECORD_BYTES = 4096
TOKEN_AGE = timedelta(hours=12)
# For how long the push service keeps what it cannot hand over.
TTL_SECONDS = 24 * 3600
# What waits at the push service under the same topic is replaced: the newest says how much is unread.
TOPIC = "plein"


class Vapid:
    """The key by which push services know this installation."""

    def __init__(self, pem: bytes, contact: str) -> None:
        self._key = ECKey.import_key(pem)
        self._contact = contact
        public = self._key.get_op_key("verify")
        self.public_key = encoded(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def headers(self, endpoint: str, moment: datetime) -> dict[str, str]:
        """What a push service wants to know."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((moment + TOKEN_AGE).timestamp())}
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims | {"sub": self._contact}, self._key)
        return {
            "authorization": f"vapid t={token}, k={self.public_key}",
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(TTL_SECONDS),
            "urgency": "normal",
            "topic": TOPIC,
        }


def vapid(key_file: Path | None, mail_from: str, public_url: str) -> Vapid | None:
    """The key of this installation, if it has one. Push services may want to reach who runs it."""
    if key_file is None:
        return None
    address = parseaddr(mail_from)[1]
    return Vapid(key_file.read_bytes(), f"mailto:{address}" if address else public_url)


def encrypted(
    content: bytes,
    public_key: bytes,
    auth: bytes,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """One record that only the owner of `public_key` reads. `salt` and `sender` are made anew for each message."""
    salt = salt or os.urandom(16)
    sender = sender or ec.generate_private_key(ec.SECP256R1())
    sender_public = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    shared = sender.exchange(ec.ECDH(), receiver)
    key = _derived(shared, auth, b"WebPush: info\0" + public_key + sender_public, 32)
    cipher = AESGCM(_derived(key, salt, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derived(key, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes((len(sender_public),)) + sender_public
    return header + cipher.encrypt(nonce, content + b"\x02", None)


def _derived(secret: bytes, salt: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, purpose).derive(secret)


def encoded(raw: bytes) -> str:
    """In base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The inverse of `encoded`, with or without padding."""
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def device_keys(message: delivery_pb2.PushSubscription) -> tuple[bytes, bytes]:
    """The keys of a device; BadInput for a public key that is none."""
    public_key = decoded(message.p256dh)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        raise BadInput("BAD_KEY", "It is no public key.", field="push_subscription.p256dh") from None
    return public_key, decoded(message.auth)


def push_subscription(domain: PushSubscription) -> delivery_pb2.PushSubscription:
    """A device as its owner sees it."""
    return delivery_pb2.PushSubscription(
        name=f"pushSubscriptions/{domain.id}", device=domain.device, create_time=timestamp(domain.create_time)
    )


def subscription_id(name: str) -> UUID | None:
    """The id in `pushSubscriptions/{push_subscription}`, or None for what is no id at all."""
    try:
        return UUID(name.removeprefix("pushSubscriptions/"))
    except ValueError:
        return None
