"""One case: the states of a reading become a determination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import cast

from .answer import Determination, MeasureLine, Outcome, ProvisionLine, Referral, ResultStep, ResultValue
from .calendar import Calendars
from .facts import plain
from .graph import asked
from .kleene import FALSE, MISSING, TRUE, UNKNOWN, truth
from .pack import Bank, Provision, Vocabulary
from .point import Evaluator, evaluator
from .verdict import BankRoots, Computed, Reading, Rule

States = Sequence[object]
_RANKED = (Outcome.CLEAR, Outcome.CONDITIONAL, Outcome.REFER, Outcome.FORBIDDEN)
_WEIGHT = {"forbid": 8.0, "refer": 4.0, "require": 2.0}


@dataclass(frozen=True)
class Question:
    """A case ready to be determined: facts as the evaluator reads them, and who asks."""

    values: Mapping[str, object]
    bank: Bank
    day: date
    crosses: str

    @property
    def banks(self) -> tuple[str, ...]:
        """The banks whose law is asked."""
        return ("ml", "hk") if self.bank == "both" else (self.bank,)

    @property
    def held(self) -> frozenset[str]:
        """Measures held."""
        return cast("frozenset[str]", self.values["held"])

    @property
    def sought(self) -> tuple[str, ...]:
        """Measures asked for, in order."""
        return tuple(sorted(cast("frozenset[str]", self.values["sought"])))


class Compiled:
    """A reading with its generated evaluators and the lines that can be written in advance."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary, calendars: Calendars, digest: str) -> None:
        self.calendars = calendars
        self.reading = reading
        self.measures = vocabulary.measures
        self.results = vocabulary.results
        self.digest = digest
        self.implied = _implied_nodes(reading)
        self.roots = self._roots()
        self.place = {root: at for at, root in enumerate(self.roots)}
        self.evaluate: Evaluator = evaluator(reading.graph, self.roots, calendars.after)
        self.lines = [tuple(_line(rule.provision, state) for state in range(4)) for rule in reading.rules]
        self.deciding = [at for at, rule in enumerate(reading.rules) if rule.provision.decides]
        self.gated = [
            key
            for key, measure in self.measures.items()
            if key in reading.routes and measure.kind in ("route", "facility")
        ]
        self._terms: dict[tuple[str, date], tuple[tuple[str, ...], int | None]] = {}

    def _roots(self) -> tuple[int, ...]:
        reading = self.reading
        roots: dict[int, None] = {}
        for group in chain(reading.banks.values(), reading.banks_without_memory.values()):
            roots.update(dict.fromkeys(group))
        for routes in (reading.routes, reading.routes_without_memory):
            for route in routes.values():
                roots.update(dict.fromkeys(route))
        for rule in reading.rules:
            roots.update(dict.fromkeys((rule.holds, rule.unmet)))
        roots.update(dict.fromkeys(reading.lifted.values()))
        for computed in reading.computed:
            roots.update(dict.fromkeys(line.typed.node for line in computed.lines))
        for nodes in self.implied.values():
            roots.update(dict.fromkeys(nodes))
        return tuple(roots)

    @cached_property
    def decide(self) -> Evaluator:
        """Only the roots of the outcome: what a scan or a gate needs."""
        groups = (*self.reading.banks.values(), *self.reading.banks_without_memory.values())
        return evaluator(self.reading.graph, tuple(chain.from_iterable(groups)), self.calendars.after)

    @cached_property
    def every(self) -> Evaluator:
        """The value of each node, for finding what is missing."""
        return evaluator(self.reading.graph, range(len(self.reading.graph.nodes)), self.calendars.after)

    def term(self, measure: str, question: Question) -> tuple[tuple[str, ...], int | None]:
        """Authority and working days of a measure on the day."""
        key = (measure, question.day)
        if key not in self._terms:
            known = self.measures[measure]
            found = known.term(question.day, question.crosses)
            days = found.terms.get("decision_working_days") if found else None
            self._terms[key] = (
                found.authority if found else known.authority,
                days if isinstance(days, int) else None,
            )
        return self._terms[key]


