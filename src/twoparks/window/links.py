"""A case from the query of a link, and back. Only what the vocabulary lists is read, so nothing personal fits in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from twoparks.packs import load
from twoparks.permits import form
from twoparks.permits.form import NONE
from twoparks.permits.stated import SAID_ELSEWHERE, typed_value
from twoparks.permits.units import cents, minutes
from twoparks.window.types import Case

MOST_HELD = 60
MONEY, TIME = "money.", "time."  # fields typed in whole currency, and as hours and minutes


def read_link(flow: str, crosses: str, query: QueryDict, today: date) -> Case:
    """The case a link asks; answers that cannot be used are left out and named in `wrong`."""
    law, specs = load(), load().facts_of(flow)
    stated = {**form.answers(query, {})["facts"], **_converted(query)}
    known = {n: typed_value(v, specs[n]) for n, v in stated.items() if n in specs and n not in SAID_ELSEWHERE}
    on = _day(query.get("on", ""), today)
    problems = law.check_facts({**known, "flow": flow, "crosses": crosses, "on": on})
    wrong = {problem.name: problem.accepted for problem in problems}
    return Case(
        flow,
        crosses,
        on,
        {name: value for name, value in known.items() if name not in wrong},
        tuple(dict.fromkeys(m for m in query.getlist("held") if m in law.measures))[:MOST_HELD],
        tuple(dict.fromkeys(n for n in query.getlist("skip") if n in specs and n not in known)),
        wrong,
    )


def pairs(case: Case) -> tuple[tuple[str, str], ...]:
    """The case as names and values of a form or link."""
    found = [("on", case.on.isoformat())]
    for name, value in case.facts.items():
        if isinstance(value, list):
            found.append((f"many.{name}", "1"))
            found += [(f"facts.{name}", str(v)) for v in value or [NONE]]
        else:
            found.append((f"facts.{name}", _written(value)))
    found += [("held", measure) for measure in case.held]
    found += [("skip", name) for name in case.skipped]
    return tuple(found)


def link(case: Case) -> str:
    """The query of a link that asks the case."""
    return urlencode(pairs(case))


def without(case: Case, name: str) -> Case:
    """The case with that question open again."""
    facts: Mapping[str, Any] = {n: v for n, v in case.facts.items() if n != name}
    return replace(case, facts=facts, skipped=tuple(n for n in case.skipped if n != name))


def _converted(query: QueryDict) -> dict[str, object]:
    """Money as cents and times as minutes; what is neither stays as typed, to be refused by name."""
    found: dict[str, object] = {}
    for prefix, read in ((MONEY, cents), (TIME, minutes)):
        for name in query:
            typed = query.get(name, "").strip()
            if name.startswith(prefix) and typed:
                value = read(typed)
                found[name.removeprefix(prefix)] = typed if value is None else value
    return found


def _written(value: object) -> str:
    if value is None:
        return NONE
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today
