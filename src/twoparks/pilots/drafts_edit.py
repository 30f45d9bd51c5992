"""Changing one rule of the law on a form: what it writes is the same text that the draft's page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from twoparks.law.pack import LANGUAGES, DatedParameter, PackError
from twoparks.law.zone import Zone
from twoparks.packs import load
from twoparks.permits.form import dollars
from twoparks.permits.letter import authority_name, measure_name
from twoparks.permits.types import NotPossible
from twoparks.permits.units import CENTS, MINUTES, cents, measured, minutes, unit_words
from twoparks.pilots import drafts, drafts_told
from twoparks.pilots.actions import drafts as actions
from twoparks.pilots.drafts_pages import address, number, title_of
from twoparks.pilots.drafts_queries import draft as find
from twoparks.pilots.drafts_queries import text as text_of
from twoparks.pilots.models import TrialDraft
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.registry.words import words

NEW = "new"
OF_THE_TRIAL = "this-trial"
EFFECTS = {
    "exempt": gettext_lazy("exempts from"),
    "require": gettext_lazy("requires"),
    "permit": gettext_lazy("opens"),
    "forbid": gettext_lazy("closes"),
    "movement": gettext_lazy("forbids the movement"),
    "refer": gettext_lazy("leaves it to a person at"),
}
_ID = re.compile(r"[A-Z0-9][A-Z0-9-]{2,30}")
_IS_TRIAL = {"en": "A trial of both parks", "zh-Hant": "兩園區的試行", "zh-Hans": "两园区的试行"}
_BY_PROTOCOL = {
    "en": "Both parks, by its protocol",
    "zh-Hant": "兩園區，依試行方案",
    "zh-Hans": "两园区，依试行方案",
}


@login_required
def law(request: HttpRequest, draft_id: str) -> HttpResponse:
    """The law of the draft's flow and direction, to be searched, each rule with a way to change it."""
    found, of, zone, _text = _draft(request, draft_id)
    typed, today = request.GET.get("q", "").strip()[:80], timezone.localdate()
    asked = (zone, found.flow, found.crosses, today, typed)
    context = {
        "draft": found,
        "title": title_of(found),
        "of": of,
        "typed": typed,
        "today": today,
        "parameters": drafts_told.parameters_of(*asked),
        "provisions": drafts_told.provisions_of(*asked),
    }
    return render(request, "pilots/draft_law.html", context)


@login_required
def parameter(request: HttpRequest, draft_id: str, name: str) -> HttpResponse:
    """A new value of a parameter, from a day on."""
    found, of, zone, text = _draft(request, draft_id)
    known = load().parameters.get(name) or zone.parameters.get(name)
    if known is None:
        raise Http404
    wrong: dict[str, str] = {}
    if request.method == "POST":
        value, begins = _value(known, request.POST.get("value", "")), _day(request.POST.get("from", ""))
        if value is None:
            wrong["value"] = _needed(known)
        if begins is None:
            wrong["from"] = _("This is not a day; use YYYY-MM-DD.")
        if value is not None and begins is not None:
            item = drafts.parameter_item(known, value, begins)
            return _write(request, found, of, drafts.with_item(text, "parameters", item))
    today = timezone.localdate()
    drafted = zone.parameters[name].values[-1]
    now = known.on(today)
    context = {
        "draft": found,
        "title": title_of(found),
        "of": of,
        "seen": found.changed_at.isoformat(),
        "name": name,
        "says": words(known.says),
        "unit": unit_words(known.unit),
        "kind": known.type,
        "now": "" if now is None else measured(now.value, known.unit),
        "where": "" if now is None else words(zone.cite(now.article)),
        "all": [drafts_told.value_words(known, value) for value in known.values],
        "typed": request.POST.get("value")
        or (_shown(known, drafted.value) if drafted.source == drafts.PROPOSED else ""),
        "from": request.POST.get("from") or _proposed_day(drafted.in_force.from_on, drafted.source, today),
        "wrong": wrong,
    }
    return render(request, "pilots/draft_parameter.html", context, status=422 if wrong else 200)


def _proposed_day(begins: date | None, source: str, today: date) -> str:
    """The day already drafted, else the first of the month after next: nothing is changed for days gone by."""
    if begins is not None and source == drafts.PROPOSED:
        return begins.isoformat()
    later = today.replace(day=1) + timedelta(days=62)
    return later.replace(day=1).isoformat()


