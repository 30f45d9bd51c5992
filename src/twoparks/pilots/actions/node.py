"""What a node does by itself about trials: write their rows, stop at a cap, by the stop rule or at the end, take the other park's acts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from twoparks.federation.actions import record
from twoparks.federation.log import bringing_back
from twoparks.federation.queries import acts, acts_of_kind
from twoparks.federation.types import SYSTEM, NewAct, Refused, StoredAct, StreamId
from twoparks.packs import load
from twoparks.permits import actions as permits
from twoparks.permits.models import PermitRow
from twoparks.permits.rules import fold
from twoparks.permits.types import OPEN, PermitState
from twoparks.pilots import cases, received, rules, trial_law
from twoparks.pilots.figures import Figures, figures
from twoparks.pilots.models import TrialCase, TrialRow
from twoparks.pilots.types import Status, Trial, Why
from twoparks.registry.zone import zone

_BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_STAGES = {
    Status.REPORTED: "reported",
    Status.STOPPED: "stopped",
    Status.ENDED: "ended",
    Status.REFUSED: "refused",
}
_ASKED_AGAIN = frozenset({"trial.signed", "trial.opened", "trial.joined"})
_GOES_ON = ("agreed", "opened")


def follow(trial: Trial, now: datetime) -> Trial:
    """Do what follows by itself from the trial's acts, and write its rows. Doing it twice changes nothing."""
    cases.catch_up(trial)
    project(trial)
    return conclude(trial, now)


def apply(act: StoredAct, now: datetime) -> None:
    """Take an act of the other park, stored already; raises Refused when the rules do not allow it."""
    earlier = acts(act.stream, before=act.number)
    before = rules.fold(earlier, zone()) if earlier else None
    refusal = received.refusal(before, act, zone(), load())
    if refusal is not None:
        raise Refused(refusal.code, refusal.plain)
    trial = follow(rules.fold([act], zone(), before), now)
    if bringing_back.get():
        return
    if act.kind == "trial.stopped":
        settle(trial, now)
    if act.kind in _ASKED_AGAIN:
        _ask_again(trial, now)


def take_permit(state: PermitState) -> None:
    """Write the permit's row in every trial whose scope it is in; told of each permit written."""
    trials = _trials_of(state)
    if trials and state.besides.counted:  # a trial counts the crossings themselves
        state = fold(acts(StreamId(state.id)))
    for trial in trials:
        cases.write(trial, state)


def watch_permit(state: PermitState, now: datetime) -> None:
    """Stop a trial that reached its cap or its bound by what happened to this permit."""
    for trial in _trials_of(state):
        conclude(trial, now)


def go_on(now: datetime) -> None:
    """After acts came back: end what was declared under trials that those acts stopped."""
    for number in TrialRow.objects.exclude(stopped_why="").values_list("id", flat=True):
        trial = trial_law.trial_of(number)
        if trial is not None:
            settle(trial, now)


def follow_days(now: datetime) -> int:
    """Stop what has come to its end, its cap or its bound, or whose change no longer fits the packs; returns how many."""
    stopped = 0
    for number in TrialRow.objects.filter(stage__in=_GOES_ON).values_list("id", flat=True):
        with transaction.atomic():
            trial = trial_law.trial_of(number)
            if trial is not None:
                stopped += conclude(trial, now) is not trial
    return stopped


def conclude(trial: Trial, now: datetime) -> Trial:
    """Record that the trial stops when it has to; the trial as it then is."""
    if bringing_back.get() or trial.stops or rules.agreed_at(trial) is None:
        return trial
    found = figures(trial)
    why = _has_to_stop(trial, found, now)
    if why is None:
        return trial
    breach = any(used.permits > trial.protocol.permits.get(park, 0) for park, used in found.used.items())
    return record_stop(trial, why, {"breach": breach, **found.as_json()}, now)


def record_stop(trial: Trial, why: Why, shown: dict[str, Any], now: datetime) -> Trial:
    """Record the stop for the node itself, and all that follows from it."""
    body = {"version": trial.current.number, "why": str(why), "reasons": "", "figures": shown}
    said = record(NewAct("trial.stopped", StreamId(trial.id), body, SYSTEM), now)
    after = rules.fold([said], zone(), trial)
    project(after)
    settle(after, now)
    return after


