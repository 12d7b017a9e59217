"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

_ROOT = Path(__file__).resolve().parents[1]

DEFAULT_HOME = _ROOT / ".plein"
Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="PLEIN_HOME", resolve_path=True, show_default=".plein", help="The folder of all state."
    ),
]