def _line(provision: Provision, state: int) -> ProvisionLine:
    return ProvisionLine(
        provision.id,
        provision.instrument,
        provision.article,
        truth(state),
        provision.effect.kind,
        provision.says,
        provision.source,
        provision.confidence,
        provision.status,
        provision.bank,
    )


def determine(compiled: Compiled, question: Question) -> Determination:
    """The whole answer to a question."""
    return _Case(compiled, question).answer()


class _Case:
    """One question being answered."""

    def __init__(self, compiled: Compiled, question: Question) -> None:
        self.compiled = compiled
        self.question = question
        self.states = compiled.evaluate(question.values)
        self.place = compiled.place

    def state(self, root: int) -> int:
        """The truth of a root."""
        return cast("int", self.states[self.place[root]])

    def answer(self) -> Determination:
        """Outcome first, then what it rests on."""
        compiled, question, reading = self.compiled, self.question, self.compiled.reading
        banks = {bank: self.range(bank) for bank in question.banks}
        if not compiled.deciding:
            banks = dict.fromkeys(banks, (2, 2))
        decisive = {bank: self.decisive(bank, banks[bank]) for bank in question.banks}
        ranges = [(2, 2) if decisive[bank] else banks[bank] for bank in question.banks]
        asked_for = question.sought
        if asked_for:
            least, most = self.sought_range(asked_for)
            barred = any(low == high == 3 for low, high in ranges)
            outcome = Outcome.FORBIDDEN if barred else _outcome(least, most)
        else:
            outcome = _outcome(max(low for low, _ in ranges), max(high for _, high in ranges))
        lines, shadow = self.provisions()
        return Determination(
            outcome=outcome,
            banks={bank: _outcome(*limits) for bank, limits in zip(question.banks, ranges, strict=True)},
            measures=self.measures(),
            provisions=lines,
            missing=self.missing() if outcome is Outcome.UNKNOWN else (),
            results=self.results(),
            refer_to=self.referrals(chain.from_iterable(decisive.values()))
            if outcome is Outcome.REFER
            else (),
            shadow=shadow,
            open_ways=tuple(key for key in compiled.gated if self.state(reading.routes[key].open) == TRUE),
            closed_ways=tuple(key for key in asked_for if self.open_state(key) == FALSE),
            pack_digest=compiled.digest,
            facts=self.stated(),
            implied=self.implied(),
            _still_asked=self.still_asked,
        )

    def range(self, bank: str, *, memory: bool = True) -> tuple[int, int]:
        """The mildest and the severest outcome that the missing facts allow."""
        reading = self.compiled.reading
        return self.limits((reading.banks if memory else reading.banks_without_memory)[bank])

    def limits(self, roots: BankRoots) -> tuple[int, int]:
        """The range of outcomes that three roots allow."""
        forbidden, referred, unmet = (self.state(root) for root in roots)
        least = 3 if forbidden == TRUE else 2 if referred == TRUE else 1 if unmet == TRUE else 0
        most = 3 if forbidden else 2 if referred else 1 if unmet else 0
        return least, most

    def decisive(self, bank: str, limits: tuple[int, int]) -> list[Provision]:
        """Provisions from memory without which a settled outcome of this bank would differ."""
        if limits[0] != limits[1] or limits == self.range(bank, memory=False):
            return []
        return [
            rule.provision
            for rule in self.compiled.reading.rules
            if rule.provision.bank in (bank, "both") and self.weighs(rule)
        ]

    def weighs(self, rule: Rule) -> bool:
        """Whether a provision from memory takes part in the outcome on these facts."""
        provision = rule.provision
        if provision.confidence != "M" or not provision.decides or self.state(rule.holds) != TRUE:
            return False
        if provision.effect.kind == "compute":
            return False
        return provision.effect.kind != "require" or self.state(rule.unmet) == TRUE

    def open_state(self, measure: str) -> int:
        """Whether a measure that is asked for is open; one the law never names is closed."""
        route = self.compiled.reading.routes.get(measure)
        return FALSE if route is None else self.state(route.open)

    def sought_range(self, asked_for: tuple[str, ...]) -> tuple[int, int]:
        """The range of the answer to what is asked for; the worst of several counts."""
        pairs = [self.route_range(measure) for measure in asked_for]
        return max(low for low, _ in pairs), max(high for _, high in pairs)

    def route_range(self, measure: str) -> tuple[int, int]:
        """The range for one measure: closed is forbidden, open and not held is conditional."""
        reading = self.compiled.reading
        route = reading.routes.get(measure)
        if route is None:
            return 3, 3
        is_open, referred, unmet = (self.state(root) for root in route)
        verified = tuple(self.state(root) for root in reading.routes_without_memory[measure])
        if (is_open, referred, unmet) != verified and UNKNOWN not in (is_open, referred, unmet):
            return 2, 2
        waits = unmet == TRUE or measure not in self.question.held
        least = 3 if is_open == FALSE else 0 if is_open == UNKNOWN else 2 if referred == TRUE else int(waits)
        most = 3 if is_open != TRUE else 2 if referred else int(waits or unmet != FALSE)
        return least, most

    def measures(self) -> tuple[MeasureLine, ...]:
        """Every measure certainly required, each alternative on its own line."""
        merged: dict[tuple[str, tuple[str, ...]], tuple[bool, list[str]]] = {}
        banks = (*self.question.banks, "both")
        sought = self.question.sought
        for rule in self.compiled.reading.rules:
            provision = rule.provision
            counts = (
                provision.bank in banks
                and provision.decides
                and (provision.route is None or provision.route in sought)
            )
            if provision.effect.kind != "require" or not counts or self.state(rule.holds) != TRUE:
                continue
            for key, alternatives in self.alternatives(provision):
                held = (
                    key in self.question.held
                    and not provision.effect.afresh
                    and self.open_state(key) != FALSE
                )
                before, names = merged.setdefault((key, alternatives), (True, []))
                merged[key, alternatives] = (before and held, [*names, provision.id])
        return tuple(
            self.measure(key, one_of, held, names) for (key, one_of), (held, names) in merged.items()
        )

    def alternatives(self, provision: Provision) -> list[tuple[str, tuple[str, ...]]]:
        """The measures a requirement asks for, each with its alternatives; closed and lifted ones left out."""
        effect = provision.effect
        if not effect.one_of:
            lifted = self.compiled.reading.lifted
            return [(key, ()) for key in effect.measures if self.state(lifted[key]) != TRUE]
        open_keys = tuple(key for key in effect.measures if self.open_state(key) != FALSE)
        return [(key, open_keys if len(open_keys) > 1 else ()) for key in open_keys]

    def measure(self, key: str, one_of: tuple[str, ...], held: bool, provisions: list[str]) -> MeasureLine:
        """One line."""
        known = self.compiled.measures[key]
        authority, days = self.compiled.term(key, self.question)
        return MeasureLine(key, known.kind, known.bank, one_of, held, authority, days, tuple(provisions))

    def provisions(self) -> tuple[tuple[ProvisionLine, ...], tuple[ProvisionLine, ...]]:
        """The provisions that decide, and those shown beside the answer because they would hold."""
        deciding, shadow = [], []
        banks = (*self.question.banks, "both")
        for rule, lines in zip(self.compiled.reading.rules, self.compiled.lines, strict=True):
            provision = rule.provision
            if provision.bank not in banks or (
                provision.route is not None and provision.route not in self.question.sought
            ):
                continue
            state = self.state(rule.holds)
            if provision.decides:
                deciding.append(lines[state])
            elif state != FALSE:
                shadow.append(lines[state])
        return tuple(deciding), tuple(shadow)

    def results(self) -> dict[str, ResultValue]:
        """Each result by the first provision that holds; none while an earlier one is undetermined."""
        found: dict[str, ResultValue] = {}
        blocked: set[str] = set()
        for computed in self.compiled.reading.computed:
            state = self.state(computed.holds)
            if (
                computed.key in found
                or computed.key in blocked
                or state == FALSE
                or not computed.provision.decides
            ):
                continue
            value = self.value(computed)
            if state == UNKNOWN or value is None:
                blocked.add(computed.key)
            else:
                found[computed.key] = value
        return found

    def value(self, computed: Computed) -> ResultValue | None:
        """A result with its lines, None while a fact it needs is missing."""
        steps = []
        for line in computed.lines:
            raw = self.states[self.place[line.typed.node]]
            if raw is MISSING or (line.typed.base == "bool" and raw == UNKNOWN):
                return None
            shown = raw == TRUE if line.typed.base == "bool" else plain(raw, line.typed.base)
            steps.append(ResultStep(line.name, shown, computed.provision.id))
        unit = self.compiled.results[computed.key].unit
        return ResultValue(steps[-1].value, unit, computed.provision.id, tuple(steps))

    def referrals(self, decisive: chain[Provision]) -> tuple[Referral, ...]:
        """Whose desk the question goes to, and because of which provision."""
        banks, sought = (*self.question.banks, "both"), self.question.sought
        found = {provision.id: provision for provision in decisive}
        for rule in self.compiled.reading.rules:
            provision = rule.provision
            tied = provision.route in sought if sought else provision.route is None
            refers = (
                provision.effect.kind == "refer"
                and tied
                and provision.decides
                and self.state(rule.holds) == TRUE
            )
            memory = (
                bool(sought) and self.weighs(rule) and not set(provision.effect.measures).isdisjoint(sought)
            )
            if provision.bank in banks and (refers or memory):
                found[provision.id] = provision
        return tuple(Referral(provision.id, self.desk(provision)) for provision in found.values())

    def desk(self, provision: Provision) -> str | None:
        """The authority of a provision, or of the measure it requires."""
        if provision.authority is not None or not provision.effect.measures:
            return provision.authority
        return self.compiled.term(provision.effect.measures[0], self.question)[0][0]

    def missing(self) -> tuple[str, ...]:
        """Facts that could still change the outcome, most settling first."""
        reading = self.compiled.reading
        weights: dict[int, float] = {}
        if self.question.sought:
            for key in self.question.sought:
                route = reading.routes.get(key)
                weights.update(dict.fromkeys(route or (), 1.0))
        else:
            for bank in self.question.banks:
                roots = reading.banks[bank]
                weights |= {roots.forbidden: 8.0, roots.referred: 4.0, roots.unmet: 2.0}
        return self.ordered(weights)

    def still_asked(self) -> tuple[str, ...]:
        """Facts that could change the outcome or the measures; none once the outcome is forbidden."""
        ranges = [self.range(bank) for bank in self.question.banks]
        if any(low == 3 for low, _ in ranges):
            return ()
        weights: dict[int, float] = {}
        banks = (*self.question.banks, "both")
        for rule in self.compiled.reading.rules:
            provision = rule.provision
            counts = provision.decides and provision.route is None and provision.bank in banks
            weight = _WEIGHT.get(provision.effect.kind, 0.0)
            if counts and weight:
                weights[rule.holds] = weights.get(rule.holds, 0.0) + weight
        return self.ordered(weights)

    def ordered(self, weights: dict[int, float]) -> tuple[str, ...]:
        """Missing facts by weight, ties in the order of the vocabulary."""
        found = asked(self.compiled.reading.graph, self.compiled.every(self.question.values), weights)
        names = [name for name in self.compiled.reading.facts if name in found]
        return tuple(sorted(names, key=lambda name: -found[name]))

    def stated(self) -> dict[str, object]:
        """The facts used, as they are written."""
        facts = self.compiled.reading.facts
        return {name: plain(value, facts[name].type) for name, value in sorted(self.question.values.items())}

    def implied(self) -> dict[str, object]:
        """Facts nobody stated that the stated ones settle."""
        found: dict[str, object] = {}
        for name, nodes in self.compiled.implied.items():
            values = [value for node in nodes if (value := self.states[self.place[node]]) is not MISSING]
            if values and name not in self.question.values:
                found[name] = values[0]
        return found


def _implied_nodes(reading: Reading) -> dict[str, list[int]]:
    """The nodes of each fact that others may imply."""
    found: dict[str, list[int]] = {}
    for at, node in enumerate(reading.graph.nodes):
        if node.operator == "fact" and node.arguments and isinstance(node.value, tuple):
            found.setdefault(str(node.value[0]), []).append(at)
    return found


def _outcome(least: int, most: int) -> Outcome:
    """The outcome of a range: unknown while its ends differ, forbidden once that is certain."""
    return _RANKED[least] if least == most else Outcome.UNKNOWN
