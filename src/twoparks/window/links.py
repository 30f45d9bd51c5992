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
from twoparks.permits.stated import usable
from twoparks.window.types import Case

MOST_HELD = 60
SOUGHT = "sought"  # the fact that names what is asked for; without it the whole crossing is asked


def read_link(flow: str, crosses: str, query: QueryDict, today: date) -> Case:
    """The case a link asks; answers that cannot be used are left out and named in `wrong`."""
    law, specs = load(), load().facts_of(flow)
    on = _day(query.get("on", ""), today)
    facts, wrong = usable(form.answers(query, {})["facts"], flow, crosses, on)
    return Case(
        flow,
        crosses,
        on,
        facts,
        tuple(dict.fromkeys(m for m in query.getlist("held") if m in law.measures))[:MOST_HELD],
        tuple(dict.fromkeys(n for n in query.getlist("skip") if n in specs and n not in {*facts, *wrong})),
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


def holding(case: Case, measure: str) -> Case:
    """The case with that measure held already, or with it open again where it was."""
    rest = tuple(m for m in case.held if m != measure)
    return replace(case, held=rest if measure in case.held else (*case.held, measure))


def seeking(case: Case, measure: str | None) -> Case:
    """The case asked about one route or facility, or about the whole crossing again."""
    rest = {n: v for n, v in case.facts.items() if n != SOUGHT}
    return replace(case, facts=rest if measure is None else {**rest, SOUGHT: [measure]})


def _written(value: object) -> str:
    if value is None:
        return NONE
    return str(value).lower() if isinstance(value, bool) else str(value)


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today