def _shown(known: DatedParameter, value: int | date) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if known.unit in CENTS:
        return dollars(value)
    return f"{value // 60:02d}:{value % 60:02d}" if known.unit == MINUTES else str(value)


def _value(known: DatedParameter, typed: str) -> int | date | None:
    """The value as typed: money in whole currency, times as hours and minutes; None when it is none."""
    typed = typed.strip().replace(",", "").replace(" ", "")
    if known.type == "date":
        return _day(typed)
    if known.unit in CENTS:
        return cents(typed)
    if known.unit == MINUTES:
        return minutes(typed)
    return int(typed) if re.fullmatch(r"\d{1,15}", typed) else None


def _needed(known: DatedParameter) -> str:
    if known.type == "date":
        return _("This is not a day; use YYYY-MM-DD.")
    if known.unit == MINUTES:
        return _("This is not a time; use HH:MM.")
    return _("This is not an amount; use figures, like 80000.")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


@login_required
def provision(request: HttpRequest, draft_id: str, key: str) -> HttpResponse:
    """A provision changed, or a new one: condition, effect, what it yields to, words."""
    found, of, zone, text = _draft(request, draft_id)
    known = zone.provisions.get(key)
    if known is None and key != NEW:
        raise Http404
    before = drafts.provision_item(known) if known else {}
    typed, wrong = _typed(before), cast("tuple[str, ...]", ())
    if known is None:
        typed["from"] = _proposed_day(None, "", timezone.localdate())
    if request.method == "POST":
        typed = _posted(request.POST, known is None)
        item = _item(typed, before, found)
        after = drafts.with_item(text, "provisions", item)
        if typed["instrument"] == OF_THE_TRIAL:
            after = drafts.with_item(after, "instruments", _own_instrument(found))
        wrong = _refused(typed, zone if known is None else None) or tuple(
            fault.says for fault in drafts.faults(after)
        )
        if not wrong:
            return _write(request, found, of, after)
    facts = [(name, words(spec.question) or spec.meaning) for name, spec in zone.facts_of(found.flow).items()]
    context = {
        "draft": found,
        "title": title_of(found),
        "of": of,
        "seen": found.changed_at.isoformat(),
        "key": key,
        "new": known is None,
        "says": words(known.says) if known else "",
        "typed": typed,
        "kept_effect": known is not None and typed["effect"] == "",
        "effect_words": drafts_told.effect_words(known) if known else "",
        "effects": list(EFFECTS.items()),
        "measures": [(m.key, measure_name(m.key)) for m in zone.measures.values() if found.flow in m.flows],
        "authorities": sorted(((a, authority_name(a)) for a in zone.authorities), key=lambda pair: pair[1]),
        "instruments": _instruments(zone, found.flow),
        "facts": facts,
        "languages": [(language, typed["says"].get(language, "")) for language in LANGUAGES],
        "wrong": wrong,
    }
    return render(request, "pilots/draft_provision.html", context, status=422 if wrong else 200)


