"""The cost of one determination on the zone's own packs and cases.

Each settled case is answered many times and its least time taken, so that what else the machine does hardly shows;
a flow's figure is the mean over its cases. `answer` is the whole determination, facts read and lines written;
`outcome` only evaluates the roots on which the outcome rests, from facts already read. `what-if` is the search for the
smallest change, over the cases whose answer is no; its figures are milliseconds. Then the same decision by other engines, where the
`bench` extra is installed (`bench/_engines.py` says what is translated and what is projected).
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
    others(zone)


def others(zone: Zone) -> None:
    """The same decision by each engine, with ratios to this one."""
    try:
        from bench import _engines  # the extra is optional
    except ImportError as error:
        print(f"other engines not compared: {error}; pip install twoparks[bench]")
        return
    print(f"\none data case ({_engines.CASE}); microseconds, least of {ROUNDS} rounds")
    print(f"{'engine':<36}{'decision':>10}{'ratio':>8}{'provisions':>12}{'ratio':>8}")
    own: tuple[float, float] | None = None
    for engine in _engines.compared(zone):
        found = least_us(engine.decide, calls=200), least_us(engine.trace, calls=100)
        own = own or found
        ratios = found[0] / own[0], found[1] / own[1]
        print(f"{engine.name:<36}{found[0]:>10.1f}{ratios[0]:>8.1f}{found[1]:>12.1f}{ratios[1]:>8.1f}")
    whole = least_us(lambda: zone.determine(_engines.case().facts), calls=100)
    print(
        f"{'its whole answer, from facts as typed':<36}{'':>18}{whole:>12.1f}{whole / (own or (1, 1))[1]:>8.1f}"
    )


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
