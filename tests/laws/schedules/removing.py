"""Taking one check out of the running code: its `if` is cut from the function's own source, or one expression replaced."""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FunctionType


@dataclass(frozen=True)
class Cut:
    """What is taken out of one function: the `if` with condition `old` and what it guards, or `old` becomes `new`."""

    where: str  # 'passes.cose:_verify', 'passes.uses:SqliteUseStore._refusal'
    old: str  # as ast.unparse writes it
    new: str | None = None


@dataclass(frozen=True)
class Check:
    """A check by name. `spare` says why nothing goes wrong without it alone: another one stands behind it."""

    name: str
    cuts: tuple[Cut, ...]
    spare: str = ""


@contextmanager
def without(check: Check) -> Iterator[None]:
    """The code under test without that check, inside the block."""
    whole = {function: function.__code__ for function in map(_function, check.cuts)}
    for function, code in _codes(check).items():
        function.__code__ = code
    try:
        yield
    finally:
        for function, code in whole.items():
            function.__code__ = code


def still_there(check: Check) -> bool:
    """Whether the code says what the table takes out; raises AssertionError naming what it no longer says."""
    return all(code != function.__code__ for function, code in _codes(check).items())


def _function(cut: Cut) -> FunctionType:
    return find(cut.where)


def _codes(check: Check) -> dict[FunctionType, CodeType]:
    """Each function the check stands in, with its code as it would be without it."""
    functions = dict.fromkeys(map(_function, check.cuts))
    return {f: _code(f, [cut for cut in check.cuts if find(cut.where) is f]) for f in functions}


def find(where: str) -> FunctionType:
    """The plain function of that name, below its decorators."""
    module, _, names = where.partition(":")
    found: object = import_module(f"twoparks.{module}")
    for name in names.split("."):
        found = inspect.getattr_static(found, name)
    found = inspect.unwrap(getattr(found, "__func__", getattr(found, "fget", found)))  # type: ignore[arg-type]
    assert isinstance(found, FunctionType), f"{where} is not a function"
    return found


def _code(function: FunctionType, cuts: Sequence[Cut]) -> CodeType:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    for cut in cuts:
        cutting = _Cutting(cut)
        cutting.visit(definition)
        assert cutting.done, f"{cut.where} no longer says {cut.old!r}: bring the table of checks up to date"
    made = compile(
        ast.fix_missing_locations(tree), function.__qualname__, "exec", __future__.annotations.compiler_flag
    )
    namespace: dict[str, object] = dict(function.__globals__)
    exec(made, namespace)
    fresh = namespace[definition.name]
    assert isinstance(fresh, FunctionType)
    return fresh.__code__


class _Cutting(ast.NodeTransformer):
    def __init__(self, cut: Cut) -> None:
        self.cut, self.done = cut, False

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if self.cut.new is None and ast.unparse(node.test) == self.cut.old:
            self.done = True
            return node.orelse or [ast.Pass()]
        return self.generic_visit(node)

    def visit(self, node: ast.AST) -> ast.AST:
        if self.cut.new is not None and isinstance(node, ast.expr) and ast.unparse(node) == self.cut.old:
            self.done = True
            return ast.parse(self.cut.new, mode="eval").body
        found: ast.AST = super().visit(node)
        return found