def _typed(item: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the form for a provision as packs write it; `effect` is empty where a form cannot say it."""
    effect = next((kind for kind in ("exempt", "require", "permit", "forbid", "refer") if kind in item), "")
    named = item.get(effect)
    if effect == "forbid" and named == "movement":
        effect, named = "movement", []
    if isinstance(named, dict) or item.get("afresh"):
        effect, named = "", []
    begins, ends = item.get("in_force", [None, None])
    return {
        "id": item.get("id", ""),
        "instrument": item.get("instrument", OF_THE_TRIAL),
        "when": item.get("when", ""),
        "effect": effect,
        "measures": named if isinstance(named, list) else [],
        "authority": named if effect == "refer" else "",
        "unless": " ".join(item.get("unless", [])),
        "from": begins or "",
        "until": ends or "",
        "says": item.get("says", {}),
    }


def _posted(posted: QueryDict, new: bool) -> dict[str, Any]:
    single = ("id", "instrument", "effect", "authority", "unless", "from", "until")
    return {
        **{name: posted.get(name, "").strip() for name in single},
        "id": posted.get("id", "").strip().upper() if new else posted.get("id", "").strip(),
        "when": " ".join(posted.get("when", "").split()),
        "measures": posted.getlist("measures"),
        "says": {language: posted.get(f"says.{language}", "").strip() for language in LANGUAGES},
    }


def _refused(typed: Mapping[str, Any], new_in: Zone | None) -> tuple[str, ...]:
    """What the form cannot write at all; everything else is for the law's own checks."""
    found = []
    if new_in is not None and not _ID.fullmatch(typed["id"]):
        found.append(_("Give it a short name of capital letters, figures and hyphens, like TRIAL-1."))
    elif new_in is not None and typed["id"] in new_in.provisions:
        found.append(_("%(id)s is a provision already; choose another name.") % {"id": typed["id"]})
    if not all(typed["says"].values()):
        found.append(_("Say it in all three languages."))
    if typed["effect"] in ("exempt", "require", "permit", "forbid") and not typed["measures"]:
        found.append(_("Choose what it is about."))
    return tuple(found)


def _item(typed: Mapping[str, Any], before: Mapping[str, Any], found: TrialDraft) -> dict[str, Any]:
    """The provision as packs write it, with what the form says laid over what stood there."""
    kinds = ("exempt", "require", "permit", "forbid", "refer", "compute", "state", "afresh")
    item = {name: value for name, value in before.items() if typed["effect"] == "" or name not in kinds}
    if not before:
        ways = [found.crosses] if found.crosses else list(load().facts["crosses"].values[:2])
        item = {
            "id": typed["id"],
            "instrument": typed["instrument"],
            "article": "1",
            "flow": [found.flow],
            "crosses": ways,
        }
    item |= {
        "when": typed["when"] or "true",
        **_effect(typed),
        "status": "pilot",
        "confidence": item.get("confidence", "S"),
    }
    item |= {"unless": typed["unless"].replace(",", " ").split(), "says": typed["says"]}
    item["in_force"] = [typed["from"] or None, typed["until"] or None]
    return {name: value for name, value in item.items() if value not in ([], [None, None], None)}


def _effect(typed: Mapping[str, Any]) -> dict[str, Any]:
    match typed["effect"]:
        case "":
            return {}
        case "movement":
            return {"forbid": "movement"}
        case "refer":
            return {"refer": typed["authority"]}
    return {typed["effect"]: typed["measures"]}


def _own_instrument(found: TrialDraft) -> dict[str, Any]:
    """The instrument under which a trial's own provisions stand."""
    title = found.title if set(found.title) == set(LANGUAGES) else _IS_TRIAL
    return {
        "key": OF_THE_TRIAL,
        "title": dict(title),
        "issuer": dict(_BY_PROTOCOL),
        "source": drafts.PROPOSED,
        "status": "pilot",
    }


def _instruments(zone: Zone, flow: str) -> list[tuple[str, str]]:
    used = {p.instrument for p in zone.provisions.values() if flow in p.flows}
    named = sorted(((key, words(zone.instruments[key].title)) for key in used), key=lambda pair: pair[1])
    return [(OF_THE_TRIAL, _("the trial itself")), *(pair for pair in named if pair[0] != OF_THE_TRIAL)]


@login_required
@require_POST
def take_out(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Take one rule out of the change again; or drop one from the law, or keep it after all."""
    found, of, _zone, text = _draft(request, draft_id)
    section, key = request.POST.get("section", ""), request.POST.get("key", "")
    match request.POST.get("do"):
        case "drop":
            after = drafts.dropping(text, key)
        case "keep":
            after = drafts.dropping(text, key, drops=False)
        case _ if section in drafts.KEYS:
            after = drafts.without_item(text, section, key)
        case _:
            raise Http404
    return _write(request, found, of, after)


def _draft(request: HttpRequest, draft_id: str) -> tuple[TrialDraft, int, Zone, str]:
    """The draft, which of its texts, the law with it (the packs alone while the text cannot be read), and the text."""
    user = cast(User, request.user)
    demand(user, Verb.DRAFT_TRIAL)
    found, of = find(user, draft_id), number(request)
    text = text_of(found, of)
    try:
        return found, of, drafts.zone_with(text), text
    except PackError:
        if request.method == "POST":
            says = _("The text cannot be read as law. Correct it first; then forms can write into it.")
            raise NotPossible("text_is_no_law", says) from None
        return found, of, load(), text


def _write(request: HttpRequest, found: TrialDraft, of: int, text: str) -> HttpResponse:
    seen = actions.Seen(found.pk, of, request.POST.get("seen", ""))
    actions.write_change(cast(User, request.user), seen, text, timezone.now())
    return redirect(address(found.pk, of))
