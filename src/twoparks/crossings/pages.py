"""Pages of crossings: the list, one crossing with both legs, and the gate."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from twoparks.crossings import actions, bundles, queries, telling
from twoparks.crossings.device import Counter, NotReady, Seen, split_code
from twoparks.crossings.gate_lists import EVENTS, GATES, without_device
from twoparks.crossings.lists import CROSSINGS
from twoparks.crossings.types import CrossingId
from twoparks.ledger.refusal import LedgerRefusal
from twoparks.lists.pages import show
from twoparks.passes.verdict import Verdict
from twoparks.permits.telling import crossed
from twoparks.permits.types import Invalid, Passage
from twoparks.registry.access import Subject, Verb, demand, may
from twoparks.registry.models import User
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.telling import seers_told
from twoparks.registry.zone import zone

INSPECTIONS = ("passed", "failed", "waived")
REASON_MAX = 500


@dataclass(frozen=True)
class Typed:
    """What the gate's officer typed, and what of it cannot be read."""

    seen: Seen
    problems: tuple[str, ...]


@login_required
def crossings(request: HttpRequest) -> HttpResponseBase:
    """Crossings the reader may see."""
    return show(request, CROSSINGS)


@login_required
def crossing(request: HttpRequest, crossing_id: str) -> HttpResponse:
    """One crossing: its two legs, north above south, and what is wrong between them."""
    user, now = cast(User, request.user), timezone.now()
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        code, said = request.POST.get("code", ""), request.POST.get("explanation", "")
        try:
            actions.close_discrepancy(user, CrossingId(crossing_id), code, said, now)
        except Invalid as wrong:
            problems = tuple(p.says for p in wrong.problems)
        else:
            messages.success(request, _("The explanation is recorded at both parks."))
            return redirect("crossing", crossing_id)
    detail = queries.detail(user, CrossingId(crossing_id), now)
    version = detail.permit.version(detail.crossing.version) or detail.permit.current
    context = {
        "detail": detail,
        "crossing": detail.crossing,
        "declaration": version.declaration,
        "legs": _legs(detail),
        "problems": problems,
        "explanation": request.POST.get("explanation", ""),
        "seers": seers_told(queries.seers(detail)),
        "crossed": crossed(queries.told_of(detail)),
    }
    return render(request, "crossings/crossing.html", context, status=422 if problems else 200)


def _legs(detail: queries.CrossingDetail) -> list[dict[str, Any]]:
    """One entry a bank, north first, with the leg that was passed there."""
    passed: list[Passage] = [leg for leg in (detail.crossing.exit, detail.crossing.entry) if leg is not None]
    leaving = zone().directions[detail.permit.current.declaration.crosses][0]
    return [
        {
            "park": park,
            "kind": "exit" if park.id == leaving else "entry",
            "leg": next((leg for leg in passed if leg.park == park.id), None),
        }
        for park in sorted(zone().parks.values(), key=lambda p: p.side)
    ]


@login_required
def gate(request: HttpRequest) -> HttpResponseBase:
    """The gates this reader sees; whoever works at one alone is led straight to it."""
    user = cast(User, request.user)
    seen = queries.gates_seen(user)
    if len(seen) == 1 and not request.GET:
        return redirect("gate_desk", seen[0])
    return show(request, GATES, "crossings/gates.html", {"without": without_device(user)})


@login_required
def gate_events(request: HttpRequest) -> HttpResponseBase:
    """What the gates that this reader sees recorded."""
    return show(request, EVENTS)


