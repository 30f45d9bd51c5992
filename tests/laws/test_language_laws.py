"""The language agrees with Google's CEL where all facts are stated, and with Kleene's logic where some are not."""

from __future__ import annotations

import pytest
from cel_expr_python import cel
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.expressions import FLAGS, KINDS, MARKS, NUMBERS, conditions, facts

from twoparks.law.check import condition
from twoparks.law.graph import Graph
from twoparks.law.kleene import FALSE, MISSING, NOT, TRUE, UNKNOWN, state_of, truth
from twoparks.law.language import parse
from twoparks.law.pack import Expression, FactSpec, Place
from twoparks.law.point import evaluator
from twoparks.law.scope import Scope

pytestmark = pytest.mark.one_database

SPECS = {
    "kind": FactSpec("kind", "enum", ("goods",), "", KINDS),
    "marks": FactSpec("marks", "set", ("goods",), "", MARKS),
    **{name: FactSpec(name, "bool", ("goods",), "") for name in FLAGS},
    **{name: FactSpec(name, "int", ("goods",), "") for name in NUMBERS},
}
ORACLE = cel.NewEnv(
    variables={
        "kind": cel.Type.STRING,
        "marks": cel.Type.List(cel.Type.STRING),
        **dict.fromkeys(FLAGS, cel.Type.BOOL),
        **dict.fromkeys(NUMBERS, cel.Type.INT),
    }
)
STATES = (FALSE, UNKNOWN, TRUE)


def ours(text: str, stated: dict[str, object]) -> bool | None:
    """Our answer; None for unknown."""
    graph = Graph()
    scope = Scope(graph=graph, facts=SPECS, constants={})
    root = condition(Expression(text, parse(text), Place("x", 1, 1)), scope)
    values = {name: frozenset(value) if isinstance(value, list) else value for name, value in stated.items()}
    (state,) = evaluator(graph, [root], lambda *_: MISSING)(values)
    assert isinstance(state, int)
    return truth(state)


@settings(max_examples=400, deadline=None)
@given(conditions, facts)
def test_with_all_facts_stated_the_answer_is_that_of_cel(text: str, stated: dict[str, object]) -> None:
    assert ours(text, stated) is ORACLE.compile(text).eval(data=stated).value()


@settings(max_examples=400, deadline=None)
@given(conditions, facts, st.sets(st.sampled_from(sorted(SPECS))))
def test_an_answer_given_with_facts_missing_stands_when_they_are_stated(
    text: str, stated: dict[str, object], hidden: set[str]
) -> None:
    partly = ours(text, {name: value for name, value in stated.items() if name not in hidden})
    assert partly is None or partly is ours(text, stated)


@settings(max_examples=200, deadline=None)
@given(conditions, facts, st.sets(st.sampled_from(sorted(SPECS))))
def test_a_condition_and_its_negation_are_never_both_settled_alike(
    text: str, stated: dict[str, object], hidden: set[str]
) -> None:
    some = {name: value for name, value in stated.items() if name not in hidden}
    plain, negated = ours(text, some), ours(f"!({text})", some)
    assert (plain is None and negated is None) or plain is (not negated)


@pytest.mark.parametrize("left", STATES)
@pytest.mark.parametrize("right", STATES)
def test_two_bits_give_kleenes_tables(left: int, right: int) -> None:
    a, b = truth(left), truth(right)
    conjunction = False if False in (a, b) else None if None in (a, b) else True
    disjunction = True if True in (a, b) else None if None in (a, b) else False
    assert (truth(left & right), truth(left | right)) == (conjunction, disjunction)


@pytest.mark.parametrize("state", STATES)
def test_negation_turns_true_and_false_and_leaves_unknown(state: int) -> None:
    value = truth(state)
    assert truth(NOT[state]) is (None if value is None else not value)
    assert state_of(value) == state


def test_equal_terms_are_one_node() -> None:
    graph = Graph()
    scope = Scope(graph=graph, facts=SPECS, constants={})
    first = condition(Expression("x", parse("fragile && mass_g > 3"), Place("x", 1, 1)), scope)
    size = len(graph.nodes)
    assert condition(Expression("x", parse("(fragile && (mass_g > 3))"), Place("x", 1, 1)), scope) == first
    assert len(graph.nodes) == size


def test_each_node_knows_the_provisions_that_rest_on_it() -> None:
    graph = Graph()
    scope = Scope(graph=graph, facts=SPECS, constants={})
    one = condition(Expression("x", parse("fragile && alive"), Place("x", 1, 1)), scope)
    two = condition(Expression("x", parse("fragile || alive"), Place("x", 1, 1)), scope)
    cited = graph.citations([("P", one), ("Q", two)])
    shared = condition(Expression("x", parse("fragile"), Place("x", 1, 1)), scope)
    assert (cited[shared], cited[one]) == (("P", "Q"), ("P",))
