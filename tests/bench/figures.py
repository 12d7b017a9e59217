"""What is measured, with the goal that it is held against."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One figure. `goal` is its bound: at least for ratios and rates, at most for times and sizes; None without one."""

    figure: float
    unit: str
    goal: float | None = None

    @property
    def at_most(self) -> bool:
        return self.unit in ("ms", "s", "MiB", "KiB", "µs", "x at most")

    @property
    def holds(self) -> bool | None:
        if self.goal is None:
            return None
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal


Figures = dict[str, Figure]


def show(figures: Figures) -> None:
    """Prints the table."""
    table = Table("what", "figure", "unit", "goal", "holds")
    for name, figure in figures.items():
        bound = "" if figure.goal is None else f"{'≤' if figure.at_most else '≥'} {figure.goal:g}"
        holds = {True: "yes", False: "NO", None: ""}[figure.holds]
        table.add_row(
            name, f"{figure.figure:.3g}" if figure.figure < 100 else f"{figure.figure:.0f}", figure.unit, bound, holds
        )
    Console().print(table)


def write(figures: Figures, path: Path) -> None:
    """Writes name → figure, unit, goal, holds."""
    told = {name: asdict(figure) | {"holds": figure.holds} for name, figure in figures.items()}
    path.write_text(json.dumps(told, indent=2) + "\n")


def p(values: Sequence[float], percent: int) -> float:
    """A percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
