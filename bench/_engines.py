"""The same decision by other engines: one case of the data packs, translated from the graph that this engine evaluates.

What is asked: the outcome (forbidden, referred, something missing, clear, for both banks) and, as a trace, whether each deciding
provision holds. Each engine gets the expressions compiled and the facts ready in its own form; all must agree with each other and with
the whole answer of this one before they are timed.

Projected, because the other languages lack it: facts that others imply are stated; `has(fact)` is a fact of its own, since none of
them knows a date that was asked for and is null; days so many months later are reckoned beforehand. What rests on memory is left out
of theirs. This engine evaluates everything it always does: also all routes, results and terms, with and without memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Any, NamedTuple

import cedarpy
import cel
import zen
from cel_expr_python import cel as google

from twoparks.law.cases import Case, read_cases
from twoparks.law.compiled import Compiled, Question
from twoparks.law.facts import read
from twoparks.law.graph import Graph, Node
from twoparks.law.kleene import TRUE
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER

CASE = "150,000 persons need the standard contract, certification, or the Greater Bay Area contract"
_RANKS = ("forbidden", "referred", "unmet")
_TESTED = ("is", "among", "contains")


class Dialect(NamedTuple):
    """How an engine writes the operations of the graph."""

    fact: str
    both: str
    either: str
    negation: str
    among: str
    contains: str
    pick: str


CEL = Dialect("{}", " && ", " || ", "!({})", "({} in [{}])", "({word} in {fact})", "({} ? {} : {})")
ZEN = Dialect("{}", " and ", " or ", "(not ({}))", "({} in [{}])", "({word} in {fact})", "({} ? {} : {})")
CEDAR = Dialect(
    "context.{}",
    " && ",
    " || ",
    "!({})",
    "([{1}].contains({0}))",
    "({fact}.contains({word}))",
    "(if {} then {} else {})",
)


class Asked(NamedTuple):
    """The question in the graph, with every fact the engines are told."""

    graph: Graph
    outcome: Mapping[str, list[int]]
    provisions: Mapping[str, int]
    facts: Mapping[str, object]


class Rival(NamedTuple):
    """Another engine, ready: its decision (a rank of `_RANKS`, 3 for clear) and its trace (the provisions that hold)."""

    name: str
    decide: Callable[[], int]
    trace: Callable[[], set[str]]


@cache
def case() -> Case:
    """The case that is asked."""
    return next(case for case in read_cases(FOLDER / "cases") if case.name == CASE)


def asked(zone: Zone) -> tuple[Asked, Callable[[], int], Callable[[], set[str]]]:
    """The question, and this engine's own decision and trace."""
    typed = case()
    compiled, question = _compiled(zone, typed)
    reading, banks = compiled.reading, question.banks
    outcome = {rank: [getattr(reading.banks[bank], rank) for bank in banks] for rank in _RANKS}
    bearing = [rule for rule in reading.rules if rule.provision.decides and rule.provision.route is None]
    provisions = {rule.provision.id: rule.holds for rule in bearing}
    roots = [root for group in outcome.values() for root in group] + list(provisions.values())
    facts = _facts(compiled, question, roots)
    decide, values = compiled.decide, question.values

    def rank() -> int:
        states = decide(values)  # three roots for each bank, then the same without what rests on memory
        return next((n for n in range(3) if TRUE in (states[n], states[3 + n])), 3)

    places = [(name, compiled.place[root]) for name, root in provisions.items()]

    def trace() -> set[str]:
        states = compiled.evaluate(values)
        return {name for name, at in places if states[at] == TRUE}

    whole = {line.id for line in zone.determine(typed.facts).provisions if line.holds}
    assert trace() == whole, f"the trace is not that of the whole answer: {trace() ^ whole}"
    return Asked(reading.graph, outcome, provisions, facts), rank, trace


def _compiled(zone: Zone, case: Case) -> tuple[Compiled, Question]:
    flow, crosses, day = (str(case.facts[name]) for name in ("flow", "crosses", "on"))
    on = date.fromisoformat(day)
    values = {"held": frozenset(), "sought": frozenset(), **read(case.facts, zone.facts_of(flow))[0]}
    return zone.compiled(flow, crosses, on), Question(values, "both", on, crosses)


def _facts(compiled: Compiled, question: Question, roots: list[int]) -> dict[str, object]:
    """Every fact below the roots as it is, whether it is null, and the days reckoned beforehand."""
    graph, states = compiled.reading.graph, compiled.every(question.values)
    found: dict[str, object] = {}
    for at in graph.reachable(roots):
        node = graph.nodes[at]
        if node.operator == "fact" and isinstance(node.value, tuple):
            kind, name = compiled.reading.facts[node.value[0]].type, str(node.value[0])
            empty: object = "" if kind == "enum" else 0
            found[name] = empty if states[at] is None else states[at]
            found[f"stated_{name}"] = states[at] is not None
        elif node.operator in ("months", "workdays"):
            found[f"reckoned_{at}"] = states[at] if isinstance(states[at], int) else 0
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in found.items()
        if value is not None
    }


def writer(graph: Graph, dialect: Dialect) -> Callable[[int], str]:
    """From a node to its text in a dialect."""

    @cache
    def text(at: int) -> str:
        node = graph.nodes[at]
        parts = [text(part) for part in node.arguments] if node.operator != "fact" else []
        return _written(node, at, parts, dialect)

    return text


