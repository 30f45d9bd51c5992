"""The figures of a trial, counted from its cases: whole numbers that are the same at both parks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from twoparks.ledger.canonical import digest
from twoparks.pilots import sequential
from twoparks.pilots.models import TrialCase
from twoparks.pilots.types import Harm, Trial


@dataclass(frozen=True)
class Used:
    """How far a home park's share of the caps is used."""

    permits: int
    quantity: int


@dataclass(frozen=True)
class HarmCount:
    """Cases that a harm could have come to, and those it came to."""

    cases: int
    harms: int

    @property
    def per_mille(self) -> int:
        """The rate seen so far, rounded down; 0 before the first case."""
        return self.harms * 1000 // self.cases if self.cases else 0


@dataclass(frozen=True)
class Figures:
    """What a trial has shown so far; `as_json` is what acts carry and digests are taken of."""

    cases: int  # in shadow and live
    live: int
    changed: int  # the law on trial would answer, or answered, otherwise
    by_group: Mapping[str, int]
    outcomes: Mapping[str, int]  # 'clear>conditional' -> cases
    used: Mapping[str, Used]  # by home park
    decided: int  # live cases that came into force or were refused
    in_force: int
    refused: int
    crossings: int
    discrepancies: int
    harms: Mapping[str, HarmCount]
    test: sequential.Reading

    def as_json(self) -> dict[str, Any]:
        """Whole numbers and words only."""
        return {
            "cases": self.cases,
            "live": self.live,
            "changed": self.changed,
            "decided": self.decided,
            "in_force": self.in_force,
            "refused": self.refused,
            "crossings": self.crossings,
            "discrepancies": self.discrepancies,
            "groups": dict(sorted(self.by_group.items())),
            "outcomes": dict(sorted(self.outcomes.items())),
            "permits": {park: used.permits for park, used in sorted(self.used.items())},
            "quantity": {park: used.quantity for park, used in sorted(self.used.items())},
            "harms": {key: f"{count.harms}/{count.cases}" for key, count in sorted(self.harms.items())},
            "test": {
                "cases": self.test.cases,
                "harms": self.test.harms,
                "e_value_per_mille": self.test.e_value_per_mille,
                "bound": self.test.bound,
            },
        }

    def digest(self) -> str:
        """SHA-256 of the canonical figures, hex."""
        return digest(self.as_json()).hex()


def figures(trial: Trial) -> Figures:
    """The trial's figures as this node's acts make them."""
    rows = TrialCase.objects.filter(trial=trial.id)
    counts = _counts(rows)
    groups = rows.values_list("group").annotate(n=Count("id")).order_by("group")
    outcomes = rows.values_list("before", "after").annotate(n=Count("id")).order_by("before", "after")
    harms = {harm.key: _count(trial, harm, counts) for harm in trial.protocol.harm}
    return Figures(
        **{name: counts[name] for name in ("cases", "live", "changed", "in_force", "refused")},
        decided=counts["in_force"] + counts["refused"],
        crossings=counts["crossings"],
        discrepancies=counts["discrepancies"],
        by_group=dict(groups),
        outcomes={f"{before}>{after}": n for before, after, n in outcomes},
        used=used(trial),
        harms=harms,
        test=_test(trial, harms[trial.protocol.tested.key]),
    )


def _counts(rows: QuerySet[TrialCase]) -> dict[str, int]:
    """Named apart from the columns they count."""
    live = Q(live=True)
    found: dict[str, int] = rows.aggregate(
        n_cases=Count("id"),
        n_live=Count("id", filter=live),
        n_changed=Count("id", filter=Q(changed=True)),
        n_in_force=Count("id", filter=live & Q(in_force_at__isnull=False)),
        n_refused=Count("id", filter=live & Q(result="refused")),
        n_crossings=Sum("crossings", filter=live, default=0),
        n_discrepancies=Sum("discrepancies", filter=live, default=0),
    )
    return {name.removeprefix("n_"): n for name, n in found.items()}


def used(trial: Trial) -> dict[str, Used]:
    """Permits and quantity declared under the trial, by home park of those that have a share."""
    rows = TrialCase.objects.filter(trial=trial.id, live=True).values_list("home").order_by("home")
    found = {home: Used(n, quantity) for home, n, quantity in rows.annotate(n=Count("id"), q=Sum("quantity"))}
    return {park: found.get(park, Used(0, 0)) for park in {*trial.protocol.permits, *found}}


def _count(trial: Trial, harm: Harm, counts: Mapping[str, int]) -> HarmCount:
    if harm.counted == "refused":
        return HarmCount(counts["in_force"] + counts["refused"], counts["refused"])
    if harm.counted == "discrepancy":
        return HarmCount(counts["crossings"], counts["discrepancies"])
    seen = [said for said in trial.harms if said.measure == harm.key]
    harms = len({said.permit for said in seen if said.permit}) + sum(not said.permit for said in seen)
    return HarmCount(max(counts["in_force"], harms), harms)


def _test(trial: Trial, count: HarmCount) -> sequential.Reading:
    rule, harm = trial.protocol.stop_rule, trial.protocol.tested
    return sequential.reading(count.cases, count.harms, harm.accepted_per_mille, rule.error_per_mille)
