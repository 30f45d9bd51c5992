"""Pages of trials: the list, one trial with what can be done to it, its cases, and filing a protocol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.lists.pages import show
from twoparks.permits.letter import authority_name
from twoparks.permits.telling import crossed
from twoparks.permits.types import Invalid
from twoparks.pilots import actions, queries, rules, sequential, telling
from twoparks.pilots.flow_words import direction_words
from twoparks.pilots.lists import CASES, TRIALS
from twoparks.pilots.protocol_form import ProtocolForm, begun
from twoparks.pilots.queries import TrialDetail
from twoparks.pilots.types import TrialId
from twoparks.registry.access import Verb, demand, may
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.telling import seers_told
from twoparks.registry.zone import LANGUAGES, zone


@login_required
def trials(request: HttpRequest) -> HttpResponseBase:
    """Trials of both parks."""
    user = cast(User, request.user)
    demand(user, Verb.SEE_TRIAL)
    more = {"files": bool(may(user, Verb.FILE_TRIAL)), "drafts": bool(may(user, Verb.SEE_DRAFTS))}
    return show(request, TRIALS, "pilots/trials.html", more)


@login_required
def cases(request: HttpRequest) -> HttpResponseBase:
    """Cases of trials, under the law in force and the law on trial."""
    demand(cast(User, request.user), Verb.SEE_TRIAL_CASES)
    return show(request, CASES)


@login_required
def trial(request: HttpRequest, trial_id: str) -> HttpResponse:
    """One trial: where it stands, its protocol, its figures, what happened, what can be done."""
    user, now = cast(User, request.user), timezone.now()
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            done = _act(user, TrialId(trial_id), request.POST, now)
        except Invalid as wrong:
            problems = tuple(p.says for p in wrong.problems)
        else:
            messages.success(request, done)
            return redirect("trial", trial_id)
    detail = queries.detail(user, trial_id, now)
    context = _context(detail) | {"problems": problems, "typed": request.POST}
    return render(request, "pilots/trial.html", context, status=422 if problems else 200)


@login_required
def file(request: HttpRequest) -> HttpResponse:
    """File a protocol, begun from a draft or from nothing."""
    user, now = cast(User, request.user), timezone.now()
    demand(user, Verb.FILE_TRIAL)
    form = ProtocolForm(request.POST or None, initial=_begun(user, request.GET.get("draft", ""), now))
    if form.is_valid():
        try:
            made = actions.file(user, form.raw(), now, form.cleaned_data["draft"])
        except Invalid as wrong:
            form.take(wrong.problems)
        else:
            messages.success(request, _("Filed. The other park has it as soon as it arrives there."))
            return redirect("trial", made)
    context = {"form": form, "trial": None}
    return render(request, "pilots/file.html", context, status=422 if form.errors else 200)


@login_required
def file_anew(request: HttpRequest, trial_id: str) -> HttpResponse:
    """File the next version of a protocol, begun from the current one."""
    user, now = cast(User, request.user), timezone.now()
    demand(user, Verb.FILE_TRIAL)
    found = queries.trial(user, trial_id)
    form = ProtocolForm(request.POST or None, initial=_as_form(found))
    if form.is_valid():
        try:
            actions.file_anew(user, found.id, form.raw(), _seen(request.POST), now)
        except Invalid as wrong:
            form.take(wrong.problems)
        else:
            messages.success(request, _("Filed anew. What was agreed for an earlier version ended with it."))
            return redirect("trial", trial_id)
    context = {"form": form, "trial": found}
    return render(request, "pilots/file.html", context, status=422 if form.errors else 200)


def _act(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    """Do what a form of the page says; returns what to tell the reader."""
    do = _DOES.get(posted.get("do", ""))
    if do is None:
        raise Http404
    return do(user, trial_id, posted, now)


def _agree(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    answer = (posted.get("authority", ""), posted.get("agrees") == "yes", posted.get("reasons", ""))
    actions.agree(user, trial_id, answer, _seen(posted), now)
    return _("The authority's answer is recorded at both parks.")


def _sign(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.sign(user, trial_id, _seen(posted), now)
    return _("Signed. The trial is agreed once both parks have signed.")


def _refuse(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.refuse(user, trial_id, posted.get("reasons", ""), _seen(posted), now)
    return _("Refused, with your reasons. The rule maker may file another version.")


def _open(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.open_trial(user, trial_id, posted.get("figures", ""), _seen(posted), now)
    return _("Opened. It decides once both parks have opened it and its day has come.")


def _stop(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.stop(user, trial_id, posted.get("reasons", ""), _seen(posted), now)
    return _("Stopped at this park now, and at the other as soon as it hears of it.")


def _harm(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    said = (posted.get("measure", ""), posted.get("permit", "").strip(), posted.get("reasons", ""))
    actions.record_harm(user, trial_id, said, _seen(posted), now)
    return _("The harm is recorded at both parks and counted by the stop rule.")


def _join(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.join(user, trial_id, posted.get("organisation", ""), posted.get("named") == "yes", now)
    return _(
        "Joined. What you declare in its scope is decided under the trial while it is live and has room."
    )


def _leave(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    actions.leave(user, trial_id, posted.get("organisation", ""), now)
    return _("Left. What you declare from now on is decided by the law in force.")


def _report(user: User, trial_id: TrialId, posted: QueryDict, now: datetime) -> str:
    summary = {tongue: posted.get(f"summary_{tongue}", "") for tongue in LANGUAGES}
    raw = {"proposal": posted.get("proposal", ""), "summary": summary}
    actions.report(user, trial_id, raw, _seen(posted), now)
    return _("Reported at both parks.")


_DOES: dict[str, Callable[[User, TrialId, QueryDict, datetime], str]] = {
    "agree": _agree,
    "sign": _sign,
    "refuse": _refuse,
    "open": _open,
    "stop": _stop,
    "harm": _harm,
    "join": _join,
    "leave": _leave,
    "report": _report,
}


def _context(detail: TrialDetail) -> dict[str, Any]:
    trial, protocol = detail.trial, detail.trial.protocol
    named = {
        park.id: [
            {"name": authority_name(key), "said": trial.current.agreed.get(key)}
            for key in protocol.authorities.get(park.bank, ())
        ]
        for park in zone().parks.values()
    }
    rule = protocol.stop_rule
    return {
        "detail": detail,
        "trial": trial,
        "protocol": protocol,
        "how": telling.HOW[protocol.participants.how],
        "registered": rules.agreed_at(trial) is not None,
        "assumed": [telling.assumed_word(each) for each in protocol.assumed],
        "afterwards": telling.AFTERWARDS[protocol.when_stopped],
        "flow": telling.flow_word(protocol.flow),
        "way": direction_words(protocol.crosses or ""),
        "kinds": [telling.sender_word(kind) for kind in protocol.participants.sender_kinds],
        "benefits": [{"words": b.words, "counted": telling.COUNTED[b.counted]} for b in protocol.benefit],
        "banks": [
            _bank(detail, park.id, named[park.id])
            for park in sorted(zone().parks.values(), key=lambda p: p.side)
        ],
        "harms": telling.harms_told(protocol, detail.figures),
        "interval": sequential.interval(
            detail.figures.test.cases, detail.figures.test.harms, rule.error_per_mille
        ),
        "e_value": f"{detail.figures.test.e_value_per_mille / 1000:.2f}",
        "bound": f"{detail.figures.test.bound / 1000:.1f}",
        "outcomes": _outcomes(detail),
        "changes": [{"change": c, "how": telling.HOWS[c.how]} for c in detail.changes],
        "answering": [(key, authority_name(key)) for key in detail.agreeing_for],
        "recorded": [harm for harm in protocol.harm if harm.counted == "recorded"],
        "can": {str(action): answer for action, answer in detail.possible.items()},
        "figures_digest": detail.figures.digest(),
        "told": [telling.told(act) for act in reversed(detail.acts)],
        "crossed": crossed(detail.acts, telling.KINDS) if detail.acts else None,
        "seers": seers_told(detail.seers),
        "names": queries.names(frozenset(joined.organisation for joined in detail.joined)),
        "languages": LANGUAGES,
        "proposals": telling.PROPOSALS.items(),
        "stopped_why": telling.why_word(trial.stopped.why) if trial.stopped else "",
    }


def _bank(detail: TrialDetail, park: str, named: list[dict[str, Any]]) -> dict[str, Any]:
    trial, used = detail.trial, detail.figures.used.get(park)
    current, protocol = trial.current, trial.protocol
    quantity = protocol.quantity
    return {
        "park": zone().park(park),
        "named": named,
        "signed": current.signed.get(park),
        "refused": current.refused.get(park),
        "opened": current.opened.get(park),
        "permits": used.permits if used else 0,
        "most": protocol.permits.get(park, 0),
        "quantity": used.quantity if used else 0,
        "quantity_most": quantity.most.get(park, 0) if quantity else None,
        "places": protocol.participants.places.get(park, 0),
    }


def _outcomes(detail: TrialDetail) -> list[dict[str, Any]]:
    """Each pair of answers with its cases, those that differ first."""
    rows = [
        {"before": pair.split(">")[0], "after": pair.split(">")[1], "cases": n}
        for pair, n in detail.figures.outcomes.items()
    ]
    return sorted(rows, key=lambda row: (row["before"] == row["after"], -row["cases"]))


def _begun(user: User, draft: str, now: datetime) -> dict[str, Any]:
    today = now.astimezone(ZoneInfo(this_node().park.time_zone)).date()
    if not draft:
        return begun({}, today)
    found = queries.filing_draft(user, draft)
    names = ("id", "title", "question", "change", "flow", "crosses", "protocol")
    return begun({name: getattr(found, name) for name in names}, today)


def _as_form(found: queries.Trial) -> dict[str, Any]:
    """The current protocol as the form shows it."""
    raw = queries.as_filed(found)
    protocol = found.protocol
    shown = begun({**raw, "crosses": protocol.crosses or "", "protocol": raw}, protocol.shadow_from)
    quantity = protocol.quantity
    shown |= {"shadow_from": protocol.shadow_from, "live_from": protocol.live_from, "ends": protocol.ends}
    shown |= {"data_until": protocol.data_until}
    if quantity is not None:
        shown |= {"quantity_counts": quantity.counts, "quantity_unit": quantity.unit}
        shown |= {f"quantity_{park}": most for park, most in quantity.most.items()}
    return shown


def _seen(posted: QueryDict) -> int:
    text = posted.get("seen", "")
    return int(text) if text.isdigit() else 0
