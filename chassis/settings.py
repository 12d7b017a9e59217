"""The settings that every process reads from its environment. It refuses to start when one is missing."""

import base64
import sys
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What all services have in common; docs/operating.md describes each."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    listen_address: str = "127.0.0.1:50051"
    database_url: str
    database_password_file: Path | None = None
    # The role that owns the database and changes its tables, where that is not the service's own.
    database_owner_url: str = ""
    database_owner_password_file: Path | None = None
    database_pool_size: int = Field(8, ge=2, le=100)
    redis_url: str
    redis_password_file: Path | None = None
    neighbours: dict[str, str] = Field(default_factory=dict)
    service_key_file: Path
    service_jwks_file: Path
    sealing_key_file: Path
    issuer: str = "https://plein.local"
    public_url: str = "http://localhost:8080"
    organisation_time_zone: str = "Europe/Amsterdam"
    media_url: str = ""
    workers: int = Field(1, ge=1, le=16)
    log_level: str = "INFO"
    otel_exporter_otlp_endpoint: str = ""
    trace_sample_ratio: float = Field(0.01, ge=0, le=1)
    drain_seconds: float = Field(5, ge=0, le=300)


class MailSettings(Settings):
    """What a service that sends mail reads besides; without `smtp_url` none is sent."""

    smtp_url: str = ""
    smtp_password_file: Path | None = None
    mail_from: str = ""


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def read(kind: type[AnySettings]) -> AnySettings:
    """Reads the environment; ends the process with one sentence a problem when something is missing or wrong."""
    try:
        return kind()
    except ValidationError as error:
        for problem in error.errors():
            print(f"Setting {'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}.", file=sys.stderr)
        sys.exit(1)


def secret_text(path: Path | None) -> str | None:
    """The text of a secret's file without the line end, or None without a file."""
    return path.read_text().strip() if path else None


def sealing_key(path: Path) -> bytes:
    """The 32 bytes with which page tokens and cookies are sealed."""
    key = base64.b64decode(path.read_text().strip())
    if len(key) != 32:
        raise ValueError(f"{path} must hold 32 bytes in base64, and holds {len(key)}.")
    return key
