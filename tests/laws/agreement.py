"""What one reading says of many cases, in a form that all readings share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from twoparks.law.answer import Outcome
from twoparks.law.block import EMPTY_UNLESS_STATED, Numbers, Plane, of_cases, unpacked
from twoparks.law.compiled import Compiled
from twoparks.law.facts import read
from twoparks.law.kleene import FALSE, MISSING, TRUE, UNKNOWN
from twoparks.law.planes import Plan, State
from twoparks.law.settle import Truth
from twoparks.law.zone import Zone


class Said(NamedTuple):
    """The outcome of a case over both banks and of each, and the deciding provisions that hold."""

    outcome: Outcome
    banks: Mapping[str, Outcome]
    fired: frozenset[str]


Cases = Sequence[Mapping[str, object]]


def by_point(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[Said]:
    """Each case by itself."""
    found = []
    for case in cases:
        said = zone.determine({**case, "flow": flow, "crosses": crosses})
        holding = frozenset(line.id for line in said.provisions if line.holds)
        found.append(Said(said.outcome, said.banks, holding))
    return found


def by_planes(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[Said]:
    """All cases, of days with the same law, in one block."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    plan = Plan(zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"])))))
    size = len(cases)
    decided = plan.decide(of_cases(values, zone.facts_of(flow)), ("ml", "hk"))
    whole = _chosen(decided.outcomes, size)
    banks = {bank: _chosen(outcomes, size) for bank, outcomes in decided.banks.items()}
    fired = {name: unpacked(plane, size) for name, plane in decided.fired.items()}
    return [
        Said(
            whole[at],
            {bank: outcomes[at] for bank, outcomes in banks.items()},
            frozenset(name for name, cells in fired.items() if cells[at]),
        )
        for at in range(size)
    ]


def states_by_point(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[tuple[object, ...]]:
    """The state of every root of a reading, case by case; a missing amount is None."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    compiled = zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"]))))
    roots = [at for at, root in enumerate(compiled.roots) if not _is_fact(compiled, root)]
    empty = {name: frozenset[str]() for name in EMPTY_UNLESS_STATED}
    found = [compiled.evaluate({**empty, **case}) for case in values]
    return [tuple(None if states[at] is MISSING else states[at] for at in roots) for states in found]


def states_by_planes(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[tuple[object, ...]]:
    """The same from one block."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    compiled = zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"]))))
    roots = [root for root in compiled.roots if not _is_fact(compiled, root)]
    states = Plan(compiled).states(of_cases(values, zone.facts_of(flow)), roots)
    return list(zip(*(_cells(state, len(cases)) for state in states), strict=True))


def _is_fact(compiled: Compiled, root: int) -> bool:
    return compiled.reading.graph.nodes[root].operator == "fact"


def _cells(state: State, size: int) -> list[object]:
    """One state a case, in the numbers of the point reading."""
    if isinstance(state, Truth):
        may, certain = (unpacked(plane, size).tolist() for plane in (state.may, state.certain))
        return [
            TRUE if sure else UNKNOWN if perhaps else FALSE
            for perhaps, sure in zip(may, certain, strict=True)
        ]
    assert isinstance(state, Numbers)
    numbers = np.broadcast_to(np.asarray(state.values), (size,)).tolist()
    missing = [False] * size if state.missing is None else unpacked(state.missing, size).tolist()
    return [None if gone else number for number, gone in zip(numbers, missing, strict=True)]


def _chosen(outcomes: Mapping[Outcome, Plane], size: int) -> list[Outcome]:
    """The one outcome of each case; AssertionError where there is none, or more than one."""
    cells = {outcome: unpacked(plane, size) for outcome, plane in outcomes.items()}
    found = []
    for at in range(size):
        (only,) = [outcome for outcome, marks in cells.items() if marks[at]]
        found.append(only)
    return found
