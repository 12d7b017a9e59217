"""The files in which the processes of a stack write, one for each."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

POLL_SECONDS = 0.2


def of(folder: Path, process: str | None) -> list[Path]:
    """The log of one process, or all logs."""
    return sorted(folder.glob(f"{process or '*'}.log"))


def last_lines(file: Path, count: int) -> list[str]:
    with file.open(errors="replace") as lines:
        return [line.rstrip("\n") for line in deque(lines, maxlen=count)]


def followed(files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The lines that are written from now on, for ever; half a line waits for its other half."""
    opened = {file: file.open(errors="replace") for file in files}
    halves = dict.fromkeys(files, "")
    for lines in opened.values():
        lines.seek(0, 2)
    while True:
        for file, lines in opened.items():
            *whole, halves[file] = (halves[file] + lines.read()).split("\n")
            for line in whole:
                yield file, line
        time.sleep(POLL_SECONDS)
