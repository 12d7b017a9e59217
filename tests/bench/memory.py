"""What each process of the stack holds in memory."""

from pathlib import Path

from deploy.stack import Stack
from tests.bench.figures import Figure, Figures

PYTHON = ("identity", "profile", "feed", "groups", "blog", "moderation", "web")


def measure(stack: Stack, found: Figures) -> None:
    """Resident and private memory after the load, from the kernel's own account."""
    for process in stack.processes:
        if process.pid:
            resident, private = _memory(process.pid)
            ours = process.name in PYTHON
            found[f"memory of {process.name}, resident"] = Figure(resident, "MiB", 110 if ours else None)
            found[f"memory of {process.name}, private"] = Figure(private, "MiB", 70 if ours else None)


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]
