"""What every action on a trial asks first: is the picture fresh, does the state allow it, does the text say something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twoparks.federation.actions import record
from twoparks.federation.queries import acts
from twoparks.federation.types import NewAct, Stale, StreamId
from twoparks.permits.reading import Reader
from twoparks.permits.subjects import actor_of
from twoparks.permits.types import NotPossible
from twoparks.pilots import rules
from twoparks.pilots.actions.node import follow
from twoparks.pilots.possible import At, possible
from twoparks.pilots.types import Action, Trial, TrialId
from twoparks.registry.models import Role, User
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

REASONS_MAX = 2000


def take_up(trial: TrialId) -> Trial:
    """The trial as this node knows it; raises NoTrial."""
    return rules.fold(acts(StreamId(trial)), zone())


def demand_possible(trial: Trial, action: Action, seen: int, now: datetime) -> None:
    """Raise Stale when someone acted since the user looked, and NotPossible unless the action can be taken here now."""
    if seen != trial.acts:
        raise Stale(StreamId(trial.id), seen, trial.acts)
    park = this_node().park
    answer = possible(At(trial, park.id, park.bank, now))[action]
    if not answer.open:
        raise NotPossible(f"no_{action}", answer.says)


def demand_reasons(given: str) -> str:
    """The reasons trimmed, lines ended by a line feed; raises Invalid when they say nothing."""
    text = given.replace("\r\n", "\n").strip()
    reader = Reader()
    reader.long_text(text, "reasons", REASONS_MAX)
    reader.done()
    return text


def say(trial: Trial, kind: str, body: Mapping[str, Any], by: tuple[User, Role], now: datetime) -> Trial:
    """Record an act of a person about the trial, as of what was seen of it, and do what follows."""
    new = NewAct(kind, StreamId(trial.id), body, actor_of(*by))
    said = record(new, now, expected=trial.acts)
    return follow(rules.fold([said], zone(), trial), now)
