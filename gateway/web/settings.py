"""The settings of the web site's process."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """A part of what the services have; docs/operating.md describes each."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    listen_address: str = "127.0.0.1:8000"
    neighbours: dict[str, str] = Field(default_factory=dict)
    service_key_file: Path
    sealing_key_file: Path
    public_url: str = "http://localhost:8080"
    organisation_time_zone: str = "Europe/Amsterdam"
    log_level: str = "INFO"
