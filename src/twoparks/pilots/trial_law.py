"""The law on trial: the packs with a protocol's change laid over them, and which declarations are asked under it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum

from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.law.pack import PackError
from twoparks.law.zone import Zone as Law
from twoparks.permits.declarations import party_of
from twoparks.permits.on_trial import LawFor
from twoparks.permits.types import Declaration, PermitState
from twoparks.pilots import rules
from twoparks.pilots.drafts import zone_with
from twoparks.pilots.models import TrialCase, TrialRow
from twoparks.pilots.types import Protocol, Status, Trial
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

ITEMS = "items"


def law_of(protocol: Protocol) -> Law:
    """The packs with the protocol's change, its provisions deciding; PackError where it does not fit them any more."""
    return zone_with(protocol.change)


def fits(protocol: Protocol) -> str | None:
    """What the packs object to the protocol's change, None when it fits."""
    try:
        law_of(protocol)
    except PackError as error:
        return str(error)
    return None


def trial_of(trial: str) -> Trial | None:
    """The trial of that number as this node knows it, None where it knows none."""
    try:
        return rules.fold(acts(StreamId(trial)), zone())
    except rules.NoTrial:
        return None


def offers(declaration: Declaration, permit: str, now: datetime) -> LawFor | None:
    """The trial under which this park declares it now: of a participant, live, with room below its caps."""
    home = this_node().id
    organisation = party_of(declaration, home).id
    rows = TrialRow.objects.filter(flow=declaration.flow, stage="opened", live_at__lte=now, ends_at__gt=now)
    for row in rows.filter(crosses__in=("", declaration.crosses)).order_by("agreed_at", "id"):
        trial = trial_of(row.id)
        if trial is None or rules.status(trial, now) is not Status.LIVE:
            continue
        if rules.decides(trial, organisation, now) and has_room(trial, declaration, permit, home):
            return _law_for(trial)
    return None


def chooses(state: PermitState) -> LawFor | None:
    """The law on trial for what was declared under one, None where this node knows of no trial that still decides it."""
    version = state.current
    trial = trial_of(version.trial)
    if trial is None or not rules.watches(
        trial, version.declaration.flow, version.declaration.crosses, version.at
    ):
        return None
    organisation = party_of(version.declaration, state.home).id
    if not rules.decides(trial, organisation, version.at) or not rules.still_decides(trial):
        return None
    return _law_for(trial)


def _law_for(trial: Trial) -> LawFor | None:
    try:
        return LawFor(law_of(trial.protocol), trial.id, trial.protocol.ends)
    except PackError:  # the packs changed: `follow_days` stops such a trial
        return None


def has_room(trial: Trial, declaration: Declaration, permit: str, home: str) -> bool:
    """Whether one more declaration of that organisation stays within the caps of its home park."""
    protocol = trial.protocol
    live = TrialCase.objects.filter(trial=trial.id, live=True, home=home).exclude(permit=permit)
    if live.count() >= protocol.permits.get(home, 0):
        return False
    organisation = party_of(declaration, home).id
    if (most := protocol.per_participant) is not None and live.filter(
        organisation=organisation
    ).count() >= most:
        return False
    if protocol.quantity is None:
        return True
    used = live.aggregate(n=Sum("quantity"))["n"] or 0
    return used + counted(protocol, declaration) <= protocol.quantity.most.get(home, 0)


def counted(protocol: Protocol, declaration: Declaration) -> int:
    """What the protocol's cap on quantity counts of a declaration; 0 without one."""
    quantity = protocol.quantity
    if quantity is None:
        return 0
    if quantity.counts == ITEMS:
        return sum(item.quantity for item in declaration.items if item.unit == quantity.unit)
    stated = declaration.facts.get(quantity.counts)
    return stated if isinstance(stated, int) and not isinstance(stated, bool) else 0


def full_parks(trial: Trial, used: Mapping[str, int]) -> frozenset[str]:
    """Parks whose share of permits is used; `used` is live cases by home park."""
    return frozenset(park for park, most in trial.protocol.permits.items() if used.get(park, 0) >= most)
