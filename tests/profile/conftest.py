"""Profile with a company of its own for each module."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from chassis.testing import World
from services.profile.service import SERVICE
from tests.profile.hr import Company, Office


@pytest.fixture(scope="module")
async def company(start: Callable[..., Awaitable[World]], tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The service, with nobody in it yet."""
    office = Office()
    media: Path = tmp_path_factory.mktemp("media")
    return Company(await start(SERVICE, answers=office.answers(), media_url=f"file://{media}"), office)
