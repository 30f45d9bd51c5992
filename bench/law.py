"""The cost of one determination on the zone's own packs and cases.

Each settled case is answered many times and its least time taken, so that what else the machine does hardly shows;
a flow's figure is the mean over its cases. `answer` is the whole determination, facts read and lines written;
`outcome` only evaluates the roots on which the outcome rests, from facts already read. `what-if` is the search for the
smallest change, over the cases whose answer is no; its figures are milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from statistics import mean
from timeit import repeat
from typing import NamedTuple

from twoparks.law.answer import Outcome
from twoparks.law.cases import Case, read_cases
from twoparks.law.facts import FactError, read
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

ROUNDS, CALLS = 15, 10


class Cost(NamedTuple):
    """Microseconds of one case."""

    answer_us: float
    outcome_us: float
    what_if_us: float | None


def main() -> None:
    """Print the table."""
    zone = load()
    settled: dict[str, list[Case]] = {flow: [] for flow in zone.flows}
    for case in read_cases(FOLDER / "cases"):
        try:
            if zone.determine(case.facts).outcome is not Outcome.UNKNOWN:
                settled[str(case.facts["flow"])].append(case)
        except FactError:
            continue
    print(
        f"packs {zone.digest[:12]}, {len(zone.provisions)} provisions; microseconds, mean of each case's least"
    )
    print(
        f"{'flow':<12}{'cases':>6}{'answer':>10}{'slowest':>10}{'outcome':>10}{'what-if':>10}{'slowest':>10}"
    )
    for flow, cases in settled.items():
        print(row(flow, [cost(zone, case) for case in cases]))


def row(flow: str, costs: list[Cost]) -> str:
    """One line of the table."""
    answers = [found.answer_us for found in costs]
    searches = [found.what_if_us / 1000 for found in costs if found.what_if_us is not None] or [0.0]
    outcome = mean(found.outcome_us for found in costs)
    first = f"{flow:<12}{len(costs):>6}{mean(answers):>10.1f}{max(answers):>10.1f}{outcome:>10.1f}"
    return f"{first}{mean(searches):>10.2f}{max(searches):>10.2f}"


def cost(zone: Zone, case: Case) -> Cost:
    """What one case costs."""
    facts = case.facts
    flow, crosses, day = str(facts["flow"]), str(facts["crosses"]), date.fromisoformat(str(facts["on"]))
    values = {"held": frozenset(), "sought": frozenset(), **read(facts, zone.facts_of(flow))[0]}
    decide = zone.compiled(flow, crosses, day).decide
    refused = zone.determine(facts).outcome in (Outcome.FORBIDDEN, Outcome.REFER)
    return Cost(
        least_us(lambda: zone.determine(facts)),
        least_us(lambda: decide(values)),
        least_us(lambda: zone.what_if(facts), calls=1, rounds=3) if refused else None,
    )


def least_us(run: Callable[[], object], *, calls: int = CALLS, rounds: int = ROUNDS) -> float:
    """The least time of one call, in microseconds."""
    return min(repeat(run, number=calls, repeat=rounds)) / calls * 1e6
