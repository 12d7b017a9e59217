"""Tests prove something about the real thing, and as fast as it goes."""

import ast

from tests.shape.source import Module, modules, shown


def test_no_test_sleeps() -> None:
    offences = [
        module.place(node)
        for module in modules("tests")
        for node in module.nodes
        if isinstance(node, ast.Call) and called(node) == "sleep"
    ]
    rule = "A sleep is too short on a busy machine and too long on others: wait for a condition, with a limit."
    assert not offences, shown(rule, offences)


def test_nothing_of_ours_is_mocked() -> None:
    offences = [place for module in modules("tests") for place in imports_of_mocks(module)]
    rule = "A mock passes when the real thing would not. Use the real server, database and cache of chassis.testing."
    assert not offences, shown(rule, offences)


def called(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def imports_of_mocks(module: Module) -> list[str]:
    places = []
    for node in module.nodes:
        match node:
            case ast.Import(names=names) if any(name.name.endswith("mock") for name in names):
                places.append(module.place(node))
            case ast.ImportFrom(module="unittest" | "unittest.mock" | "mock"):
                places.append(module.place(node))
    return places
