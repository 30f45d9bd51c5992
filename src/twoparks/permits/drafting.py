"""A declaration being typed: what it says so far, what the law of both banks answers, what is still asked, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from twoparks.law.answer import Determination
from twoparks.law.pack import FactSpec
from twoparks.packs import load
from twoparks.permits import form, letter, queries
from twoparks.permits.flows import FLOWS
from twoparks.permits.flows.personnel import Personnel, read_hours
from twoparks.permits.form import Content
from twoparks.permits.reading import Reader
from twoparks.permits.stated import SAID_ELSEWHERE, usable
from twoparks.permits.types import Invalid, Problem
from twoparks.registry.models import User
from twoparks.registry.zone import zone

FROM_GOODS = ("value_hkd_cents", "un_numbers")  # facts that the list of goods says by itself
VARIES = "varies"  # key of a draft's content that names the permit it will vary; never part of a declaration
MIDDAY = 12 * 60


def declared(content: Content) -> Content:
    """A draft's content without what the page keeps for itself."""
    return {name: value for name, value in content.items() if name != VARIES}


def problems(user: User, content: Content) -> tuple[Problem, ...]:
    """Everything that keeps the draft from being declared, in the words of the form."""
    try:
        queries.check(user, declared(content), timezone.now())
    except Invalid as wrong:
        specs = load().facts_of(content["flow"])
        return tuple(replace(p, says=form.labelled(p, specs)) for p in wrong.problems)
    return ()


def answers(content: Content) -> letter.Letter:
    """What the law of both banks says to what is stated so far; of a person, for both ways."""
    held = [e["measure"] for e in content.get("evidence") or [] if e.get("measure") in load().measures]
    found: list[Determination] = []
    for asked in _ways(content):
        known = {**_known(content), **asked}
        crosses = known.pop("crosses")
        found += queries.determination(content["flow"], crosses, known, held, day(content)).values()
    return letter.letter(found)


def checked_facts(flow: str, crosses: str, posted: QueryDict) -> dict[str, Any]:
    """Answers given before the declaration began, as far as the law's vocabulary takes them and the form asks them."""
    elsewhere = {*SAID_ELSEWHERE, *FLOWS[flow].said, *FROM_GOODS}
    return usable(form.answers(posted, {})["facts"], flow, crosses, timezone.localdate(), elsewhere)[0]


def questions(content: Content, wrong: Iterable[Problem] = ()) -> list[form.Asked]:
    """Every question of the form: answered ones in the order given, then those the law still needs."""
    flow, facts = content["flow"], content.get("facts") or {}
    specs, wrong = load().facts_of(flow), tuple(wrong)
    still: dict[str, FactSpec] = {}
    for asked in _ways(content):
        known = {**_known(content), **asked, "on": day(content).isoformat()}
        crosses = known.pop("crosses")
        still |= {spec.name: spec for spec in queries.questions(flow, crosses, known)}
    elsewhere = {*SAID_ELSEWHERE, *FLOWS[flow].said, *FROM_GOODS, *facts}
    left = [spec for name, spec in still.items() if name not in elsewhere]
    return [form.asked(spec, facts, wrong) for spec in [*(specs[n] for n in facts if n in specs), *left]]


def day(content: Content) -> date:
    """The first day, or today while none is given."""
    try:
        return date.fromisoformat(str(content.get("valid_from") or ""))
    except ValueError:
        return timezone.localdate()


def section_status(key: str, content: Content, wrong: Iterable[Problem], open_questions: int) -> str:
    """Where one section of the form stands, in a word."""
    parts = form.section_of(content["flow"])
    touched = [name for name, part in parts.items() if part == key and content.get(name)]
    if not touched:
        return "not_started"
    if any(parts.get(p.path.split(".")[0]) == key for p in wrong):
        return "to_mend"
    return "started" if key == "questions" and open_questions else "done"


def _ways(content: Content) -> list[dict[str, Any]]:
    """What the law is asked beside the facts, once for each: goods one way; persons both ways, at each point and hour so far."""
    if content["flow"] != Personnel.key:
        return [{"crosses": content["crosses"]}]
    hours = read_hours(Reader(), content.get("hours"))
    minutes = dict.fromkeys((hours.start, hours.end - 1)) if hours else [MIDDAY]
    return [
        {"crosses": way, "minute_of_day": minute, **({"control_point": point} if point else {})}
        for way in zone().ways(content["crosses"])
        for point in known_points(content) or [None]
        for minute in minutes
    ]


def known_points(content: Content) -> list[str]:
    """The control points chosen so far that the zone knows; what else was typed is told by the check."""
    given = content.get("control_points")
    return [point for point in zone().control_points if isinstance(given, list) and point in given]


def _known(content: Content) -> dict[str, Any]:
    """Facts stated so far that the law can read; the rest is told by the check, not by the law."""
    stated = {**_from_goods(content), **(content.get("facts") or {})}
    return usable(stated, content["flow"], content["crosses"], day(content))[0]


def _from_goods(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the list of goods says by itself."""
    items = content.get("items") or []
    values = [i.get("value_hkd_cents") for i in items]
    found: dict[str, Any] = {}
    if items and all(isinstance(v, int) for v in values):
        found["value_hkd_cents"] = sum(values)
        found["un_numbers"] = sorted({i["un_number"] for i in items if i.get("un_number")})
    return found
