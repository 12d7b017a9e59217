"""HR's photos: a folder or a ZIP with one file a person, named after the personnel number."""

import zipfile
from collections.abc import Container
from pathlib import Path, PurePosixPath
from types import TracebackType

KINDS = (".jpg", ".jpeg", ".png", ".webp")
MOST_BYTES = 5 * 1024 * 1024


class TooLarge(Exception):
    """Why a photo is not sent, as a sentence for people."""

    def __init__(self) -> None:
        super().__init__("The photo is larger than 5 MiB.")


class Photos:
    """Which photos there are; each is read when it is sent."""

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else None
        self._archive = None if self._folder else zipfile.ZipFile(path)
        names = [str(file.name) for file in path.iterdir()] if self._folder else self._archived()
        # Archives made on a Mac hold a second, hidden file for each.
        shown = [name for name in names if not PurePosixPath(name).name.startswith(".")]
        photos = sorted(name for name in shown if PurePosixPath(name).suffix.lower() in KINDS)
        self.by_number = {PurePosixPath(name).stem: name for name in photos}

    @staticmethod
    def readable(path: Path) -> bool:
        """Whether it is a folder or a ZIP."""
        return path.is_dir() or zipfile.is_zipfile(path)

    def of_nobody(self, numbers: Container[str]) -> list[str]:
        """The photos of whom there is nobody with such a number."""
        return [name for number, name in self.by_number.items() if number not in numbers]

    def count(self, numbers: Container[str]) -> int:
        """How many photos are of people with these numbers."""
        return sum(number in numbers for number in self.by_number)

    def read(self, name: str) -> bytes:
        """One photo. TooLarge for what no photo of a face is."""
        if self._archive:
            if self._archive.getinfo(name).file_size > MOST_BYTES:
                raise TooLarge
            return self._archive.read(name)
        file = (self._folder or Path()) / name
        if file.stat().st_size > MOST_BYTES:
            raise TooLarge
        return file.read_bytes()

    def __enter__(self) -> "Photos":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._archive:
            self._archive.close()

    def _archived(self) -> list[str]:
        return self._archive.namelist() if self._archive else []
