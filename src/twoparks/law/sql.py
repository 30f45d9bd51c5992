"""The law as one SELECT over a table of cases: each shared term is a column of a step, unknown is NULL.

The table has the columns of `parquet`: NULL is not stated. `dialects` has the words in which databases differ. Days are counted as whole
numbers; amounts are reckoned in a type so wide that what would not fit is an error of the database, never another number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .answer import Outcome
from .block import EMPTY_UNLESS_STATED
from .calendar import Calendars
from .compiled import Compiled
from .dialects import words
from .graph import Graph, Node
from .pack import BANKS, FactSpec
from .replay import CASE, NONE
from .settle import Outcomes, Truth, settle

HOLDS = "holds "
"""Before the key of a provision: the column that is true where it certainly holds."""

_TESTS = {"eq": "{0} = {1}", "same": "{0} = {1}", "lt": "{0} < {1}", "le": "{0} <= {1}"}
_AMOUNTS = {
    "min": "CASE WHEN {0} <= {1} THEN {0} WHEN {1} < {0} THEN {1} END",
    "max": "CASE WHEN {0} >= {1} THEN {0} WHEN {1} > {0} THEN {1} END",
    "pick": "CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} WHEN {1} = {2} THEN {1} END",
}
_WIDE = {"add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "neg": "- {0}"}


class Cases(NamedTuple):
    """The table that is asked: its name, its columns, and the measures that a case of it may ask for."""

    table: str
    columns: frozenset[str]
    sought: tuple[str, ...] = ()


def select(compiled: Compiled, cases: Cases, dialect: str = "duckdb") -> str:
    """The outcome over both banks and of each, and each deciding provision, for every case, by one reading of the law."""
    return _Select(compiled, cases, words(dialect)).text()


class _Terms:
    """Terms of SQL, equal ones once; those used more than once become columns of a step."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, tuple[int, ...]]] = []
        self._ids: dict[tuple[str, tuple[int, ...]], int] = {}

    def add(self, text: str, *parts: int) -> int:
        """The number of a term: SQL with its parts in braces."""
        known = self._ids.get((text, parts))
        if known is None:
            known = self._ids[text, parts] = len(self.parts)
            self.parts.append((text, parts))
        return known

    def steps(self, outputs: Mapping[str, int]) -> list[dict[str, str]]:
        """Columns by step, each written with those of earlier steps; the outputs stand in the last."""
        uses = [0] * len(self.parts)
        needed: set[int] = set()
        stack = list(outputs.values())
        while stack:
            term = stack.pop()
            uses[term] += 1
            if term not in needed:
                needed.add(term)
                stack.extend(self.parts[term][1])
        shared = {
            term
            for term in needed
            if uses[term] > 1 and "(" in self.parts[term][0] + "(" * bool(self.parts[term][1])
        }
        level: dict[int, int] = {}
        texts: dict[int, str] = {}
        found: list[dict[str, str]] = []
        for term in sorted(needed):
            text, parts = self.parts[term]
            level[term] = max((level[part] + (part in shared) for part in parts), default=0)
            own = text.format(*(f"n{part}" if part in shared else texts[part] for part in parts))
            texts[term] = f"({own})" if parts else own
            if term in shared:
                found.extend({} for _ in range(level[term] + 1 - len(found)))
                found[level[term]][f"n{term}"] = own
        last = {name: f"n{term}" if term in shared else texts[term] for name, term in outputs.items()}
        return [*found, last]


class _Said(NamedTuple):
    """A term that is true or false, never NULL."""

    terms: _Terms
    term: int

    def __and__(self, other: _Said) -> _Said:
        return self._joined(other, "AND", neutral="TRUE", absorbing="FALSE")

    def __or__(self, other: _Said) -> _Said:
        return self._joined(other, "OR", neutral="FALSE", absorbing="TRUE")

    def __invert__(self) -> _Said:
        text, parts = self.terms.parts[self.term]
        if text == "NOT {0}":
            return _Said(self.terms, parts[0])  # made by this very operator, or of a coalesce: never NULL
        opposite = {"TRUE": "FALSE", "FALSE": "TRUE"}.get(text)
        found = self.terms.add("NOT {0}", self.term) if opposite is None else self.terms.add(opposite)
        return _Said(self.terms, found)

    def _joined(self, other: _Said, word: str, *, neutral: str, absorbing: str) -> _Said:
        """The two joined, where neither settles it."""
        mine, theirs = (self.terms.parts[said.term][0] for said in (self, other))
        if self.term == other.term or mine == absorbing or theirs == neutral:
            return self
        if mine == neutral or theirs == absorbing:
            return other
        return _Said(self.terms, self.terms.add(f"{{0}} {word} {{1}}", self.term, other.term))


