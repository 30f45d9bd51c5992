"""What can be said of the law itself, whatever the case: what never holds, what nobody speaks for, what contradicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from .dead import dead_parameters, parameters_of
from .graph import Graph
from .kleene import FALSE, TRUE
from .pack import BANKS, Explanation, Interval, Law, Provision, Text
from .point import evaluator
from .resting import Conditions
from .saying import says
from .solver import MOST_STEPS, Undecided
from .verdict import Rule
from .witness import Facts, fewest, written
from .woven import Possible, first_day
from .zone import Zone

_CONTRARY = (("forbid", "permit"), ("forbid", "require"), ("exempt", "require"))
_SPEAKS = ("forbid", "require", "refer", "exempt", "permit")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the law of a flow, direction and period, with a case that shows it (None where none can).

    `provisions` are those it is about (a parameter's name for `dead_parameter`); `explained` is what the packs say of it.
    """

    kind: str
    flow: str
    crosses: str
    bank: str
    period: Interval
    provisions: tuple[str, ...]
    says: Text
    witness: Mapping[str, object] | None
    explained: Explanation | None

    def as_dict(self) -> dict[str, object]:
        """JSON values."""
        return {
            "kind": self.kind,
            "flow": self.flow,
            "crosses": self.crosses,
            "bank": self.bank,
            "period": [day.isoformat() if day else None for day in self.period],
            "provisions": list(self.provisions),
            "says": dict(self.says),
            "witness": self.witness,
            "explained": None if self.explained is None else dict(self.explained.says),
            "undecided": self.explained is not None and self.explained.undecided,
            "from_memory": self.explained is not None and self.explained.remembered,
        }


def findings(
    law: Law,
    *,
    flow: str | None = None,
    touching: frozenset[str] | None = None,
    steps: int = MOST_STEPS,
) -> tuple[Finding, ...]:
    """Everything found about the law (of one flow), explained or not, in the order of flows, directions and provisions.

    With `touching`, only what is about those provisions or parameters (and the gaps of their flows): what a draft page asks after each
    change. Cases have every fact stated and a day from 1900 to 2199. Deterministic: z3 is limited in steps, not time, and what it does
    not settle is a finding of kind `unsettled`.
    """
    zone = Zone(law)
    found: list[Finding] = []
    for name in zone.flows if flow is None else (flow,):
        found += _Flow(zone, name, touching, steps).findings()
    found += [
        _dead(law, *dead) for dead in dead_parameters(law, flow) if touching is None or dead[0] in touching
    ]
    return tuple(found)


def _dead(law: Law, name: str, period: Interval) -> Finding:
    where = {"flow": "", "crosses": "", "bank": ""}
    explained = _explained(law, "dead_parameter", where, (name,), period)
    return Finding(
        "dead_parameter", "", "", "", period, (name,), says("dead_parameter", (name,)), None, explained
    )


def _explained(
    law: Law, kind: str, where: Mapping[str, str], names: Sequence[str], period: Interval
) -> Explanation | None:
    return next((e for e in law.explained if e.explains(kind, where, names, period)), None)


@dataclass(frozen=True, slots=True)
class _Raw:
    """A finding in one period, before periods are joined."""

    kind: str
    bank: str
    provisions: tuple[str, ...]
    facts: Facts | None
    holds: tuple[int, ...] = ()
    fails: tuple[int, ...] = ()


