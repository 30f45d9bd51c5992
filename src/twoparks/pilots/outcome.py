"""What a trial came to: its benefits beside those who took no part, its harms with an interval. The same at both parks."""

from __future__ import annotations

from dataclasses import dataclass

from twoparks.pilots import effect, sequential
from twoparks.pilots.figures import Figures, HarmCount
from twoparks.pilots.models import TrialCase
from twoparks.pilots.types import Benefit, Harm, Trial

Row = tuple[bool, str, str, str, int | None]  # live, before, after, result, working minutes


@dataclass(frozen=True)
class Gained:
    """One measure of benefit: cases decided under the trial beside the other cases in its scope of the same days."""

    benefit: Benefit
    effect: effect.Effect


@dataclass(frozen=True)
class Feared:
    """One measure of harm: how often it was seen, and the rates in per mille that this does not refuse."""

    harm: Harm
    count: HarmCount
    low: int
    high: int


def gained(trial: Trial) -> tuple[Gained, ...]:
    """Every measure of benefit in the protocol's order, from the cases declared since the first one under the trial."""
    rows = TrialCase.objects.filter(trial=trial.id).order_by("declared_at", "permit")
    first = rows.filter(live=True).values_list("declared_at", flat=True).first()
    found: list[Row] = []
    if first is not None:
        columns = ("live", "before", "after", "result", "working_minutes")
        found = list(rows.filter(declared_at__gte=first).values_list(*columns))
    ours, others = ([row for row in found if row[0] is live] for live in (True, False))
    return tuple(Gained(each, _effect(each.counted, ours, others)) for each in trial.protocol.benefit)


def feared(trial: Trial, found: Figures) -> tuple[Feared, ...]:
    """Every measure of harm in the protocol's order, with the interval that may be read at any time."""
    error = trial.protocol.stop_rule.error_per_mille
    counts = [(harm, found.harms[harm.key]) for harm in trial.protocol.harm]
    return tuple(
        Feared(harm, count, *sequential.interval(count.cases, count.harms, error)) for harm, count in counts
    )


def _effect(counted: str, ours: list[Row], others: list[Row]) -> effect.Effect:
    if counted == "working_minutes":
        return effect.of_times(*([row[4] for row in rows if row[4] is not None] for rows in (ours, others)))
    if counted == "in_force":
        decided = [[row for row in rows if row[3] in ("in_force", "refused")] for rows in (ours, others)]
        came = [sum(row[3] == "in_force" for row in rows) for rows in decided]
        return effect.of_rates(came[0], len(decided[0]), came[1], len(decided[1]))
    clear = (sum(row[2] == "clear" for row in ours), sum(row[1] == "clear" for row in others))
    return effect.of_rates(clear[0], len(ours), clear[1], len(others))
