"""Pages of permits: lists, one permit with everything that happened to it, and the officers' decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twoparks.lists.pages import show
from twoparks.packs import load
from twoparks.permits import actions, form, letter, queries, telling
from twoparks.permits.lists import PERMITS
from twoparks.permits.queries import PermitDetail
from twoparks.permits.types import (
    Action,
    AuthorityAnswer,
    Declaration,
    Evidence,
    Invalid,
    ItemTerms,
    PermitId,
    Problem,
    Reasons,
    Terms,
    Todo,
)
from twoparks.registry import queries as registry
from twoparks.registry.access import Verb, may
from twoparks.registry.models import User
from twoparks.registry.telling import seers_told
from twoparks.registry.words import words
from twoparks.registry.zone import GroupId, zone

OFFICERS = (Action.DECIDE, Action.CLEAR, Action.REFUSE, Action.REVOKE)


@login_required
def permits(request: HttpRequest) -> HttpResponseBase:
    """Permits the reader may see."""
    return show(request, PERMITS)


@login_required
def permit(request: HttpRequest, permit_id: str) -> HttpResponse:
    """One permit: the answer first, then where it stands on both banks, what waits, what happened."""
    detail = queries.detail(cast(User, request.user), PermitId(permit_id), timezone.now())
    with letter.under(detail.under.law):
        return render(request, "permits/permit.html", _context(cast(User, request.user), detail))


@login_required
def qr(request: HttpRequest, permit_id: str) -> HttpResponse:
    """The pass as an SVG picture, while it can be used."""
    detail = queries.detail(cast(User, request.user), PermitId(permit_id), timezone.now())
    picture = queries.qr_svg(detail)
    if picture is None:
        raise Http404
    alone = picture.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )  # within a page it needs none
    return HttpResponse(alone, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@login_required
def decide(request: HttpRequest, permit_id: str) -> HttpResponse:
    """Where officers decide: each piece of work of their authority, then the park's own answer."""
    user = cast(User, request.user)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            done = _act(user, PermitId(permit_id), request.POST)
        except Invalid as wrong:
            problems = tuple(p.says for p in wrong.problems)
        else:
            messages.success(request, done)
            return redirect("permit", permit_id)
    detail = queries.detail(user, PermitId(permit_id), timezone.now())
    with letter.under(detail.under.law):
        context = _to_decide(detail) | {"problems": problems, "typed": request.POST}
        return render(request, "permits/decide.html", context, status=422 if problems else 200)


@login_required
@require_POST
def withdraw(request: HttpRequest, permit_id: str) -> HttpResponse:
    """The applicant takes the declaration back."""
    actions.withdraw(cast(User, request.user), PermitId(permit_id), _seen(request.POST), timezone.now())
    messages.success(request, _("The declaration is withdrawn."))
    return redirect("permit", permit_id)


def _context(user: User, detail: PermitDetail) -> dict[str, Any]:
    """What a permit's page shows."""
    declaration = detail.version.declaration
    return {
        "detail": detail,
        "declaration": declaration,
        "goods": declaration.items,
        "route": _route(declaration),
        **_person(declaration),
        "asks_movements": bool(may(user, Verb.ASK_MOVEMENTS)),
        "banks": [_bank(detail, view) for view in detail.banks],
        "letter": _letter(detail),
        "told": [telling.told(act) for act in reversed(detail.acts)],
        "qr": queries.qr_svg(detail),
        "pass_text": queries.pass_text(detail),
        "evidence": [_evidence(e) for e in declaration.evidence],
        "can": {str(p.action): p for p in detail.possible},
        "decides": any(p.action in OFFICERS and p.open for p in detail.possible if p.action != Action.REVOKE),
        "seen": detail.state.acts,
        "seers": seers_told(detail.seers),
        "crossed": telling.crossed(detail.acts),
    }


def _to_decide(detail: PermitDetail) -> dict[str, Any]:
    """What the officers' page shows."""
    return {
        "detail": detail,
        "declaration": detail.version.declaration,
        "goods": detail.version.declaration.items,
        "letter": _letter(detail),
        "asked": _asked_of(detail),
        **_person(detail.version.declaration),
        "others": [telling.row(t) for t in detail.work if not _mine(detail, t)],
        "provisions": _applying(detail),
        "offer": detail.offer,
        "can": {str(p.action): p for p in detail.possible},
        "seen": detail.state.acts,
    }


def _letter(detail: PermitDetail) -> letter.Letter:
    """This bank's law, with what its authorities have granted since."""
    latest = {d.measure: d.decision for d in detail.version.decisions if d.measure}
    granted = frozenset(measure for measure, decision in latest.items() if decision == "grant")
    return letter.letter(detail.answer.by_way(), granted)


