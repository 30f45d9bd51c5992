"""Pages of what a draft would have done: asking, the scan under way, the result, and the cases behind a number."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from twoparks.pilots import drafts, histories, impact, impact_told
from twoparks.pilots.actions import impact as actions
from twoparks.pilots.drafts_pages import title_of
from twoparks.pilots.drafts_queries import draft as find
from twoparks.pilots.drafts_queries import run as find_run
from twoparks.pilots.drafts_queries import runs
from twoparks.pilots.flow_words import FLOW_WORDS, direction_words, directions
from twoparks.pilots.models import ImpactRun, TrialDraft
from twoparks.registry.access import Verb, may
from twoparks.registry.models import User
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone


class AskForm(forms.Form):
    """On what a change is tried."""

    history = forms.ChoiceField(label=gettext_lazy("Which past"))
    crosses = forms.ChoiceField(label=gettext_lazy("Direction"))
    on = forms.DateField(
        label=gettext_lazy("By the law of which day"),
        required=False,
        help_text=gettext_lazy(
            "Every case is asked as if it came under the law of that day. Empty: each by the law of its own day."
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    since = forms.DateField(
        label=gettext_lazy("Cases from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("Cases until before"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, found: TrialDraft, posted: object = None) -> None:
        super().__init__(posted, initial={"on": _day_of(found)})  # type: ignore[arg-type]  # a QueryDict or None
        ways = [pair for pair in directions() if pair[0] and found.crosses in ("", pair[0])]
        self.fields["history"].choices = histories.histories(found.flow)  # type: ignore[attr-defined]
        self.fields["crosses"].choices = ways  # type: ignore[attr-defined]


def _day_of(found: TrialDraft) -> date:
    """The day from which the change speaks, else today."""
    today = timezone.localdate()
    return max(drafts.begins_on(found.change) or today, today)


@login_required
def ask(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Ask what the draft would have done; what was asked before."""
    user = cast(User, request.user)
    found = find(user, draft_id)
    form = AskForm(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        asked = actions.Asked(given["history"], given["crosses"], given["since"], given["until"], given["on"])
        return redirect("trial_impact", actions.ask(user, draft_id, asked, timezone.now()).pk)
    context = {
        "draft": found,
        "title": title_of(found),
        "form": form,
        "flow": FLOW_WORDS.get(found.flow, found.flow),
        "assumed": words(histories.assumptions(found.flow).says),
        "runs": [_line(run) for run in runs(user, found)],
        "writes": bool(may(user, Verb.DRAFT_TRIAL)),
        "nothing": not any(text.strip() for text in (found.change, *found.alternatives)),
    }
    return render(request, "pilots/impact_ask.html", context, status=422 if form.errors else 200)


def _line(run: ImpactRun) -> dict[str, Any]:
    return {
        "run": run,
        "history": dict(histories.histories(run.flow)).get(run.history, run.history),
        "way": direction_words(run.crosses),
    }


@login_required
def result(request: HttpRequest, run_id: str) -> HttpResponse:
    """How far the scan is, or what it found."""
    user = cast(User, request.user)
    run = find_run(user, run_id)
    context = {**_context(run), "writes": bool(may(user, Verb.DRAFT_TRIAL))}
    if run.result is not None:
        context |= _found(run, impact.from_json(run.result), _version(request, run))
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx
        answer = render(request, "pilots/_impact_live.html", context)
        if run.state not in actions.UNDER_WAY:
            answer.headers["HX-Refresh"] = "true"
        return answer
    return render(request, "pilots/impact.html", context)


def _context(run: ImpactRun) -> dict[str, Any]:
    return {
        "run": run,
        "draft": run.draft,
        "title": title_of(run.draft),
        "under_way": run.state in actions.UNDER_WAY,
        "generated": run.history == histories.GENERATED,
        "assumed": words(histories.assumptions(run.flow).says),
        "way": direction_words(run.crosses),
        "flow": FLOW_WORDS.get(run.flow, run.flow),
        "rows": run.rows or histories.ROWS,
    }


def _version(request: HttpRequest, run: ImpactRun) -> int:
    """Which version the page is about, from 1."""
    given = request.GET.get("v", "1")
    at = int(given) if given.isdigit() and len(given) == 1 else 1
    return at if 1 <= at <= len(run.changes) else 1


def _found(run: ImpactRun, found: impact.Impact, version: int) -> dict[str, Any]:
    if not found.counts:
        return {"found": found, "nothing": True}
    versions = impact_told.versions(run, found)
    groups = impact_told.moved(run, found, version)
    desks, days, calendar_held = impact_told.desks(found, zone().park(this_node().id).bank)
    return {
        "found": found,
        "versions": versions,
        "drafted": versions[1:],
        "version": version,
        "this": versions[version],
        "outcome_rows": [
            (key, [v.outcomes[at][1] for v in versions])
            for at, (key, _n) in enumerate(versions[0].outcomes)
            if any(v.outcomes[at][1] for v in versions)
        ],
        "turns": impact_told.turns(found, version),
        "groups": groups,
        "groups_chart": impact_told.moved_chart(groups),
        "desks": desks,
        "desks_chart": impact_told.desk_chart(desks, version),
        "days": days,
        "calendar_held": calendar_held,
        "per_mille": round(1000 * versions[version].affected / found.cases, 1) if found.cases else 0,
    }


@login_required
def cases(request: HttpRequest, run_id: str) -> HttpResponse:
    """Cases behind one change of outcome, with their facts in words."""
    run = find_run(cast(User, request.user), run_id)
    if run.result is None:
        raise Http404
    version, turn = _version(request, run), request.GET.get("turn", "")
    found = impact.from_json(run.result)
    chosen = next((each for each in impact_told.turns(found, version) if each.key == turn), None)
    if chosen is None:
        raise Http404
    context = {
        **_context(run),
        "version": version,
        "version_name": impact_told.version_name(run.numbers[version - 1]),
        "turn": chosen,
        "cases": impact_told.cases(run, found, version, turn),
    }
    return render(request, "pilots/impact_cases.html", context)


@login_required
@require_POST
def stop(request: HttpRequest, run_id: str) -> HttpResponse:
    """Stop a scan that is under way."""
    actions.stop(cast(User, request.user), run_id)
    return redirect("trial_impact", run_id)
