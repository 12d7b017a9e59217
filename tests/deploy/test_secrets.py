import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from deploy.secrets import SIGNERS, Secrets


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    made = Secrets(tmp_path / "secrets")
    made.make(["identity", "feed"])
    return made


def test_nobody_else_can_read_a_secret(secrets: Secrets) -> None:
    modes = {path: path.stat().st_mode & 0o777 for path in [secrets.folder, *secrets.folder.rglob("*")]}
    assert len(modes) > len(SIGNERS)
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items())


def test_a_second_start_changes_no_secret(secrets: Secrets) -> None:
    before = contents(secrets)
    secrets.make(["identity", "feed"])
    assert contents(secrets) == before


def test_what_is_missing_is_made_without_touching_the_rest(secrets: Secrets) -> None:
    before = contents(secrets)
    secrets.database_password("feed").unlink()
    secrets.make(["identity", "feed"])
    changed = {path for path, content in contents(secrets).items() if before[path] != content}
    assert changed == {secrets.database_password("feed")}


def test_everybody_can_verify_what_a_service_signs(secrets: Secrets) -> None:
    public = {key["kid"]: key for key in json.loads(secrets.service_jwks.read_text())["keys"]}
    assert set(public) == {"identity", "feed", *SIGNERS}
    for signer, key in public.items():
        own = ECKey.import_key(secrets.service_key(signer).read_bytes())
        assert (key["x"], key["y"]) == (own.as_dict()["x"], own.as_dict()["y"])


def test_the_public_keys_hold_nothing_private(secrets: Secrets) -> None:
    assert not any("d" in key for key in json.loads(secrets.service_jwks.read_text())["keys"])


def contents(secrets: Secrets) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in secrets.folder.rglob("*") if path.is_file()}