def _written(node: Node, at: int, parts: list[str], dialect: Dialect) -> str:
    match node.operator:
        case "const":
            return "true" if node.value else "false"
        case "number":
            return str(node.value)
        case "fact":
            assert isinstance(node.value, tuple)
            return dialect.fact.format(node.value[0])
        case "truth" | "some":
            return parts[0]
        case "has":
            return dialect.fact.format(f"stated_{parts[0].removeprefix('context.')}")
        case "not":
            return dialect.negation.format(parts[0])
        case "and" | "or":
            return f"({(dialect.both if node.operator == 'and' else dialect.either).join(parts)})"
        case "pick":
            return dialect.pick.format(*parts)
        case "months" | "workdays":
            return dialect.fact.format(f"reckoned_{at}")
        case operator if operator in _TESTED:
            return _tested(node, parts[0], dialect)
        case operator:
            sign = {"same": "==", "eq": "==", "lt": "<", "le": "<=", "add": "+", "sub": "-", "mul": "*"}[
                operator
            ]
            return f"({parts[0]} {sign} {parts[1]})"


def _tested(node: Node, part: str, dialect: Dialect) -> str:
    """A comparison with words."""
    if node.operator == "is":
        return f"({part} == {json.dumps(node.value)})"
    if node.operator == "contains":
        return dialect.contains.format(word=json.dumps(node.value), fact=part)
    assert isinstance(node.value, tuple | frozenset)
    return dialect.among.format(part, ", ".join(json.dumps(word) for word in sorted(node.value)))


def compared(zone: Zone) -> list[Rival]:
    """This engine first, then the others with the question compiled; AssertionError where one does not agree."""
    question, decide, trace = asked(zone)
    found = [make(question) for make in (_google, _rust_cel, _zen, _cedar)]
    for rival in found:
        assert rival.decide() == decide(), f"{rival.name} decides otherwise"
        assert rival.trace() == trace(), f"{rival.name} traces otherwise: {rival.trace() ^ trace()}"
    return [Rival("this engine", decide, trace), *found]


def _texts(question: Asked, dialect: Dialect) -> tuple[str, str]:
    """The rank as one nested choice, and the truths of all provisions as one list."""
    write = writer(question.graph, dialect)
    chosen = "3"
    for rank in reversed(range(3)):
        test = dialect.either.join(write(root) for root in question.outcome[_RANKS[rank]])
        chosen = f"(({test}) ? {rank} : {chosen})"
    return chosen, f"[{', '.join(write(root) for root in question.provisions.values())}]"


def _holding(question: Asked, truths: object) -> set[str]:
    assert isinstance(truths, list)
    return {name for name, holds in zip(question.provisions, truths, strict=True) if holds}


def _google(question: Asked) -> Rival:
    types = {bool: google.Type.BOOL, int: google.Type.INT, str: google.Type.STRING}
    listed = google.Type.List(google.Type.STRING)
    env = google.NewEnv(variables={name: types.get(type(v), listed) for name, v in question.facts.items()})
    rank, truths = (env.compile(text) for text in _texts(question, CEL))
    facts = dict(question.facts)
    return Rival(
        f"cel-expr-python {version('cel-expr-python')}",
        lambda: int(rank.eval(data=facts).value()),
        lambda: _holding(question, truths.eval(data=facts).plain_value()),
    )


def _rust_cel(question: Asked) -> Rival:
    rank, truths = (cel.compile(text) for text in _texts(question, CEL))
    facts = dict(question.facts)
    return Rival(
        f"common-expression-language {version('common-expression-language')}",
        lambda: int(rank.execute(facts)),
        lambda: _holding(question, truths.execute(facts)),
    )


def _zen(question: Asked) -> Rival:
    rank, truths = (zen.compile_expression(text) for text in _texts(question, ZEN))
    facts = dict(question.facts)
    return Rival(
        f"zen-engine {version('zen-engine')}",
        lambda: int(rank.evaluate(facts)),
        lambda: _holding(question, truths.evaluate(facts)),
    )


def _cedar(question: Asked) -> Rival:
    """A policy for each rank, another set with one for each provision; what holds is read from the reasons."""
    write = writer(question.graph, CEDAR)

    def policies(conditions: Mapping[str, str]) -> Any:
        return cedarpy.PolicySet.from_str(
            "\n".join(
                f'@id("{name}") forbid(principal, action, resource) when {{ {text} }};'
                for name, text in conditions.items()
            )
        )

    ranks = policies({rank: " || ".join(write(root) for root in question.outcome[rank]) for rank in _RANKS})
    every = policies({name: write(root) for name, root in question.provisions.items()})
    request = {
        "principal": 'Park::"sz"',
        "action": 'Action::"cross"',
        "resource": 'Flow::"data"',
        "context": dict(question.facts),
    }
    entities = cedarpy.Entities.from_json_str("[]")

    def reasons(of: Any) -> set[str]:
        found = cedarpy.is_authorized(request, of, entities).diagnostics
        return set(found.id_annotations_by_reason.values())

    def rank() -> int:
        holding = reasons(ranks)
        return next((at for at, name in enumerate(_RANKS) if name in holding), 3)

    return Rival(f"cedarpy {version('cedarpy')}", rank, lambda: reasons(every))
