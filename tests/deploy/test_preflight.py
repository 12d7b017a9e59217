import socket
from pathlib import Path

import pytest

from deploy.preflight import (
    CannotStart,
    holder,
    locked,
    require_folder,
    require_port,
    require_python,
    require_space,
)


def test_an_old_python_is_refused_in_a_sentence() -> None:
    with pytest.raises(SystemExit, match=r"^Plein needs Python 3\.11 or newer, and this is 3\.10\.$"):
        require_python((3, 10))


def test_a_port_in_use_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} is in use by another program: [^.]*\.$"):
            require_port(port)


def test_a_port_that_does_not_exist_is_refused_in_a_sentence() -> None:
    with pytest.raises(CannotStart, match=r"^There is no port 65536: [^.]*\.$"):
        require_port(65536)


def test_a_full_disk_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"^The disk of .* is full: \d+ MiB are free .* MiB\.$"):
        require_space(tmp_path, needed_bytes=2**62)


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"^The folder .*/file/home cannot be made: Not a directory\.$"):
        require_folder(tmp_path / "file" / "home")


def test_a_folder_belongs_to_one_running_stack(tmp_path: Path) -> None:
    refused = pytest.raises(CannotStart, match=r"^Plein runs from .* already: [^.]*\.$")
    with locked(tmp_path), refused, locked(tmp_path):
        pass


def test_a_folder_is_free_when_its_stack_has_ended(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert holder(tmp_path) is not None
    assert holder(tmp_path) is None
