"""Do the packs' cases bite? Each mutant is shown to the cases that could see it; those that none refuses survive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

from .alike import told_alike
from .cases import Case, failures, read_cases
from .check import condition, fact
from .facts import FactError, read
from .kleene import MISSING, TRUE, UNKNOWN
from .mutants import Mutant, mutants
from .pack import Law, PackError
from .point import Evaluator, evaluator
from .verdict import lines
from .verify import overlaps
from .zone import Zone

_CHUNK = 40
_SEED = 2026


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


class Survivor(NamedTuple):
    """A mutant that no case tells from the law, and the case that would."""

    place: str
    what: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}\n    a case in which {self.wanted} would tell"


class Tried(NamedTuple):
    """What became of mutants: how many, how many of them say the same as the law, and those that survived."""

    mutants: int
    equivalent: int
    survivors: tuple[Survivor, ...]


class Seen(NamedTuple):
    """A case, its facts as the evaluator reads them, its day, and the provisions that hold in it."""

    case: Case
    values: Mapping[str, object]
    on: date
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """A zone whose cases all pass, ready to be disturbed."""

    zone: Zone
    seen: Mapping[str, Sequence[Seen]]


def ground(zone: Zone, cases: Iterable[Case]) -> Ground:
    """The cases that pass, by flow, with what holds in each."""
    seen: dict[str, list[Seen]] = {flow: [] for flow in zone.flows}
    for case in cases:
        try:
            found = zone.determine(case.facts)
        except FactError:
            continue
        if not failures(zone, case):
            holds = frozenset(line.id for line in (*found.provisions, *found.shadow) if line.holds)
            day = date.fromisoformat(str(found.facts["on"]))
            flow = str(case.facts["flow"])
            values = {"held": frozenset(), "sought": frozenset()} | read(case.facts, zone.facts_of(flow))[0]
            seen[flow].append(Seen(case, values, day, holds))
    return Ground(zone, seen)


def verdict(found: Ground, mutant: Mutant) -> Verdict:
    """Whether a case tells the mutant from the law; one that the checks of packs refuse is killed by them."""
    try:
        zone = Zone(mutant.law(found.zone.law))
        if any(failures(zone, case) for case in _in_order(found, zone, mutant)):
            return Verdict.KILLED
        if any(overlaps(zone)):
            return Verdict.KILLED
        return Verdict.EQUIVALENT if _same(found.zone, zone, mutant) else Verdict.SURVIVED
    except PackError:
        return Verdict.KILLED


def _same(law: Zone, mutated: Zone, mutant: Mutant) -> bool:
    """Whether a mutant cannot be wrong: a day on which the law reads alike, or an entry that earlier ones always precede."""
    if mutant.told is None:
        return _reads_alike(law, mutated, mutant)
    directions = [
        (flow, crosses) for flow, crosses in product(mutant.flows, mutant.crosses or law.directions)
    ]
    places = [
        (flow, crosses, max(day, mutant.days.from_on or date.min))
        for flow, crosses in directions
        for day in law.periods(flow, crosses)
        if mutant.days.until_on is None or day < mutant.days.until_on
    ]
    return told_alike(law, mutated, mutant.told, sorted(set(places)))


def _reads_alike(law: Zone, mutated: Zone, mutant: Mutant) -> bool:
    """Whether a mutant that is wrong on one day only reads on that day, node for node, as the law does.

    What no provision in force rests on, such as a value on the day before anything compares with it, cannot be wrong.
    """
    first, until = mutant.days
    if first is None or until != first + timedelta(days=1):
        return False
    for flow, crosses in product(mutant.flows, mutant.crosses or law.directions):
        read, wrong = (zone.compiled(flow, crosses, first).reading for zone in (law, mutated))
        if read.graph.nodes != wrong.graph.nodes or replace(read, graph=wrong.graph) != wrong:
            return False
    return True


def _in_order(found: Ground, zone: Zone, mutant: Mutant) -> Iterator[Case]:
    """The cases that may tell a mutant, by the reading they need, those with most of them first."""
    groups: dict[tuple[str, str, int], list[Seen]] = {}
    for flow in mutant.flows:
        for seen in found.seen[flow]:
            crosses = str(seen.case.facts["crosses"])
            if (not mutant.crosses or crosses in mutant.crosses) and mutant.days.covers(seen.on):
                groups.setdefault((flow, crosses, zone.period(flow, crosses, seen.on)), []).append(seen)
    for group in sorted(groups.values(), key=lambda group: -sum(_bears(mutant, seen) for seen in group)):
        differing = _differing(found.zone, zone, mutant, group)
        yield from (seen.case for seen in sorted(differing, key=lambda seen: not _bears(mutant, seen)))


def _bears(mutant: Mutant, seen: Seen) -> bool:
    return not seen.holds.isdisjoint(mutant.touches)


def _differing(law: Zone, mutated: Zone, mutant: Mutant, group: Sequence[Seen]) -> list[Seen]:
    """Those of one period in which a condition or amount that the mutant touches differs, or is not known.

    An answer is made of conditions and amounts only, so the rest cannot tell.
    """
    flow, crosses = (str(group[0].case.facts[name]) for name in ("flow", "crosses"))
    found = []
    probes: dict[int, tuple[Evaluator, Evaluator]] = {}
    for seen in group:
        period = law.period(flow, crosses, seen.on)
        if period not in probes:
            where = (flow, crosses, seen.on)
            probes[period] = (_probe(law, where, mutant), _probe(mutated, where, mutant))
        before, after = (probe(seen.values) for probe in probes[period])
        unsettled = UNKNOWN in before or MISSING in before
        if before != after or unsettled or (mutant.beyond and TRUE in before):
            found.append(seen)
    return found


def _probe(zone: Zone, where: tuple[str, str, date], mutant: Mutant) -> Evaluator:
    """The conditions and amounts of the touched provisions and the conditions of touched terms, false where one is not in
    force, and the implied fact."""
    scope, on = zone.scope(*where), where[2]
    in_force = {provision.id: provision for provision in zone.in_force(*where)}
    roots: list[int] = []
    for name in sorted(mutant.touches):
        provision = in_force.get(name)
        roots.append(scope.graph.false if provision is None else scope.graph.true)
        roots.append(scope.graph.false if provision is None else condition(provision.when, scope))
        if provision is not None and provision.effect.kind == "compute":
            roots.extend(line.typed.node for line in lines(provision, scope))
    for key in sorted(mutant.measures):
        for term in zone.measures[key].terms:
            if term.when is not None:
                told = condition(term.when, scope) if term.in_force.covers(on) else scope.graph.false
                roots.append(told)
    if mutant.fact is not None:
        roots.append(fact(mutant.fact, scope))
    return evaluator(scope.graph, roots, zone.calendars.after)


def chosen_mutants(law: Law, flow: str | None = None, sample: int | None = None) -> list[int]:
    """The places in `mutants()` of those a flow can see; with `sample` at most so many, the same each time."""
    places = [at for at, mutant in enumerate(mutants(law)) if flow is None or flow in mutant.flows]
    if sample is None or sample >= len(places):
        return places
    return sorted(Random(_SEED).sample(places, sample))  # noqa: S311 - a sample, no secret


def tried(folder: Path, chosen: Sequence[int], *, processes: int = 2) -> Tried:
    """What becomes of the mutants with these places in `mutants()`, for the packs and cases below `folder`."""
    chunks = [chosen[at : at + _CHUNK] for at in range(0, len(chosen), _CHUNK)]
    if processes < 2 or len(chunks) < 2:
        return _of_chunk(_prepared(folder), chosen)
    with ProcessPoolExecutor(processes, initializer=partial(_prepare, folder)) as pool:
        parts = list(pool.map(_in_worker, chunks))
    return Tried(
        sum(part.mutants for part in parts),
        sum(part.equivalent for part in parts),
        tuple(survivor for part in parts for survivor in part.survivors),
    )


_Prepared = tuple[Ground, list[Mutant]]
_worker: list[_Prepared] = []


def _prepared(folder: Path) -> _Prepared:
    zone = Zone.read(folder)
    return ground(zone, read_cases(folder / "cases")), list(mutants(zone.law))


def _prepare(folder: Path) -> None:
    _worker.append(_prepared(folder))


def _in_worker(chosen: Sequence[int]) -> Tried:
    return _of_chunk(_worker[0], chosen)


def _of_chunk(prepared: _Prepared, chosen: Sequence[int]) -> Tried:
    found, every = prepared
    verdicts = [(every[at], verdict(found, every[at])) for at in chosen]
    left = [mutant for mutant, became in verdicts if became is Verdict.SURVIVED]
    return Tried(
        len(chosen),
        sum(became is Verdict.EQUIVALENT for _, became in verdicts),
        tuple(Survivor(str(mutant.place), mutant.what, mutant.wanted) for mutant in left),
    )
