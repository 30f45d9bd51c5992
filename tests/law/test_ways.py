"""A decision table says what its condition says."""

from __future__ import annotations

from itertools import product

import pytest

from twoparks.law.language import parse
from twoparks.law.ways import table
from twoparks.law.written import written
from twoparks.packs import load

pytestmark = pytest.mark.one_database


def shown(text: str) -> list[str]:
    """The rows: a part, and + - . for what each way asks of it."""
    found = table(parse(text))
    assert found is not None
    signs = {True: "+", False: "-", None: "."}
    return [
        f"{written(part)} {''.join(signs[way[at]] for way in found.ways)}"
        for at, part in enumerate(found.parts)
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a && (b || c)", ["a ++", "b +.", "c .+"]),
        ("!(a && b)", ["a -.", "b .-"]),
        ('k != "v" || a', ['k == "v" -.', "a .+"]),
        ("a ? b : c", ["a +-", "b +.", "c .+"]),
        ("(a || b) && (a || c)", ["a +.", "b .+", "c .+"]),
        ("a && !a || b || c", ["a ..", "b +.", "c .+"]),
    ],
)
def test_the_ways_stand_in_columns(text: str, rows: list[str]) -> None:
    assert shown(text) == rows


@pytest.mark.parametrize("text", ["a", "a && !b", "true", "a && !a"])
def test_what_holds_in_one_way_or_none_needs_no_table(text: str) -> None:
    assert table(parse(text)) is None


def test_what_is_too_much_at_a_glance_has_none() -> None:
    assert table(parse(" && ".join(f"(a{n} || b{n})" for n in range(4)))) is None


@pytest.mark.parametrize(
    "text", ["a && (b || !c)", "!(a || b) || c && a", "a ? b || c : !b", "(a || b) && (!a || c)"]
)
def test_a_table_holds_where_its_condition_does(text: str) -> None:
    found = table(parse(text))
    assert found is not None
    names = [written(part) for part in found.parts]
    for values in product((True, False), repeat=len(names)):
        stated = dict(zip(names, values, strict=True))
        by_table = any(
            all(want in (None, stated[name]) for name, want in zip(names, way, strict=True))
            for way in found.ways
        )
        python = text.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
        if "?" in python:
            python = "(b or c) if a else (not b)"
        assert by_table == bool(eval(python, {}, stated))


def test_many_provisions_of_the_packs_have_one() -> None:
    found = [table(provision.when.tree) for provision in load().law.provisions]
    assert sum(one is not None for one in found) > 30
