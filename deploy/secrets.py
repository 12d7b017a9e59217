"""The secrets of one stack: made on the first start, readable by nobody else, and never changed afterwards."""

import base64
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey, KeySet

# Who signs calls to services besides the services themselves: the site, and whoever runs the command line.
SIGNERS = ("web", "operator")


@dataclass(frozen=True)
class Secrets:
    """Where each secret is. Processes are told the paths, never what is in the files."""

    folder: Path

    @property
    def service_jwks(self) -> Path:
        """The public keys of all signers; the key id is the signer's name."""
        return self.folder / "services.jwks"

    @property
    def signing_keys(self) -> Path:
        """The folder of the keys that sign people's tokens; a file's stem is the key id."""
        return self.folder / "signing"

    @property
    def sealing_key(self) -> Path:
        return self.folder / "sealing-key"

    @property
    def vapid_key(self) -> Path:
        """The key by which the push services of browsers know this installation."""
        return self.folder / "vapid.pem"

    @property
    def audit_key(self) -> Path:
        """The key that signs the checkpoints of the audit log."""
        return self.folder / "audit.pem"

    @property
    def superuser_password(self) -> Path:
        return self.folder / "postgres-password"

    @property
    def valkey_password(self) -> Path:
        return self.folder / "valkey-password"

    def service_key(self, signer: str) -> Path:
        return self.folder / f"{signer}.pem"

    def database_password(self, service: str) -> Path:
        return self.folder / f"{service}-database-password"

    def owner_password(self, service: str) -> Path:
        """That of the owner of a database that its service does not own."""
        return self.folder / f"{service}-owner-database-password"

    def make(self, services: Sequence[str], owned_apart: Sequence[str] = ()) -> None:
        """Makes what is missing: a start that was cut short is completed by the next."""
        for folder in (self.folder, self.signing_keys):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self._make_keys([*services, *SIGNERS])
        for key in (self.vapid_key, self.audit_key):
            _make(key, _pem(ECKey.generate_key("P-256")))
        _make(self.sealing_key, base64.b64encode(os.urandom(32)))
        passwords = [self.database_password(service) for service in services]
        passwords += [self.owner_password(service) for service in owned_apart]
        for password in (*passwords, self.superuser_password, self.valkey_password):
            _make(password, secrets.token_urlsafe(32).encode())

    def _make_keys(self, signers: Sequence[str]) -> None:
        for signer in signers:
            _make(self.service_key(signer), _pem(ECKey.generate_key("P-256")))
        if not any(self.signing_keys.glob("*.pem")):
            key = ECKey.generate_key("P-256")
            _make(self.signing_keys / f"{key.thumbprint()}.pem", _pem(key))
        public = KeySet([self._public(signer) for signer in signers]).as_dict(private=False)
        write_secret(self.service_jwks, json.dumps(public, indent=2).encode())

    def _public(self, signer: str) -> ECKey:
        return ECKey.import_key(self.service_key(signer).read_bytes(), {"kid": signer, "alg": "ES256"})


def _pem(key: ECKey) -> bytes:
    return key.as_pem(private=True)


def _make(file: Path, content: bytes) -> None:
    if not file.exists():
        write_secret(file, content)


def write_secret(file: Path, content: bytes) -> None:
    """Writes beside the file first, so that a full disk or a crash leaves no half a secret."""
    draft = file.with_name(f".{file.name}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    draft.replace(file)
