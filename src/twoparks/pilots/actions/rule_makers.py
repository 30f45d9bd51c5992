"""What rule makers do: file a protocol, its next version, and report what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from twoparks.federation.actions import record
from twoparks.federation.types import NewAct, StreamId
from twoparks.permits.subjects import actor_of
from twoparks.pilots import protocol as p
from twoparks.pilots import rules
from twoparks.pilots.actions.guards import demand_possible, say, take_up
from twoparks.pilots.actions.node import follow
from twoparks.pilots.figures import figures
from twoparks.pilots.filing import read_protocol, read_report
from twoparks.pilots.models import TrialDraft
from twoparks.pilots.types import Action, TrialId
from twoparks.registry.access import Verb, demand
from twoparks.registry.ids import random_id
from twoparks.registry.models import User
from twoparks.registry.zone import zone


@transaction.atomic
def file(user: User, raw: Mapping[str, Any], now: datetime, draft: str = "") -> TrialId:
    """File the protocol `raw` says as a new trial; raises Invalid with every problem, and then nothing is filed."""
    role = demand(user, Verb.FILE_TRIAL)
    protocol = read_protocol(raw)
    trial = TrialId(random_id("t"))
    body = {"version": 1, "protocol": p.to_json(protocol)}
    said = record(NewAct("trial.filed", StreamId(trial), body, actor_of(user, role)), now, expected=0)
    follow(rules.fold([said], zone()), now)
    TrialDraft.objects.filter(pk=draft).update(trial=trial)
    return trial


@transaction.atomic
def file_anew(user: User, trial: TrialId, raw: Mapping[str, Any], seen: int, now: datetime) -> None:
    """File the next version; what was agreed and signed for an earlier one ends with it."""
    found = take_up(trial)
    role = demand(user, Verb.FILE_TRIAL)
    demand_possible(found, Action.FILE, seen, now)
    body = {"version": found.current.number + 1, "protocol": p.to_json(read_protocol(raw))}
    say(found, "trial.filed", body, (user, role), now)


@transaction.atomic
def report(user: User, trial: TrialId, raw: Mapping[str, Any], seen: int, now: datetime) -> None:
    """Propose what follows from an ended trial, with a summary in three languages and the figures as they stand."""
    found = take_up(trial)
    role = demand(user, Verb.REPORT_TRIAL)
    demand_possible(found, Action.REPORT, seen, now)
    proposal, summary = read_report(raw)
    shown = figures(found)
    body = {
        "proposal": proposal,
        "summary": summary,
        "figures": shown.as_json(),
        "figures_digest": shown.digest(),
    }
    say(found, "trial.reported", body, (user, role), now)