class _Flow:
    """The findings of one flow, all its directions and periods in one graph."""

    def __init__(self, zone: Zone, flow: str, touching: frozenset[str] | None, steps: int) -> None:
        self.zone = zone
        self.flow = flow
        self.specs = zone.facts_of(flow)
        self.touching = None if touching is None else _resting_on(zone, touching)
        self.possible = Possible(self.specs, zone.calendars.after, steps=steps)
        bearing = [p for p in zone.law.provisions if flow in p.flows and p.decides]
        pairs = permutations(bearing, 2)
        self.related = [
            (one.id, two.id) for one, two in pairs if _same_effect(one, two) or _contrary(one, two)
        ]

    def findings(self) -> Iterator[Finding]:
        """All of them, those of neighbouring periods as one."""
        conditions = Conditions(self.zone.law, self.possible.graph)
        laid = {crosses: list(self._readings(crosses, conditions)) for crosses in self.zone.directions}
        rules = [rule for readings in laid.values() for _, rules in readings for rule in rules]
        periods = [period for readings in laid.values() for period, _ in readings]
        self.possible.watch([node for rule in rules for node in rule[1:]], periods)
        for crosses, readings in laid.items():
            joined: dict[object, list[tuple[Interval, _Raw]]] = {}
            for period, in_force in readings:
                look = _Period(self, period, in_force)
                for raw in look.raw():
                    spans = joined.setdefault((raw.kind, raw.bank, raw.provisions), [])
                    if spans and spans[-1][0].until_on == period.from_on:
                        spans[-1] = (Interval(spans[-1][0].from_on, period.until_on), raw)
                    else:
                        spans.append((period, raw))
            for spans in joined.values():
                yield from (self._finding(crosses, period, raw) for period, raw in spans)

    def _readings(self, crosses: str, conditions: Conditions) -> Iterator[tuple[Interval, tuple[Rule, ...]]]:
        days = self.zone.periods(self.flow, crosses)
        for at, day in enumerate(days):
            rules = self.zone.rules(self.flow, crosses, day, conditions)
            if rules:
                yield Interval(day if at else None, days[at + 1] if at + 1 < len(days) else None), rules

    def _finding(self, crosses: str, period: Interval, raw: _Raw) -> Finding:
        where = {"flow": self.flow, "crosses": crosses, "bank": raw.bank}
        explained = _explained(self.zone.law, raw.kind, where, raw.provisions, period)
        witness = None
        if raw.facts is not None:
            witness = {"flow": self.flow, "crosses": crosses, **self._shown(raw.facts, raw, period)}
        return Finding(
            raw.kind,
            self.flow,
            crosses,
            raw.bank,
            period,
            raw.provisions,
            says(raw.kind, raw.provisions),
            witness,
            explained,
        )

    def _shown(self, facts: Facts, raw: _Raw, period: Interval) -> dict[str, object]:
        """The case with the fewest facts on which the nodes are still so, as it is written."""
        states = evaluator(self.possible.graph, (*raw.holds, *raw.fails), self.zone.calendars.after)
        wanted = (*(TRUE for _ in raw.holds), *(FALSE for _ in raw.fails))

        def shows(case: Facts) -> bool:
            return states({"held": frozenset(), "sought": frozenset(), **case}) == wanted

        begins = {**facts, "on": first_day(period).toordinal()}
        return written(fewest(begins if shows(begins) else facts, shows), self.specs)