@login_required
def gate_desk(request: HttpRequest, gate_id: str) -> HttpResponse:
    """One gate: scan or paste a code and the labels, get the verdict, large. The gate decides by its own folder."""
    user, now = cast(User, request.user), timezone.now()
    subject = Subject(gates=frozenset({gate_id}))
    verdict: Verdict | None = None
    typed: Typed | None = None
    if request.method == "POST" and request.POST.get("do") == "refresh":
        demand(user, Verb.SCAN, subject)
        return _refreshed(request, gate_id)
    if request.method == "POST":
        demand(user, Verb.SCAN, subject)
        typed = _typed(user, request.POST)
        if not typed.problems:
            verdict = _scan(request, gate_id, typed.seen)
    context = {
        "desk": queries.desk(user, gate_id),
        "scans": bool(may(user, Verb.SCAN, subject)),
        "verdict": _shown(verdict) if verdict else None,
        "seen": typed.seen if typed else None,
        "carried": _carried(typed.seen) if typed else "",
        "problems": typed.problems if typed else (),
        "use_id": secrets.token_hex(8),
        "inspections": INSPECTIONS,
        "at": now,
    }
    return render(request, "crossings/gate.html", context, status=422 if context["problems"] else 200)


def _scan(request: HttpRequest, gate_id: str, seen: Seen) -> Verdict | None:
    """The gate's verdict; its event is handed to the node at once where that works, else at the next synchronisation."""
    now = timezone.now()
    try:
        verdict = bundles.device(gate_id).scan(seen, now)
    except NotReady as missing:
        messages.error(request, str(missing))
        return None
    try:
        actions.sync_gate(gate_id, now)
    except (LedgerRefusal, OSError) as error:
        messages.warning(
            request, _("Decided and kept at the gate; not handed over yet: %(why)s") % {"why": error}
        )
    return verdict


def _refreshed(request: HttpRequest, gate_id: str) -> HttpResponse:
    try:
        taken = actions.sync_gate(gate_id, timezone.now())
    except LedgerRefusal as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Refreshed; %(n)d events handed over.") % {"n": taken})
    return redirect("gate_desk", gate_id)


def _typed(user: User, posted: QueryDict) -> Typed:
    problems = []
    code, moving = split_code(posted.get("code", ""))  # spaces are letters of the code and stay
    moving = posted.get("holder", "").strip("\r\n\t") or moving
    labels = tuple(
        line.strip() for line in posted.get("labels", "").replace(",", "\n").splitlines() if line.strip()
    )
    if not code.strip():
        problems.append(_("Scan the code, or paste its text: it begins with TP1:"))
    quantities = {}
    for line in posted.get("quantities", "").replace(",", "\n").split():
        name, _equals, number = line.partition("=")
        if name.isdigit() and number.isdigit():
            quantities[int(name)] = int(number)
        else:
            problems.append(_("%(typed)s: write the line and its quantity, such as 1=20.") % {"typed": line})
    counter = None
    if posted.get("do") == "counter":
        counter = Counter(pseudonym(user), posted.get("reason", "").strip()[:REASON_MAX])
        if not counter.reason:
            problems.append(_("Say why it may pass: what was checked by hand."))
    inspection = posted.get("inspection", "")
    seen = Seen(
        code=code,
        labels=labels,
        quantities=quantities or None,
        holder=moving,
        seal=posted.get("seal", "").strip() or None,
        inspection=cast(Any, inspection)
        if inspection in INSPECTIONS
        else None,  # Any: one of the three words
        use_id=posted.get("use_id", "")[:32],
        counter=counter,
    )
    return Typed(seen, tuple(problems))


def _carried(seen: Seen) -> str:
    """Quantities as the form reads them back."""
    return " ".join(f"{line}={quantity}" for line, quantity in (seen.quantities or {}).items())


def _shown(verdict: Verdict) -> dict[str, Any]:
    tint, shape = telling.SHAPES[verdict.light]
    return {
        "verdict": verdict,
        "word": telling.LIGHTS[verdict.light],
        "tint": tint,
        "shape": shape,
        "against": [telling.sentence(reason) for reason in verdict.against],
        "passed": [telling.sentence(reason) for reason in verdict.reasons if reason not in verdict.against],
        "refer": verdict.light.word == "refer",
    }