def settle(trial: Trial, now: datetime) -> None:
    """Ask what was declared under a stopped trial again under the ordinary law; what is in force stays or is revoked."""
    if rules.still_decides(trial):
        return
    stopped = trial.stopped
    revokes = trial.protocol.when_stopped == "revoked" and stopped is not None and stopped.why is not Why.END
    reasons = _("The trial was stopped; declared anew, it is asked under the ordinary law.")
    open_ones = TrialCase.objects.filter(trial=trial.id, live=True, result__in=("", "in_force"))
    for permit in list(open_ones.values_list("permit", flat=True)):
        permits.end_with_trial(permit, reasons, revokes, now)


def project(trial: Trial) -> None:
    """Write the trial's row as its acts make it."""
    columns = _columns(trial)
    if not TrialRow.objects.filter(id=trial.id).update(**columns):
        TrialRow.objects.create(id=trial.id, **columns)


@transaction.atomic
def rebuild() -> int:
    """Make every row again from the acts; returns how many changed."""
    before = _snapshot()
    TrialCase.objects.all().delete()
    TrialRow.objects.all().delete()
    number = 0
    while found := acts_of_kind("trial.filed", after=number):
        for act in found:
            if act.body["version"] == 1:
                trial = rules.fold(acts(act.stream), zone())
                project(trial)
                cases.catch_up(trial)
        number = found[-1].number
    after = _snapshot()
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _ask_again(trial: Trial, now: datetime) -> None:
    """Ask about open permits that named the trial before this node knew that it decides them."""
    waiting = PermitRow.objects.filter(trial=trial.id, status__in=list(OPEN))
    for permit in list(waiting.values_list("id", flat=True)):
        permits.follow(StreamId(permit), now)


def _has_to_stop(trial: Trial, found: Figures, now: datetime) -> Why | None:
    if now >= rules.ends_at(trial):
        return Why.END
    if trial_law.fits(trial.protocol) is not None:
        return Why.LAW
    rule = trial.protocol.stop_rule
    if found.test.stops and found.test.cases >= rule.at_least:
        return Why.STOP_RULE
    shares = trial.protocol.permits
    if any(used.permits > shares.get(park, 0) for park, used in found.used.items()):
        return Why.CAP
    return Why.CAP if all(found.used[park].permits >= most for park, most in shares.items()) else None


def _trials_of(state: PermitState) -> list[Trial]:
    """The trials in whose time some version of the permit was declared."""
    first, last = state.versions[0], state.current
    rows = TrialRow.objects.filter(
        flow=last.declaration.flow, agreed_at__lte=last.at, shadow_at__lte=last.at, ends_at__gt=first.at
    )
    found = (trial_law.trial_of(number) for number in rows.values_list("id", flat=True))
    return [trial for trial in found if trial is not None]


def _columns(trial: Trial) -> dict[str, Any]:
    protocol, stopped, agreed = trial.protocol, trial.stopped, rules.agreed_at(trial)
    opened = rules.opened_at(trial)
    plain = "filed" if agreed is None else "agreed" if opened is None else "opened"
    named = {key for keys in protocol.authorities.values() for key in keys}
    return {
        "home": trial.home,
        "version": trial.current.number,
        "kind": protocol.kind,
        "flow": protocol.flow,
        "crosses": protocol.crosses or "",
        "title": dict(protocol.title),
        "question": dict(protocol.question),
        "stage": _STAGES.get(rules.status(trial, _BEFORE_TIME), plain),
        "agreed_at": agreed,
        "shadow_at": rules.shadow_at(trial),
        "live_at": rules.live_at(trial),
        "ends_at": rules.ends_at(trial),
        "stopped_why": str(stopped.why) if stopped else "",
        "stopped_at": stopped.at if stopped else None,
        "authorities": f" {' '.join(sorted(named))} ",
        "joined": sum(joined.left_at is None for joined in trial.joined.values()),
        "acts": trial.acts,
        "filed_at": trial.versions[0].at,
        "changed_at": trial.changed_at,
    }


def _snapshot() -> dict[object, object]:
    rows: dict[object, object] = {row["id"]: row for row in TrialRow.objects.values()}
    return rows | cases.snapshot(TrialCase.objects.all())  # type: ignore[operator]  # keys differ in kind