class _Period:
    """What is found in one direction and period."""

    def __init__(self, flow: _Flow, period: Interval, rules: tuple[Rule, ...]) -> None:
        self.flow = flow
        self.graph: Graph = flow.possible.graph
        self.period = period
        self.rules = rules
        self.deciding = [rule for rule in rules if rule.provision.decides]
        self.order = {rule.provision.id: at for at, rule in enumerate(rules)}

    def raw(self) -> Iterator[_Raw]:
        """Every finding, in the order of kinds."""
        for rule in self.rules:
            yield from self._settled(self._never, rule)
        by_id = {rule.provision.id: rule for rule in self.deciding}
        for first, second in self.flow.related:
            one, two = by_id.get(first), by_id.get(second)
            if one is not None and two is not None:
                same = one.provision.effect.kind == two.provision.effect.kind
                yield from self._settled(self._says_the_same if same else self._contradicts, one, two)
        if self.deciding:
            for bank in BANKS:
                yield from self._gap(bank)

    def _settled(self, look: Callable[..., _Raw | None], *rules: Rule) -> Iterator[_Raw]:
        """What a look at some rules finds; that z3 stopped is a finding too."""
        names = tuple(rule.provision.id for rule in rules)
        if self.flow.touching is not None and self.flow.touching.isdisjoint(names):
            return
        try:
            found = look(*rules)
        except Undecided:
            found = _Raw("unsettled", rules[0].provision.bank, names, None)
        if found is not None:
            yield found

    def case(self, holds: Sequence[int], fails: Sequence[int] = ()) -> Facts | None:
        return self.flow.possible.case(holds, fails, self.period)

    def _raw(self, kind: str, rules: Sequence[Rule], holds: Sequence[int], facts: Facts) -> _Raw:
        names = tuple(rule.provision.id for rule in rules)
        return _Raw(kind, rules[0].provision.bank, names, facts, tuple(holds))

    def _never(self, rule: Rule) -> _Raw | None:
        """A provision that never holds: by its own condition, or because others always stand in its way."""
        if self.case([rule.holds]) is not None:
            return None
        facts = self.case([rule.when])
        if facts is None:
            return _Raw("unreachable", rule.provision.bank, (rule.provision.id,), None)
        in_its_way = [other for other in self.rules if self._before(other.provision, rule.provision)]
        return self._raw("shadowed", (rule, *in_its_way), [rule.when], facts)

    def _before(self, other: Provision, provision: Provision) -> bool:
        """Whether a provision is one that another yields to, or that lifts what it requires."""
        lifts = other.effect.kind == "exempt" and provision.effect.kind == "require"
        return other.id in provision.unless or (
            lifts and not set(other.effect.measures).isdisjoint(provision.effect.measures)
        )

    def _says_the_same(self, rule: Rule, other: Rule) -> _Raw | None:
        """A provision beside which another with the same effect always holds."""
        later = self._later(rule, other)
        if rule.provision.effect.kind == "compute" and not later:
            return None
        if self.case([rule.holds], [other.holds]) is not None:
            return None
        facts = self.case([rule.holds])
        mutual = facts is not None and not later and self.case([other.holds], [rule.holds]) is None
        return None if facts is None or mutual else self._raw("shadowed", (rule, other), [rule.holds], facts)

    def _later(self, rule: Rule, other: Rule) -> bool:
        return self.order[rule.provision.id] > self.order[other.provision.id]

    def _contradicts(self, rule: Rule, other: Rule) -> _Raw | None:
        """Two provisions that cannot both be followed, on a case where both hold and neither yields."""
        one, two = rule.provision, other.provision
        closes = (one.effect.kind, two.effect.kind) == ("forbid", "require")
        across = closes and {one.bank, two.bank} == set(BANKS)
        holds = [rule.stands, other.no_way if closes else other.stands]
        facts = self.case(holds)
        return (
            None
            if facts is None
            else self._raw("no_way_across" if across else "conflict", (rule, other), holds, facts)
        )

    def _gap(self, bank: str) -> Iterator[_Raw]:
        """A case of which no provision of a bank speaks, but those that speak of every case."""
        speaking = [
            rule
            for rule in self.deciding
            if rule.provision.bank in (bank, "both")
            and rule.provision.effect.kind in _SPEAKS
            and rule.provision.route is None
            and self.graph.constant(rule.when) is None
        ]
        if self.flow.touching is not None and self.flow.touching.isdisjoint(r.provision.id for r in speaking):
            return
        stands = [rule.stands for rule in speaking]
        try:
            facts = self.case((), stands)
        except Undecided:
            yield _Raw("unsettled", bank, (), None)
            return
        if facts is not None:
            yield _Raw("gap", bank, (), facts, fails=tuple(stands))


def _same_effect(one: Provision, two: Provision) -> bool:
    kind = one.effect.kind
    if kind != two.effect.kind or kind == "state" or (one.bank, one.route) != (two.bank, two.route):
        return False
    if kind == "compute":
        return one.effect.result == two.effect.result
    return one.effect == two.effect and (kind != "refer" or one.authority == two.authority)


def _contrary(one: Provision, two: Provision) -> bool:
    """Whether two provisions of different instruments say contrary things of one measure, and neither yields to the other."""
    return (
        (one.effect.kind, two.effect.kind) in _CONTRARY
        and not set(one.effect.measures).isdisjoint(two.effect.measures)
        and one.instrument != two.instrument
        and one.id not in two.unless
        and two.id not in one.unless
    )


def _resting_on(zone: Zone, names: frozenset[str]) -> frozenset[str]:
    """These provisions, and those that read one of these parameters."""
    reading = {p.id for p in zone.law.provisions if not names.isdisjoint(parameters_of(zone.law, p))}
    return names | reading
