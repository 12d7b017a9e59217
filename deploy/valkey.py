"""Valkey as a cache on this machine: with a password, a limit, and nothing on disk."""

from pathlib import Path

from deploy.programs import VALKEY
from deploy.supervisor import Process

MEMORY_MEGABYTES = 256


def process(folder: Path, address: str, password: Path, memory_megabytes: int = MEMORY_MEGABYTES) -> Process:
    """Writes the configuration into `folder`, which only we may read, since it holds the password."""
    host, _, port = address.rpartition(":")
    settings = {
        "bind": host,
        "port": port,
        "requirepass": password.read_text(),
        "dir": f'"{folder}"',
        "save": '""',
        "appendonly": "no",
        "maxmemory": f"{memory_megabytes}mb",
        "maxmemory-policy": "allkeys-lru",
    }
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    file = folder / "valkey.conf"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return Process("valkey", [VALKEY, file], address=address, probe=f"redis://{address}")
