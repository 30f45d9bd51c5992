"""What an answer says, piece by piece, as formulas over all cases: the outcome, each measure, each way, each result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product
from typing import Any, NamedTuple

from .answer import Outcome
from .logic import Logic
from .pack import BANKS
from .settle import Truth as Pair
from .settle import settle
from .smt import Bit, Smt, Value
from .verdict import Computed, Reading, Rule

REQUIRED, NOT_REQUIRED = "required", "not required"
GIVEN, NONE = "given", "none"


@dataclass(frozen=True, slots=True)
class Formula:
    """A truth over all cases, with the operators that `settle` is written in."""

    logic: Logic
    bit: Bit

    def __and__(self, other: Formula) -> Formula:
        return Formula(self.logic, self.logic.all((self.bit, other.bit)))

    def __or__(self, other: Formula) -> Formula:
        return Formula(self.logic, self.logic.any((self.bit, other.bit)))

    def __invert__(self) -> Formula:
        return Formula(self.logic, self.logic.no(self.bit))


class Said(NamedTuple):
    """The words that an answer may say, exactly one of which is true of each case; with `given`, a value."""

    words: Mapping[str, Bit]
    value: Value | None = None

    def apart(self, other: Said, logic: Logic) -> Iterator[tuple[tuple[str, str], Bit]]:
        """For each pair of words, and for two values, the cases of which this says one and the other another."""
        for (word, here), (another, there) in product(self.words.items(), other.words.items()):
            if word != another:
                yield (word, another), logic.all((here, there))
        if self.value is not None and other.value is not None:
            both = logic.all((self.words[GIVEN], other.words[GIVEN]))
            yield (GIVEN, GIVEN), logic.all((both, logic.no(logic.same(self.value.now, other.value.now))))


class Aspect(NamedTuple):
    """One piece of an answer: the nodes on which it rests, with what else sets it, and how it is written over them.

    It rests on `barring` too, whether the movement is forbidden; of a difference in those alone the outcome tells.
    """

    nodes: tuple[int, ...]
    beside: tuple[object, ...]
    said: Callable[[Smt], Said]
    barring: tuple[int, ...] = ()

    @property
    def key(self) -> object:
        """Equal where two pieces over one graph say the same of every case that neither forbids."""
        return self.nodes, self.beside

    @property
    def rests_on(self) -> tuple[int, ...]:
        """All nodes that may change it."""
        return (*self.nodes, *self.barring)


def aspects(reading: Reading) -> dict[str, Aspect]:
    """Every piece, by name: `outcome`, each bank, `measure:KEY`, `way:KEY` (the outcome when it is asked for), `result:KEY`."""
    found = {"outcome": _outcome(reading, BANKS)} | {bank: _outcome(reading, (bank,)) for bank in BANKS}
    for key in reading.routes:
        found[f"measure:{key}"] = _measure(reading, key)
        found[f"way:{key}"] = _way(reading, key)
    for key in dict.fromkeys(computed.key for computed in reading.computed):
        found[f"result:{key}"] = _result(
            [c for c in reading.computed if c.key == key and c.provision.decides]
        )
    return found


def absent(what: str) -> Aspect:
    """The piece as an answer says it whose law never mentions it."""
    kind = what.partition(":")[0]
    word = {"measure": NOT_REQUIRED, "way": str(Outcome.FORBIDDEN), "result": NONE}[kind]
    return Aspect((), (word,), lambda _: Said({word: True}))


class _Cases:
    """All cases of a formula, as `settle` asks for them; what is asked for is always asked for."""

    def __init__(self, smt: Smt) -> None:
        self.smt = smt
        self.never = Formula(smt.logic, False)

    def truth(self, node: int) -> Pair[Formula]:
        found, logic = self.smt.truth(node), self.smt.logic
        return Pair(Formula(logic, found.may), Formula(logic, logic.no(found.sure)))

    def states(self, fact: str, word: str) -> Formula:
        bit = True if fact == "sought" else self.smt.fact(fact).now[word]
        return Formula(self.smt.logic, bit)


def _outcome(reading: Reading, banks: tuple[str, ...], sought: tuple[str, ...] = ()) -> Aspect:
    roots = [found[bank] for found in (reading.banks, reading.banks_without_memory) for bank in banks]
    silent = not any(rule.provision.decides for rule in reading.rules)

    def said(smt: Smt) -> Said:
        found = settle(reading, _Cases(smt), banks, sought)
        return Said({str(outcome): formula.bit for outcome, formula in found.items()})

    return Aspect(tuple(chain.from_iterable(roots)), (silent, bool(reading.remembered())), said)


def _way(reading: Reading, key: str) -> Aspect:
    found = _outcome(reading, BANKS, (key,))
    barring = tuple(reading.banks[bank].forbidden for bank in BANKS)
    return found._replace(nodes=(*reading.routes[key], *reading.routes_without_memory[key]), barring=barring)


def _measure(reading: Reading, key: str) -> Aspect:
    requiring = [
        rule
        for rule in reading.rules
        if rule.provision.effect.kind == "require"
        and rule.provision.decides
        and rule.provision.route is None
        and key in rule.provision.effect.measures
    ]
    is_open, lifted = reading.routes[key].open, reading.lifted[key]

    def asks(smt: Smt, rule: Rule) -> Bit:
        one_of = rule.provision.effect.one_of
        still = smt.truth(is_open).may if one_of else smt.logic.no(smt.truth(lifted).sure)
        return smt.logic.all((smt.truth(rule.holds).sure, still))

    def said(smt: Smt) -> Said:
        required = smt.logic.any(asks(smt, rule) for rule in requiring)
        return Said({REQUIRED: required, NOT_REQUIRED: smt.logic.no(required)})

    if not requiring:
        return Aspect((), (NOT_REQUIRED,), said)
    ways = tuple(rule.provision.effect.one_of for rule in requiring)
    return Aspect((*(rule.holds for rule in requiring), is_open, lifted), ways, said)


def _result(giving: list[Computed]) -> Aspect:
    """The first that holds gives it; none while an earlier one is undetermined."""

    def said(smt: Smt) -> Said:
        logic, given, value = smt.logic, False, Value(False, False, None)
        for computed in reversed(giving):
            holds, own = smt.truth(computed.holds), _value(smt, computed)
            known = logic.all((holds.sure, logic.no(own.missing)))
            given = logic.any((known, logic.all((logic.no(holds.may), given))))
            value = own if value.now is None else smt.choose(holds.sure, own, value)
        return Said({GIVEN: given, NONE: logic.no(given)}, value)

    return Aspect(tuple(chain(*((c.holds, c.lines[-1].typed.node) for c in giving))), (), said)


def _value(smt: Smt, computed: Computed) -> Value:
    typed: Any = computed.lines[-1].typed
    if typed.base != "bool":
        return smt.value(typed.node)
    truth = smt.truth(typed.node)
    return Value(smt.logic.all((truth.may, smt.logic.no(truth.sure))), False, truth.sure)
