"""Homes of stacks that leave nothing behind."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """Run by root, it is a home that others cannot enter, so that its database is outside it."""
    folder.mkdir(exist_ok=True)
    yield folder
    database = folder / "postgres"
    if database.is_symlink():
        shutil.rmtree(database.readlink().parent)