class _Select:
    """One SELECT being written."""

    def __init__(self, compiled: Compiled, cases: Cases, words: Mapping[str, str]) -> None:
        self.words = words
        self.reading = compiled.reading
        self.graph: Graph = compiled.reading.graph
        self.calendars: Calendars = compiled.calendars
        self.cases = cases
        self.terms = _Terms()
        self.never = _Said(self.terms, self.terms.add("FALSE"))
        self.node: dict[int, int] = {}

    def text(self) -> str:
        """The whole."""
        rules = [rule for rule in self.reading.rules if rule.provision.decides]
        outputs = {"outcome": self.chosen(settle(self.reading, self, BANKS, self.cases.sought))}
        outputs |= {f"outcome_{bank}": self.chosen(settle(self.reading, self, (bank,))) for bank in BANKS}
        for rule in rules:
            holds, route = self.truth(rule.holds).certain, rule.provision.route
            holds = holds if route is None else holds & self.states("sought", route)
            outputs[HOLDS + rule.provision.id] = holds.term
        *steps, last = self.terms.steps(outputs)
        froms, withs, barrier = self.cases.table, [], self.words["BARRIER"]
        for at, columns in enumerate(steps):
            # Every word in the text is of the packs or a number; the table and its columns are the caller's.
            withs.append(f"step{at} AS (SELECT *, {self.columns(columns)} FROM {froms}{barrier})")  # noqa: S608
            froms = f"step{at}"
        case = f"{self.name(CASE)}, " if CASE in self.cases.columns else ""
        head = f"WITH {', '.join(withs)} " if withs else ""
        return f"{head}SELECT {case}{self.columns(last)} FROM {froms}"  # noqa: S608

    def columns(self, columns: Mapping[str, str]) -> str:
        """Named terms, as a SELECT lists them."""
        return ", ".join(f"{text} AS {self.name(name)}" for name, text in columns.items())

    def name(self, name: str) -> str:
        """A column's name."""
        return self.words["NAME"].format(name)

    def word(self, key: str, *parts: str) -> str:
        """A word of the dialect over parts of a term."""
        return self.words[key].format(*parts)

    def chosen(self, outcomes: Outcomes[_Said]) -> int:
        """The outcome as a word."""
        order = [outcome for outcome in Outcome if outcome is not Outcome.UNKNOWN]
        arms = " ".join(f"WHEN {{{at}}} THEN '{outcome}'" for at, outcome in enumerate(order))
        return self.terms.add(f"CASE {arms} ELSE '{Outcome.UNKNOWN}' END", *(outcomes[o].term for o in order))

    def truth(self, node: int) -> Truth[_Said]:
        """Whether a node may be true, and may be false."""
        settled = self.graph.constant(node)
        if settled is not None:
            return Truth(~self.never, self.never) if settled else Truth(self.never, ~self.never)
        term, add = self.term(node), self.terms.add
        return Truth(
            _Said(self.terms, add("coalesce({0}, TRUE)", term)),
            _Said(self.terms, add("NOT coalesce({0}, FALSE)", term)),
        )

    def states(self, fact: str, word: str) -> _Said:
        """Whether `held` or `sought` names a measure."""
        return _Said(self.terms, self.contains(word, self.column(self.reading.facts[fact])))

    def term(self, node: int) -> int:
        """The term of a node of the graph."""
        if node not in self.node:
            for at in self.graph.reachable([node]):
                if at not in self.node:
                    self.node[at] = self.written(self.graph.nodes[at])
        return self.node[node]

    def written(self, node: Node) -> int:
        """A node as a term, its arguments already written."""
        add, value = self.terms.add, node.value
        parts = [self.node[part] for part in node.arguments]
        match node.operator:
            case "const":
                return add("TRUE" if value else "FALSE")
            case "number":
                return add(str(value))
            case "and" | "or":
                word = f" {node.operator.upper()} "
                return add(word.join(f"{{{at}}}" for at in range(len(parts))), *parts)
            case "not":
                return add("NOT {0}", *parts)
            case "truth" | "some":
                return parts[0]
            case "fact":
                return self.fact(node, parts)
            case "has":
                return self.has(node, parts[0])
            case "is":
                return add(f"{{0}} = {_word(str(value))}", *parts)
            case "among":
                assert isinstance(value, tuple)
                return add(f"{{0}} IN ({', '.join(map(_word, value))})", *parts)
            case "contains":
                return self.contains(str(value), parts[0])
            case "workdays":
                return self.workdays(str(value), *parts)
            case operator if operator in _TESTS:
                return add(_TESTS[operator], *parts)
            case _:
                return self.amount(node, parts)

    def amount(self, node: Node, parts: list[int]) -> int:
        """A number reckoned from others."""
        add, wide = self.terms.add, self.word("WIDE", "{0}")
        if node.operator in _AMOUNTS:
            return add(_AMOUNTS[node.operator], *parts)
        if node.operator == "months":
            return add(self.word("MONTHS", "{0}", "{1}"), *parts)
        operands = [add(wide, part) for part in parts[:2]]
        if node.operator in _WIDE:
            return add(_WIDE[node.operator], *operands)
        whole = add("1000") if node.operator == "per_mille" else parts[2]
        return add(self.word("FLOOR", "{0}", "{1}"), add(_WIDE["mul"], *operands), whole)

    def contains(self, word: str, column: int) -> int:
        """Whether a set holds a word."""
        return self.terms.add(self.word("CONTAINS", "{0}", _word(word)), column)

    def column(self, spec: FactSpec) -> int:
        """A fact as the table states it: days as whole numbers, NULL where it has no such column."""
        add, empty = self.terms.add, spec.name in EMPTY_UNLESS_STATED
        if spec.name not in self.cases.columns:
            return add(self.words["NO_WORDS" if empty else _UNKNOWN[spec.type]])
        column = self.name(spec.name)
        if spec.type == "date":
            return add(self.word("DAY", column))
        return add(f"coalesce({column}, {self.words['NO_WORDS']})") if empty else add(column)

    def none(self, name: str) -> int | None:
        """Whether it is stated that there is none of a fact; None where the table cannot say so."""
        return self.terms.add(self.name(name + NONE)) if name + NONE in self.cases.columns else None

    def fact(self, node: Node, whens: Sequence[int]) -> int:
        """A fact as stated, or as others imply it."""
        assert isinstance(node.value, tuple)
        name, values = node.value
        column = self.column(self.reading.facts[name])
        if not whens:
            return column
        arms = [(f"WHEN {{{at}}} THEN {_literal(value)}") for at, value in enumerate(values, start=2)]
        none = self.none(name)
        guard = column if none is None else none
        denied = "" if none is None else "WHEN {1} THEN NULL "
        return self.terms.add(
            f"CASE WHEN {{0}} IS NOT NULL THEN {{0}} {denied}{' '.join(arms)} END", column, guard, *whens
        )

    def has(self, node: Node, part: int) -> int:
        """Whether a fact is stated and not none; NULL where it is not stated."""
        value = self.graph.nodes[node.arguments[0]].value
        assert isinstance(value, tuple)
        none = self.none(value[0])
        if none is None:
            return self.terms.add("CASE WHEN {0} IS NOT NULL THEN TRUE END", part)
        return self.terms.add("CASE WHEN {0} IS NOT NULL THEN TRUE WHEN {1} THEN FALSE END", part, none)

    def workdays(self, bank: str, day: int, count: int) -> int:
        """By the working days written out: how many there are up to a day, and the day of each."""
        arms = ["WHEN {1} = 0 THEN {0}"]
        for first, last, working in self.calendars.of(bank).stretches():
            sofar = _upto(first - 1, last, working)
            many = len(working)
            for sign, start, before in ((">", 1, 0), ("<", -1, 1)):
                within = f"{{1}} {sign} 0 AND {{0}} + {start} BETWEEN {first} AND {last}"
                sofar_on = self.word("AT", self.numbers(sofar), f"{{0}} - {before} - {first - 2}")
                place = f"{sofar_on} + {{1}} + {before}"
                found = self.word("AT", self.numbers(working), place)
                arms.append(f"WHEN {within} THEN CASE WHEN {place} BETWEEN 1 AND {many} THEN {found} END")
        return self.terms.add(f"CASE {' '.join(arms)} END", day, count)

    def numbers(self, values: Iterable[int]) -> str:
        """A list written out."""
        return self.word("LIST", ", ".join(map(str, values)))


def _upto(first: int, last: int, working: Sequence[int]) -> list[int]:
    """For each day from `first` to `last`, how many of the working days are not after it."""
    found, at = [], 0
    for day in range(first, last + 1):
        while at < len(working) and working[at] <= day:
            at += 1
        found.append(at)
    return found


_UNKNOWN = {
    "bool": "UNKNOWN_BOOL",
    "int": "UNKNOWN_NUMBER",
    "money": "UNKNOWN_NUMBER",
    "date": "UNKNOWN_NUMBER",
    "enum": "UNKNOWN_WORD",
    "set": "UNKNOWN_WORDS",
}


def _word(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal(value: object) -> str:
    return str(value).upper() if isinstance(value, bool) else _word(str(value))
