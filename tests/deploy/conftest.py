from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import homes


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with homes.temporary(tmp_path / "home") as folder:
        yield folder
