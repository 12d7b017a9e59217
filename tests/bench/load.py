"""Load from h2load, a program of its own that costs little: a generator in Python would hide what the server costs."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROUNDS = 5
SECONDS = 2


class NotAnswered(Exception):
    """Some requests were refused or failed, so that there is no rate to tell."""


@dataclass(frozen=True)
class Target:
    """Where requests go. `body` is a file with what is posted; without one it is a GET."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Path | None = None
    http1: bool = False

    def rate(self) -> float:
        """Requests a second, all of them answered with 2xx."""
        command = ["h2load", "-D", str(SECONDS), "--warm-up-time=1", "-t", "1"]
        command += ["-c", "16", "--h1"] if self.http1 else ["-c", "4", "-m", "8"]
        for name, value in self.headers:
            command += ["-H", f"{name}: {value}"]
        if self.body:
            command += ["-d", str(self.body)]
        said = subprocess.run([*command, self.url], capture_output=True, text=True, check=True).stdout
        finished = re.search(r"finished in .*?, ([\d.]+) req/s", said)
        bad = re.search(r"(\d+) 3xx, (\d+) 4xx, (\d+) 5xx", said)
        if not finished or not bad or any(int(count) for count in bad.groups()):
            raise NotAnswered(f"The load on {self.url} was not answered as it should be:\n{said}")
        return float(finished[1])


def ratio(subject: Target, base: Target) -> tuple[float, float, float]:
    """The median of the rounds' ratios, and the median rates of subject and base, taken in turn."""
    rates = [(subject.rate(), base.rate()) for _ in range(ROUNDS)]
    subjects, bases = zip(*rates, strict=True)
    return median(one / other for one, other in rates), median(subjects), median(bases)


def grpc_target(address: str, path: str, token: str, body: Path) -> Target:
    """A gRPC method with a token; `body` holds a framed message."""
    headers: tuple[tuple[str, str], ...]
    headers = (("content-type", "application/grpc"), ("te", "trailers"), ("authorization", f"Bearer {token}"))
    headers += (("grpc-timeout", "10S"),)
    return Target(f"http://{address}{path}", headers, body)


def framed(message: bytes, path: Path) -> Path:
    """Writes a message as gRPC frames it: not compressed, its length, itself."""
    path.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    return path


def require_h2load(is_root: bool) -> None:
    """Ends with one sentence when the load generator is missing and cannot be installed."""
    if shutil.which("h2load"):
        return
    if is_root and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "nghttp2-client"], check=False, capture_output=True)
    if not shutil.which("h2load"):
        sys.exit("make bench needs h2load: install it with `apt-get install nghttp2-client`.")
