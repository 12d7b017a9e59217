"""What must hold before anything is started; each check ends in one sentence that says what to do.

It is read by every Python, also by those that are too old for the rest.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED_BYTES = 1024**3


class CannotStart(Exception):
    """Why Plein cannot start, as one sentence for whoever wants to start it."""


def require_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Ends the process when this Python is older than 3.11."""
    if version < (3, 11):
        sys.exit("Plein needs Python 3.11 or newer, and this is {}.{}.".format(*version))


def require_port(port: int) -> None:
    """Refuses a port that another program listens on, or that this user may not use."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
        except OverflowError:
            raise CannotStart(f"There is no port {port}: choose one below 65535 with --port.") from None
        except PermissionError:
            raise CannotStart(f"Port {port} is for administrators: choose one above 1023 with --port.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise CannotStart(f"Port {port} is in use by another program: choose another with --port.") from None


def require_space(folder: Path, needed_bytes: int = NEEDED_BYTES) -> None:
    """Refuses a disk with less than a gibibyte free: a database that runs full stops in the middle of things."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        megabytes = free // 1024**2
        raise CannotStart(f"The disk of {folder} is full: {megabytes} MiB are free and Plein needs 1024 MiB.")


def require_folder(home: Path) -> None:
    """Makes the folder of the state when it is not there."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"The folder {home} cannot be made: {error.strerror}.") from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise CannotStart(f"The folder {home} is not yours to write in: choose another with --home.")


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Keeps the state for one running stack; the kernel lets go when the process ends, however it ends."""
    file = home / "run" / "lock"
    file.parent.mkdir(exist_ok=True)
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"Plein runs from {home} already: `plein down` stops it.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def holder(home: Path) -> int | None:
    """The process id of the stack that runs from a folder, or None when none does."""
    file = home / "run" / "lock"
    if not file.exists():
        return None
    with file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read() or 0) or None
    return None
