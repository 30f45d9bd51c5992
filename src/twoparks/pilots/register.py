"""The public register of trials: what everybody may know of those both parks signed. No person, no case, no reasons of officers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from twoparks.federation.queries import acts
from twoparks.federation.types import StoredAct, StreamId
from twoparks.pilots import outcome, queries, rules, trial_law
from twoparks.pilots.figures import Figures, figures
from twoparks.pilots.models import TrialRow
from twoparks.pilots.types import Joined, Status, Trial
from twoparks.registry.zone import zone


@dataclass(frozen=True)
class Entry:
    """One trial as the register tells it. What it came to is told once it is over, so that looking does not steer it."""

    trial: Trial
    status: Status
    over: bool
    figures: Figures
    gained: tuple[outcome.Gained, ...]  # none before it is over
    feared: tuple[outcome.Feared, ...]
    changes: tuple[queries.Changed, ...]
    unfit: bool  # the packs of today no longer take its change
    taking_part: int
    named: tuple[Joined, ...]  # organisations that agreed to be named
    acts: tuple[StoredAct, ...]


def registered() -> QuerySet[TrialRow]:
    """Every trial that both parks signed."""
    return TrialRow.objects.filter(agreed_at__isnull=False)


def entry(number: str, now: datetime) -> Entry:
    """One trial of the register; raises NoTrial where it does not stand there."""
    if not registered().filter(pk=number).exists():
        raise rules.NoTrial("no trial under this number stands in the register")
    found = acts(StreamId(number))
    trial = rules.fold(found, zone())
    status = rules.status(trial, now)
    over = status in rules.OVER
    counted = figures(trial)
    joined = trial.joined.values()
    return Entry(
        trial=trial,
        status=status,
        over=over,
        figures=counted,
        gained=outcome.gained(trial) if over else (),
        feared=outcome.feared(trial, counted),
        changes=queries.changes(trial.protocol),
        unfit=trial_law.fits(trial.protocol) is not None,
        taking_part=len(joined),
        named=tuple(each for each in joined if each.named),
        acts=tuple(found),
    )
