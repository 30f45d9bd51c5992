"""Which law a declaration is asked under: the ordinary one, or one on trial. Another room says so; nothing here knows trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from twoparks.law.zone import Zone as Law
from twoparks.packs import load
from twoparks.permits.types import Declaration, PermitState


@dataclass(frozen=True)
class LawFor:
    """The law to ask; `trial` names the trial where it is not the ordinary one, `last_day` the day it may reach at most."""

    law: Law
    trial: str = ""
    last_day: date | None = None


Offers = Callable[[Declaration, str, datetime], LawFor | None]  # declaration, permit or '', now
Chooses = Callable[[PermitState], LawFor | None]
_offers: list[Offers] = []
_chooses: list[Chooses] = []


def register(offers: Offers, chooses: Chooses) -> None:
    """Let a room offer a trial to what is being declared here, and choose the law for what was declared under one."""
    _offers[:], _chooses[:] = [offers], [chooses]


def offered(declaration: Declaration, permit: str, now: datetime) -> LawFor:
    """The law under which this park declares it now; `permit` is empty for a new one."""
    for offers in _offers:
        if (found := offers(declaration, permit, now)) is not None:
            return found
    return LawFor(load())


def law_for(state: PermitState) -> LawFor:
    """The law that the permit's current version is asked under, as far as this node knows."""
    if state.current.trial:
        for chooses in _chooses:
            if (found := chooses(state)) is not None:
                return found
    return LawFor(load())
