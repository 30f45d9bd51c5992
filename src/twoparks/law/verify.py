"""What `twoparks law test` finds wrong with packs without running a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from .cases import Case
from .facts import FactError
from .pack import LANGUAGES, Interval, PackError, Provision
from .zone import Zone


def faults(zone: Zone, cases: Iterable[Case]) -> list[str]:
    """Every fault: conditions that do not fit, parameters that overlap, missing names, provisions without a case."""
    return standing_faults(zone, zone.flows) or [*_left_over(zone)] or list(_untested(zone, cases))


def standing_faults(zone: Zone, flows: Sequence[str]) -> list[str]:
    """The faults of the law as it stands in these flows, whatever its cases: it compiles, nothing has two values, all is named."""
    return [*_compiling(zone, flows), *overlaps(zone)] or [*_names(zone, flows), *_citations(zone)]


def _compiling(zone: Zone, flows: Sequence[str]) -> Iterator[str]:
    """Each flow, direction and period must compile."""
    seen: set[str] = set()
    for flow in flows:
        for crosses in zone.directions:
            for day in zone.periods(flow, crosses):
                try:
                    zone.compiled(flow, crosses, day)
                except PackError as error:
                    message = f"{error} (flow {flow}, crosses {crosses}, from {day})"
                    if str(error) not in seen:
                        yield message
                    seen.add(str(error))


def overlaps(zone: Zone) -> Iterator[str]:
    """A parameter has one value a day, and a definition one meaning in a flow."""
    for parameter in zone.parameters.values():
        for day in _twice([value.in_force for value in parameter.values]):
            yield f"{parameter.place}: {parameter.name} has two values on {day}"
    for flow in zone.flows:
        meanings: dict[str, list[Interval]] = {}
        for definition in zone.law.definitions:
            if flow in definition.flows:
                meanings.setdefault(definition.name, []).append(definition.in_force)
                for day in _twice(meanings[definition.name])[:1]:
                    yield f"{definition.means.place}: {definition.name} has two meanings on {day}"


def _twice(intervals: Sequence[Interval]) -> list[date]:
    """The first day that each interval shares with an earlier one."""
    found = []
    for at, later in enumerate(intervals):
        for earlier in intervals[:at]:
            begins = max(later.from_on or date.min, earlier.from_on or date.min)
            if later.covers(begins) and earlier.covers(begins):
                found.append(begins)
    return found


def _names(zone: Zone, flows: Sequence[str]) -> Iterator[str]:
    """Whatever a deciding provision names is named in three languages, and so is every fact it asks."""
    for provision in zone.provisions.values():
        for key in provision.effect.measures:
            if set(zone.measures[key].name) != set(LANGUAGES):
                yield f"{provision.place}: {provision.id} names {key}, which no pack names in three languages"
    for flow, facts in _asked(zone, flows).items():
        for name in sorted(facts):
            spec = zone.facts_of(flow)[name]
            if set(spec.question) != set(LANGUAGES):
                yield f"questions: {name} is asked by {flow} and has no question in three languages"
            unlabelled = [value for value in spec.values if value not in spec.value_labels]
            if unlabelled and name not in ("held", "sought", "flow", "crosses"):
                yield f"questions: {name} of {flow} has no label for {', '.join(unlabelled)}"


def _citations(zone: Zone) -> Iterator[str]:
    """Words in an article are said in three languages."""
    for article in sorted(_articles(zone) - set(zone.law.citations)):
        if any(letter.isalpha() for letter in article):
            yield f"citations: {article!r} is not said in three languages"


def _left_over(zone: Zone) -> Iterator[str]:
    """Nothing is said of an article that nobody cites."""
    for article in sorted(set(zone.law.citations) - _articles(zone)):
        yield f"citations: nothing is cited as {article!r}"


def _articles(zone: Zone) -> set[str]:
    found = {p.article for p in zone.provisions.values()}
    found |= {value.article for parameter in zone.parameters.values() for value in parameter.values}
    found |= {one.article for measure in zone.measures.values() for one in measure.serves}
    return found | {term.article for measure in zone.measures.values() for term in measure.terms}


def _asked(zone: Zone, flows: Sequence[str]) -> dict[str, set[str]]:
    """The facts that conditions of each flow use."""
    found: dict[str, set[str]] = {}
    for flow in flows:
        names: set[str] = set()
        for crosses in zone.directions:
            for day in zone.periods(flow, crosses):
                nodes = zone.compiled(flow, crosses, day).reading.graph.nodes
                names |= {
                    str(node.value[0])
                    for node in nodes
                    if node.operator == "fact" and isinstance(node.value, tuple)
                }
        found[flow] = names - {"held", "sought", "on"}
    return found


def _untested(zone: Zone, cases: Iterable[Case]) -> Iterator[str]:
    """A provision needs a case in which it holds and one in which it does not."""
    held: set[str] = set()
    not_held: set[str] = set()
    for case in cases:
        try:
            answer = zone.determine(case.facts)
        except FactError:
            continue
        for line in (*answer.provisions, *answer.shadow):
            if line.holds is not None:
                (held if line.holds else not_held).add(line.id)
        not_held |= _absent(zone, answer.provisions, case)
    for provision in zone.provisions.values():
        if provision.id not in held:
            yield f"{provision.place}: no case in which {provision.id} holds"
        elif provision.id not in not_held and provision.when.text != "true":
            yield f"{provision.place}: no case in which {provision.id} does not hold"


def _absent(zone: Zone, lines: Iterable[object], case: Case) -> set[str]:
    """Shadow provisions that were considered and did not hold leave no line."""
    flow, crosses = case.facts.get("flow"), case.facts.get("crosses")
    shown = {getattr(line, "id", "") for line in lines}

    def considered(provision: Provision) -> bool:
        return flow in provision.flows and crosses in provision.crosses and not provision.decides

    return {
        provision.id
        for provision in zone.provisions.values()
        if considered(provision) and provision.id not in shown
    }
