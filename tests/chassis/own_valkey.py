"""A Valkey server that belongs to one test, which may freeze it, kill it and start it again."""

import signal
import subprocess
from pathlib import Path
from typing import Self

from deploy.local import free_ports
from deploy.programs import VALKEY


class OwnValkey:
    """Runs on a free port that stays the same; what is in it is gone after `kill`."""

    def __init__(self, folder: Path, *options: str) -> None:
        (self.port,) = free_ports(1)
        self._folder = folder
        self._options = options

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it accepts connections."""
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        command = [str(VALKEY), *arguments, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self._process.stdout
        log = []
        for line in self._process.stdout:
            log.append(line)
            if "Ready to accept connections" in line:
                return
        raise RuntimeError("".join(log))

    def freeze(self) -> None:
        """It keeps its connections and answers nothing, as a machine that swaps."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Ends it without a chance to say anything."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
