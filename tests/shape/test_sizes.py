"""What does not fit on a screen is not read as a whole."""

import ast

from tests.shape.source import Function, functions, modules, shown

FUNCTION_LINES = 30
MODULE_LINES = 300


def test_a_function_fits_on_a_screen() -> None:
    offences = [
        f"{module.place(function)} {function.name} has {length}"
        for module in modules()
        for function in functions(module)
        if (length := lines_of(function)) > FUNCTION_LINES
    ]
    rule = f"A function has at most {FUNCTION_LINES} lines, its docstring aside. Name a part of it and take that out."
    assert not offences, shown(rule, offences)


def test_a_module_is_read_in_one_sitting() -> None:
    offences = [
        f"{module.place()} has {length}"
        for module in modules()
        if (length := sum(1 for line in module.text.splitlines() if line.strip())) > MODULE_LINES
    ]
    rule = f"A module has at most {MODULE_LINES} lines that are not blank. Split it by what it is about."
    assert not offences, shown(rule, offences)


def lines_of(function: Function) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines
