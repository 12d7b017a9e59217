"""Who runs Plein reads docs/operating.md, not the source."""

import ast
import re
from collections.abc import Iterator

from tests.shape.source import ROOT, Module, classes, modules, shown

MANUAL = ROOT / "docs" / "operating.md"


def test_every_setting_is_in_the_manual() -> None:
    settings = dict(setting for module in modules() for setting in settings_of(module))
    manual = MANUAL.read_text() if MANUAL.is_file() else ""
    described = set(re.findall(r"`([A-Z][A-Z0-9_]*)", manual))
    offences = [f"{place} {name}" for name, place in settings.items() if name not in described]
    rule = "A setting is described in docs/operating.md under its name, as `LOG_LEVEL`: what it does, unit and default."
    assert settings, "No settings were found: this test no longer knows what a class of settings looks like."
    assert not offences, shown(rule, offences)


def settings_of(module: Module) -> Iterator[tuple[str, str]]:
    """The settings that a module declares, as environment variables, each with its place."""
    for node in classes(module):
        if any(isinstance(base, ast.Name) and base.id.endswith("Settings") for base in node.bases):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    yield statement.target.id.upper(), module.place(statement)
