"""Conditions are read exactly, and what is not part of the language is refused with what is."""

from __future__ import annotations

import pytest

from twoparks.law.language import Binary, LanguageError, Literal, Unary, parse

pytestmark = pytest.mark.one_database


def test_and_binds_tighter_than_or() -> None:
    tree = parse("a || b && c")
    assert isinstance(tree, Binary)
    assert tree.operator == "||"


def test_not_binds_tighter_than_and() -> None:
    tree = parse("!a && b")
    assert isinstance(tree, Binary)
    assert isinstance(tree.left, Unary)


def test_subtraction_groups_to_the_left() -> None:
    tree = parse("9 - 4 - 3")
    assert isinstance(tree, Binary)
    assert isinstance(tree.left, Binary)
    assert tree.right == Literal(3, 8)


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("a / 2", 2, "'/' is not part of the language"),
        ("a == null", 5, "null is not part of the language; ask has(fact)"),
        ("1 < a < 3", 6, "comparisons do not chain"),
        ("size(a)", 0, "size() is not known; the functions are has, min"),
        ("a.matches(b)", 2, ".exists(x, condition) is"),
        ("has(a, b)", 0, "has() takes 1, not 2"),
        ("a && ", 5, "'end of condition' stands where a fact"),
        ("(a", 2, "stands where ')' is expected"),
        ("a b", 2, "stands where 'end of condition' is expected"),
        ("a == 'x", 5, '"\'" is not part of the language'),
        ("1.5 < a", 1, "stands where"),
        ("9223372036854775808 < a", 0, "does not fit in 64 bits"),
    ],
)
def test_what_is_not_part_of_the_language_is_refused_where_it_stands(text: str, at: int, says: str) -> None:
    with pytest.raises(LanguageError) as refused:
        parse(text)
    assert refused.value.at == at
    assert says in refused.value.message
