"""One case: the states of a reading become a determination."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .answer import Determination, MeasureLine, Outcome, ProvisionLine, Referral, ResultStep, ResultValue
from .compiled import Asked, Compiled, Question
from .facts import plain
from .graph import asked
from .kleene import FALSE, MISSING, TRUE, UNKNOWN
from .outcome import Weighing
from .pack import Provision
from .verdict import Computed

_WEIGHT = {"forbid": 8.0, "refer": 4.0, "require": 2.0}


def determine(compiled: Compiled, question: Question) -> Determination:
    """The whole answer to a question."""
    return _Case(compiled, question).answer()


class _Case:
    """One question being answered."""

    def __init__(self, compiled: Compiled, question: Question) -> None:
        # The evaluator is generated: a root holds a truth (int) or a value of its fact's type, which only the graph knows.
        self.compiled = compiled
        self.question = question
        self.states: tuple[Any, ...] = compiled.evaluate(question.values)
        self.place = compiled.place
        self.weighing = Weighing(compiled, question, self.states)

    def state(self, root: int) -> int:
        """The truth of a root."""
        state: int = self.states[self.place[root]]
        return state

    def answer(self) -> Determination:
        """Outcome first, then what it rests on."""
        compiled, question, states = self.compiled, self.question, self.states
        settled = self.weighing.settle()
        deciding, shadow = self.provisions()
        return Determination(
            outcome=settled.outcome,
            banks=settled.banks,
            measures=self.measures(),
            provisions=deciding,
            missing=self.missing() if settled.outcome is Outcome.UNKNOWN else (),
            results=self.results(),
            refer_to=self.referrals(settled.decisive) if settled.outcome is Outcome.REFER else (),
            shadow=shadow,
            open_ways=tuple(key for key, at in compiled.gated if states[at] == TRUE),
            closed_ways=tuple(key for key in question.sought if self.weighing.open_state(key) == FALSE),
            pack_digest=compiled.digest,
            _case=self,
        )

    def measures(self) -> tuple[MeasureLine, ...]:
        """Every measure certainly required, each alternative on its own line, and what is sought and not closed."""
        merged: dict[tuple[str, tuple[str, ...]], tuple[bool, list[str]]] = {}
        states, compiled = self.states, self.compiled
        for at, provision in compiled.view(self.question).requires:
            if states[at] != TRUE:
                continue
            for key, alternatives in self.alternatives(provision):
                held = (
                    key in self.question.held
                    and not provision.effect.afresh
                    and self.weighing.open_state(key) != FALSE
                )
                before, names = merged.setdefault((key, alternatives), (True, []))
                merged[key, alternatives] = (before and held, [*names, provision.id])
        listed = {key for key, _ in merged}
        for key in self.question.sought:
            if key not in listed and self.weighing.open_state(key) != FALSE:
                merged[key, ()] = (key in self.question.held, self.permitting(key))
        return tuple(
            compiled.measure_line(
                Asked(key, one_of, held, tuple(names), self.sure(key, one_of)),
                compiled.term(key, self.question, states),
            )
            for (key, one_of), (held, names) in merged.items()
        )

    def sure(self, measure: str, one_of: tuple[str, ...]) -> bool:
        """Whether no fact could still close it; what is required without a choice is required whatever is open."""
        chosen = bool(one_of) or measure in self.question.sought
        return not chosen or self.weighing.open_state(measure) == TRUE

    def permitting(self, measure: str) -> list[str]:
        """The provisions that open a measure on these facts."""
        return [
            rule.provision.id
            for rule in self.compiled.reading.rules
            if rule.provision.effect.kind == "permit"
            and measure in rule.provision.effect.measures
            and rule.provision.decides
            and self.state(rule.holds) == TRUE
        ]

    def alternatives(self, provision: Provision) -> list[tuple[str, tuple[str, ...]]]:
        """The measures a requirement asks for, each with its alternatives; closed and lifted ones left out."""
        effect = provision.effect
        if not effect.one_of:
            lifted = self.compiled.reading.lifted
            return [(key, ()) for key in effect.measures if self.state(lifted[key]) != TRUE]
        open_keys = tuple(key for key in effect.measures if self.weighing.open_state(key) != FALSE)
        return [(key, open_keys if len(open_keys) > 1 else ()) for key in open_keys]

    def provisions(self) -> tuple[tuple[ProvisionLine, ...], tuple[ProvisionLine, ...]]:
        """The provisions that decide, and those shown beside the answer because they would hold."""
        states = self.states
        view = self.compiled.view(self.question)
        deciding = tuple(lines[states[at]] for at, lines in view.deciding)
        return deciding, tuple(lines[states[at]] for at, lines in view.shadow if states[at] != FALSE)

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
        unit = self.compiled.results[computed.key].unit
        steps = []
        for line in computed.lines:
            raw = self.states[self.place[line.typed.node]]
            if raw is MISSING or (line.typed.base == "bool" and raw == UNKNOWN):
                return None
            shown = raw == TRUE if line.typed.base == "bool" else plain(raw, line.typed.base)
            steps.append(ResultStep(line.name, shown, computed.provision.id, line.unit or unit))
        return ResultValue(steps[-1].value, unit, computed.provision.id, tuple(steps))

    def referrals(self, decisive: Iterable[Provision]) -> tuple[Referral, ...]:
        """Whose desk the question goes to, and because of which provision."""
        compiled, sought = self.compiled, set(self.question.sought)
        found = {provision.id: provision for provision in decisive}
        for rule in compiled.referring:
            provision = rule.provision
            tied = provision.route in sought if sought else provision.route is None
            if tied and self.state(rule.holds) == TRUE:
                found[provision.id] = provision
        for rule in compiled.memory if sought else ():
            if self.weighing.weighs(rule) and not sought.isdisjoint(rule.provision.effect.measures):
                found[rule.provision.id] = rule.provision
        banks = (*self.question.banks, "both")
        return tuple(Referral(p.id, self.desk(p)) for p in found.values() if p.bank in banks)

    def desk(self, provision: Provision) -> str | None:
        """The authority of a provision, or of the measure it requires."""
        if provision.authority is not None or not provision.effect.measures:
            return provision.authority
        measure = provision.effect.measures[0]
        term = self.compiled.term(measure, self.question, self.states)
        return (self.compiled.measures[measure].authority if term is None else term.authority)[0]

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
        """Facts that could change the outcome, the measures or which alternatives are open; none once it is forbidden."""
        if self.weighing.barred():
            return ()
        reading = self.compiled.reading
        weights = {reading.banks[bank].forbidden: 1.0 for bank in self.question.banks}
        banks = (*self.question.banks, "both")
        for rule in reading.rules:
            provision = rule.provision
            counts = provision.decides and provision.route is None and provision.bank in banks
            weight = _WEIGHT.get(provision.effect.kind, 0.0)
            closes = provision.effect.kind == "forbid" and provision.effect.measures
            if counts and weight and not closes:
                weights[rule.holds] = weights.get(rule.holds, 0.0) + weight
        for line in self.measures():
            if not line.sure and not line.held:
                weights[reading.routes[line.id].open] = 1.0
        asked = self.ordered(weights)
        if self.weighing.settle().outcome is not Outcome.UNKNOWN:
            return asked
        # Whether a measure that is held serves at all may rest on facts that no requirement asks.
        return (*asked, *(name for name in self.missing() if name not in asked))

    def ordered(self, weights: dict[int, float]) -> tuple[str, ...]:
        """Missing facts, those that all else is about first, then by weight; ties in the order of the vocabulary."""
        found = asked(self.compiled.reading.graph, self.compiled.every(self.question.values), weights)
        names = [name for name in self.compiled.reading.facts if name in found]
        facts = self.compiled.reading.facts
        return tuple(sorted(names, key=lambda name: (not facts[name].first, -found[name])))

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
