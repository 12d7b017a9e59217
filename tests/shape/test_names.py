"""Names are whole words that say what something is."""

from tests.shape.source import ROOT, classes, functions, modules, shown

VAGUE_VERBS = ("get_", "do_", "handle_")
VAGUE_NAMES = {"common", "data", "helper", "helpers", "info", "manager", "misc", "util", "utils"}
VAGUE_ENDINGS = ("Data", "Helper", "Info", "Manager", "Utils")


def test_functions_say_what_they_answer_or_do() -> None:
    offences = [
        f"{module.place(function)} {function.name}"
        for module in modules()
        for function in functions(module)
        if (name := function.name.lstrip("_")).startswith(VAGUE_VERBS) or name in VAGUE_NAMES
    ]
    rule = "No get_, do_ or handle_: a function is called after its answer (`visible_group`) or its effect (`close`)."
    assert not offences, shown(rule, offences)


def test_modules_and_classes_say_what_they_are() -> None:
    offences = [
        module.place()
        for module in modules()
        if VAGUE_NAMES.intersection(module.path.relative_to(ROOT).with_suffix("").parts)
    ]
    offences += [
        f"{module.place(node)} {node.name}"
        for module in modules()
        for node in classes(module)
        if node.name.endswith(VAGUE_ENDINGS)
    ]
    rule = "A name that fits everything attracts everything. Name the one thing that it is."
    assert not offences, shown(rule, offences)
