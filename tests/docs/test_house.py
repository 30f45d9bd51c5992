"""The house limits hold, and what goes over them says why here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.tree import SOURCE, files, shown

pytestmark = pytest.mark.one_database

FUNCTION_LINES, MODULE_LINES, PARAMETERS = 50, 400, 5
NEVER = {"utils", "helpers", "common", "core", "misc", "manager", "processor", "handler", "data", "info"}

LONGER: dict[str, str] = {}  # "path:function" or "path" -> why it is longer than the house allows
MORE_PARAMETERS: dict[str, str] = {}  # "path:function" -> why it takes more than five

Function = ast.FunctionDef | ast.AsyncFunctionDef
MODULES = [
    path
    for path in files()
    if path.suffix == ".py" and SOURCE in path.parents and "migrations" not in path.parts
]


def test_no_function_is_longer_than_the_house_allows() -> None:
    long = {name: _lines(node) for name, node in _functions() if _lines(node) > FUNCTION_LINES}
    assert {name: lines for name, lines in long.items() if name not in LONGER} == {}


def test_no_module_is_longer_than_the_house_allows() -> None:
    long = {
        shown(path): n for path in MODULES if (n := len(path.read_text("utf-8").splitlines())) > MODULE_LINES
    }
    assert {name: lines for name, lines in long.items() if name not in LONGER} == {}


def test_no_function_takes_more_parameters_than_the_house_allows() -> None:
    many = {name: _parameters(node) for name, node in _functions() if _parameters(node) > PARAMETERS}
    assert {name: n for name, n in many.items() if name not in MORE_PARAMETERS} == {}


def test_every_exception_is_still_needed() -> None:
    over = {name for name, node in _functions() if _lines(node) > FUNCTION_LINES}
    over |= {shown(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > MODULE_LINES}
    many = {name for name, node in _functions() if _parameters(node) > PARAMETERS}
    assert (set(LONGER) - over, set(MORE_PARAMETERS) - many) == (set(), set())


def test_no_module_or_class_has_a_name_that_says_nothing() -> None:
    named = [shown(path) for path in MODULES if path.stem in NEVER or path.parent.name in NEVER]
    for path in MODULES:
        classes = [node.name for node in ast.walk(_parsed(path)) if isinstance(node, ast.ClassDef)]
        named += [f"{shown(path)}:{name}" for name in classes if _last_word(name) in NEVER]
    assert named == []


def test_every_module_says_what_it_is_for() -> None:
    bare = [
        shown(path)
        for path in MODULES
        if path.read_text("utf-8").strip() and not ast.get_docstring(_parsed(path))
    ]
    assert bare == []


def test_every_public_function_and_class_promises_something() -> None:
    bare = []
    for path in MODULES:
        for node in _parsed(path).body:
            public = isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                bare.append(f"{shown(path)}:{node.name}")
    assert bare == []


def _functions() -> Iterator[tuple[str, Function]]:
    for path in MODULES:
        for node in ast.walk(_parsed(path)):
            if isinstance(node, Function):
                yield f"{shown(path)}:{node.name}", node


def _lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _parameters(node: Function) -> int:
    args = node.args
    names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _last_word(name: str) -> str:
    return re.findall(r"[A-Z][a-z]*|[a-z]+", name)[-1].lower()


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))
