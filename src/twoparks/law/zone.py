"""The law of a zone, ready to be asked: what callers outside this package use."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .answer import Determination, Outcome
from .calendar import Calendars
from .change import Change, TooMany, fact_changes, smallest_change
from .check import condition
from .compiled import Compiled, Question
from .determine import determine
from .facts import FactError, Problem, Wanted, read
from .graph import Graph
from .pack import (
    LANGUAGES,
    Authority,
    Bank,
    DatedParameter,
    FactSpec,
    Instrument,
    Law,
    Measure,
    MeasureTerm,
    PackError,
    Provision,
    Text,
)
from .path import Plan, plan
from .reading import read_law
from .resting import Conditions
from .scope import Scope
from .verdict import Given, Reading, Rule, build, in_order, rules

_PARAMETER = re.compile(r"param\.(\w+)")


class Facts(Mapping[str, FactSpec]):
    """Facts by name over all flows; a name that flows read differently must be asked of one flow."""

    def __init__(self, specs: tuple[FactSpec, ...]) -> None:
        self._by_name: dict[str, list[FactSpec]] = {}
        for spec in specs:
            self._by_name.setdefault(spec.name, []).append(spec)

    def __getitem__(self, name: str) -> FactSpec:
        found = self._by_name[name]
        if len(found) > 1:
            flows = ", ".join(flow for spec in found for flow in spec.flows)
            raise KeyError(f"{name} is read differently by {flows}; use facts_of(flow)[{name!r}]")
        return found[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


class Zone:
    """The packs of a zone. Reading them is done once; each flow, direction and period is compiled when first asked."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.digest = law.digest
        self.facts: Mapping[str, FactSpec] = Facts(law.vocabulary.facts)
        self.measures: Mapping[str, Measure] = law.vocabulary.measures
        self.authorities: Mapping[str, Authority] = law.vocabulary.authorities
        self.instruments: Mapping[str, Instrument] = law.instruments
        self.parameters: Mapping[str, DatedParameter] = law.parameters
        self.provisions: Mapping[str, Provision] = {provision.id: provision for provision in law.provisions}
        self.calendars = Calendars(law.calendar)
        self.flows = self.facts["flow"].values
        self.directions = self.facts["crosses"].values
        self._facts_of = {
            flow: {s.name: s for s in law.vocabulary.facts if flow in s.flows} for flow in self.flows
        }
        self._turning_days: dict[tuple[str, str], list[int]] = {}
        self._gated = {flow: self._gated_in(flow) for flow in self.flows}
        self._compiled: dict[tuple[str, str, int], Compiled] = {}

    @classmethod
    def read(cls, folder: Path) -> Zone:
        """The zone whose packs stand below `folder`; PackError where they cannot be read."""
        return cls(read_law(folder))

    def facts_of(self, flow: str) -> Mapping[str, FactSpec]:
        """The facts that may be stated in a flow, by name, in the order of the vocabulary."""
        return self._facts_of[flow]

    def parameter(self, name: str, on: date) -> int | date | None:
        """A dated parameter's value on a day, None before it had one."""
        found = self.parameters[name].on(on)
        return None if found is None else found.value

    def cite(self, article: str) -> Text:
        """An article as it is cited in each language: a phrase by its entry among the citations, numbers as they are."""
        return self.law.citations.get(article) or dict.fromkeys(LANGUAGES, article)

    def check_facts(self, facts: Mapping[str, object]) -> list[Problem]:
        """What is wrong with stated facts, [] when they can be determined."""
        return self._read(facts, None)[1]

    def determine(
        self, facts: Mapping[str, object], bank: Bank = "both", on: date | None = None
    ) -> Determination:
        """The answer of the law on the day `on` (or the fact `on`); FactError names every fact that cannot be used.

        With a non-empty `sought` the answer is for those measures only; ask with it empty before anything crosses.
        """
        return determine(*self._question(facts, bank, on))

    def what_if(self, facts: Mapping[str, object], bank: Bank = "both", on: date | None = None) -> Change:
        """The fewest changes, of facts the applicant can change, that lead to clear or conditional, and the plan of
        the measures then to be obtained; FactError as `determine`."""
        compiled, question = self._question(facts, bank, on)
        before = determine(compiled, question)
        if before.outcome is Outcome.UNKNOWN:
            return Change(before.outcome, None, (), before.missing, Plan(), self.digest)
        try:
            changed = smallest_change(compiled, question)
        except TooMany:
            return Change(before.outcome, None, (), (), Plan(), self.digest, searched=False)
        if changed is None:
            return Change(before.outcome, None, (), (), Plan(), self.digest)
        then = determine(
            compiled, Question({**question.values, **changed}, bank, question.day, question.crosses)
        )
        changes = fact_changes(compiled, question.values, changed)
        needed = plan(then, self.measures, self.calendars, question.day)
        return Change(before.outcome, then.outcome, changes, (), needed, self.digest)

    def _question(
        self, facts: Mapping[str, object], bank: Bank, on: date | None
    ) -> tuple[Compiled, Question]:
        values, problems = self._read(facts, on)
        if problems:
            raise FactError(problems)
        day = date.fromordinal(_number(values["on"]))
        crosses = str(values["crosses"])
        compiled = self.compiled(str(values["flow"]), crosses, day)
        return compiled, Question(values, bank, day, crosses)

    def relevant_facts(self, flow: str, crosses: str, known_facts: Mapping[str, object]) -> tuple[str, ...]:
        """The facts that the law of both banks still needs, most settling first; ("on",) while the day is not known.

        What is about another fact that is open as well comes once that one is known.
        """
        if "on" not in known_facts:
            return ("on",)
        found = self.determine({**known_facts, "flow": flow, "crosses": crosses, "sought": []})
        needed, specs = found.open_questions, self.facts_of(flow)
        return tuple(name for name in needed if specs[name].after not in needed)

    def compiled(self, flow: str, crosses: str, day: date) -> Compiled:
        """The reading of a flow and direction in the period of `day`; PackError where a condition does not fit."""
        period = self.period(flow, crosses, day)
        key = (flow, crosses, period)
        if key not in self._compiled:
            turning = self._turning(flow, crosses)
            self._compiled[key] = self._compile(
                flow, crosses, date.fromordinal(turning[period - 1] if period else 1)
            )
        return self._compiled[key]

    def period(self, flow: str, crosses: str, day: date) -> int:
        """The place, among `periods`, of the one in which `day` lies."""
        return bisect_right(self._turning(flow, crosses), day.toordinal())

    def periods(self, flow: str, crosses: str) -> list[date]:
        """The first day of every period in which the law of this flow and direction does not change."""
        return [date.min, *(date.fromordinal(day) for day in self._turning(flow, crosses))]

    def _turning(self, flow: str, crosses: str) -> list[int]:
        if (flow, crosses) not in self._turning_days:
            self._turning_days[flow, crosses] = turning_days(self.law, flow, crosses)
        return self._turning_days[flow, crosses]

    def rules(self, flow: str, crosses: str, day: date, conditions: Conditions) -> tuple[Rule, ...]:
        """The rules of a flow and direction on a day, in one graph with those of other days and directions of the flow."""
        scope = self.scope(flow, crosses, day, conditions.graph)
        provisions = self.in_force(flow, crosses, day)
        whens = {provision.id: conditions.node(provision.when, scope) for provision in provisions}
        given = Given(scope.graph, self.measures, self._gated[flow], whens, tuple(in_order(provisions)))
        built = {rule.provision.id: rule for rule in rules(given)}
        return tuple(built[provision.id] for provision in provisions)

    def scope(self, flow: str, crosses: str, day: date, graph: Graph | None = None) -> Scope:
        """What names mean in a flow and direction on a day, over this graph or one of its own."""
        law = self.law
        return Scope(
            graph=graph or Graph(),
            facts=self._facts_of[flow],
            constants={"flow": flow, "crosses": crosses},
            definitions={
                d.name: d.means for d in law.definitions if flow in d.flows and d.in_force.covers(day)
            },
            parameters={
                p.name: (p.type, _number(v.value))
                for p in law.parameters.values()
                if (v := p.on(day)) is not None
            },
        )

    def in_force(self, flow: str, crosses: str, day: date) -> list[Provision]:
        """The provisions of a flow and direction on a day, in the order in which they are written."""
        return [
            provision
            for provision in self.law.provisions
            if flow in provision.flows and crosses in provision.crosses and provision.in_force.covers(day)
        ]

    def _compile(self, flow: str, crosses: str, day: date) -> Compiled:
        return Compiled(self.reading(flow, crosses, day), self.law.vocabulary, self.calendars, self.digest)

    def reading(self, flow: str, crosses: str, day: date) -> Reading:
        """The law of a flow and direction on a day as a graph, not yet made ready to answer."""
        scope, provisions = self.scope(flow, crosses, day), self.in_force(flow, crosses, day)
        reading = build(provisions, scope, self.measures, self._gated[flow])
        for measure in self.measures.values():
            for at, term in enumerate(measure.terms) if flow in measure.flows else ():
                if term.when is not None and term.in_force.covers(day):
                    reading.terms[measure.key, at] = condition(term.when, scope)
        return reading

    def _gated_in(self, flow: str) -> frozenset[str]:
        permits = (p for p in self.law.provisions if flow in p.flows and p.effect.kind == "permit")
        return frozenset(measure for provision in permits for measure in provision.effect.measures)

    def _read(self, facts: Mapping[str, object], on: date | None) -> tuple[dict[str, Any], list[Problem]]:
        stated = dict(facts)
        if on is not None:
            stated["on"] = on
        flow = stated.get("flow")
        specs = self._facts_of.get(str(flow), {"flow": self.facts["flow"]})
        values, problems = read(stated, specs)
        if flow not in self._facts_of:
            problems = [problem for problem in problems if problem.name == "flow"]
        for name in ("flow", "crosses", "on"):
            if name not in stated:
                spec = self.facts[name]
                accepted = f"accepted are {', '.join(spec.values) or 'a day, YYYY-MM-DD'}"
                wanted = Wanted.WORD if spec.values else Wanted.DAY
                problems.append(Problem(name, None, "is not stated", accepted, wanted, spec=spec))
        values.setdefault("held", frozenset())
        values.setdefault("sought", frozenset())
        return values, problems