def _act(user: User, permit_id: PermitId, posted: QueryDict) -> str:
    """Do what the decide page's form says; returns what to tell the officer."""
    now, seen = timezone.now(), _seen(posted)
    reasons = Reasons(posted.get("reasons", ""), tuple(posted.getlist("provisions")))
    match posted.get("do"):
        case "clear":
            offer = queries.detail(user, permit_id, now).offer
            actions.clear(user, permit_id, _narrowed(offer, posted), seen, now)
            return _("Cleared. The permit is in force once both parks have cleared and signed.")
        case "refuse":
            actions.refuse(user, permit_id, reasons, seen, now)
            return _("Refused, with your reasons. The applicant may declare a new version.")
        case "revoke":
            actions.revoke(user, permit_id, reasons, seen, now)
            return _("Revoked. Gates refuse it as soon as they hold the new status list.")
        case "decide":
            actions.decide(user, permit_id, _answer(posted, reasons), seen, now)
            return _("Your decision is recorded.")
    raise Http404


def _answer(posted: QueryDict, reasons: Reasons) -> AuthorityAnswer:
    decision = posted.get("decision", "")
    if decision not in telling.DECISIONS:
        raise Invalid((Problem("decision", decision, _("Choose what you decide: grant, refuse or ask.")),))
    return AuthorityAnswer(
        authority=posted.get("authority") or None,
        decision=cast(Any, decision),  # Any: checked against the three words above
        reasons=reasons,
        measure=posted.get("measure") or None,
        provision=posted.get("provision") or None,
        number=posted.get("number", "").strip(),
    )


def _narrowed(offer: Terms, posted: QueryDict) -> Terms | None:
    """The terms with the quantities and uses the officer typed; None when nothing was narrowed."""
    items = tuple(
        ItemTerms(i.line, int(typed), i.unit)
        if (typed := posted.get(f"quantity.{i.line}", "")).isdigit()
        else i
        for i in offer.items
    )
    uses_typed = posted.get("uses", "")
    uses = int(uses_typed) if uses_typed.isdigit() else offer.uses
    narrowed = replace(offer, items=items, uses=uses)
    return None if narrowed == offer else narrowed


def _asked_of(detail: PermitDetail) -> list[dict[str, object]]:
    """What this officer can decide: one entry an authority and measure or provision."""
    found = []
    for work in detail.work:
        for authority in detail.deciding_for:
            if not _for(work, authority):
                continue
            subjects = [("measure", m) for m in work.measures] or [("provision", p) for p in work.provisions]
            for kind, key in subjects or [("provision", "")]:
                name = letter.measure_name(key) if kind == "measure" else _provision_says(key)
                found.append(
                    {**telling.row(work), "authority": authority, "kind": kind, "key": key, "name": name}
                )
    return found


def _for(work: Todo, authority: str) -> bool:
    return authority in work.authorities if authority else not work.authorities and work.why == "referred"


def _mine(detail: PermitDetail, work: Todo) -> bool:
    return any(_for(work, authority) for authority in detail.deciding_for)


def _provision_says(key: str) -> str:
    found = letter.provision(key)
    return found.says if found else key


def _applying(detail: PermitDetail) -> list[letter.Cited]:
    return [found for p in detail.answer.applying() if (found := letter.provision(p)) is not None]


def _bank(detail: PermitDetail, view: queries.BankView) -> dict[str, object]:
    """Where the permit stands at one park, in a status word and lines."""
    if view.revoked:
        status, said = "revoked", view.revoked
    elif view.refused:
        status, said = "refused", view.refused
    else:
        status, said = ("cleared" if view.clearance else "waiting"), None
    return {
        "view": view,
        "park": view.park,
        "status": status,
        "said": said,
        "work": None if view.work is None else [telling.row(t) for t in view.work],
        "grounds": [_ground(g) for g in (view.clearance.grounds if view.clearance else ())],
        "required": [
            {"name": letter.measure_name(r.measure), "status": "held" if r.held else "missing"}
            for r in (view.determined.required if view.determined and not view.clearance else ())
        ],
    }


def _ground(
    ground: Mapping[str, Any],
) -> dict[str, str]:  # Any: measure, provision and authority, as the contract says
    measure, authority = ground["measure"], ground["authority"]
    return {
        "about": letter.measure_name(measure) if measure else str(ground["provision"]),
        "who": letter.authority_name(authority) if authority else _("the park"),
    }


def _person(declaration: Declaration) -> dict[str, object]:
    """Of a person: the name, where the reader's node knows it, and the facts stated as they were asked."""
    if declaration.traveller is None:
        return {}
    specs = load().facts_of(declaration.flow)
    facts = [form.asked(specs[name], declaration.facts) for name in declaration.facts if name in specs]
    return {"person": registry.person_called(declaration.traveller.pseudonym), "facts": facts}


def _route(declaration: Declaration) -> dict[str, object]:
    groups = zone().gate_groups
    ways = []
    for way in zone().ways(declaration.crosses):
        exits, entries = (
            [words(groups[GroupId(g)].name) for g in named if groups[GroupId(g)].crosses == way]
            for named in (declaration.exit_groups, declaration.entry_groups)
        )
        if exits or entries:
            ways.append({"leaving": ", ".join(exits), "arriving": ", ".join(entries)})
    return {"ways": ways}


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "name": letter.measure_name(evidence.measure),
        "who": letter.authority_name(evidence.authority),
        "evidence": evidence,
    }


def _seen(posted: QueryDict) -> int:
    text = posted.get("seen", "")
    return int(text) if text.isdigit() else 0