def _number(value: object) -> int:
    """A parameter or day as the evaluator reads it."""
    if isinstance(value, date):
        return value.toordinal()
    if not isinstance(value, int):
        raise PackError(f"{value!r} is neither a number nor a day")
    return value


def turning_days(law: Law, flow: str, crosses: str) -> list[int]:
    """Every day on which something of a flow and direction comes into force or ends, as ordinals in order."""
    provisions = [p for p in law.provisions if flow in p.flows and crosses in p.crosses]
    definitions = [d for d in law.definitions if flow in d.flows]
    named = set(_PARAMETER.findall(" ".join(conditions_of(law, flow, crosses))))
    intervals = [provision.in_force for provision in provisions] + [
        definition.in_force for definition in definitions
    ]
    intervals += [term.in_force for term in _conditional_terms(law, flow)]
    intervals += [
        value.in_force for name in named & set(law.parameters) for value in law.parameters[name].values
    ]
    return sorted({day.toordinal() for interval in intervals for day in interval if day is not None})


def conditions_of(law: Law, flow: str, crosses: str | None = None) -> Iterator[str]:
    """Every condition and amount of a flow (in one direction), as written."""
    for provision in law.provisions:
        if flow in provision.flows and (crosses is None or crosses in provision.crosses):
            yield from _texts(provision)
    yield from (d.means.text for d in law.definitions if flow in d.flows)
    yield from (term.when.text for term in _conditional_terms(law, flow) if term.when is not None)
    for spec in law.vocabulary.facts:
        yield from (rule.when.text for rule in spec.implied if flow in spec.flows)


def _conditional_terms(law: Law, flow: str) -> list[MeasureTerm]:
    """The entries of the flow's measures that apply to some cases only."""
    measures = (measure for measure in law.vocabulary.measures.values() if flow in measure.flows)
    return [term for measure in measures for term in measure.terms if term.when is not None]


def _texts(provision: Provision) -> Iterator[str]:
    """Every expression a provision holds, as written."""
    yield provision.when.text
    if provision.effect.value is not None:
        yield provision.effect.value.text
    yield from (step.value.text for step in provision.effect.steps)
