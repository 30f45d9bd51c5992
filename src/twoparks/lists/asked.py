"""An address read: which filters it sets, which order, where to go on. A value that cannot be used is named, never passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from twoparks.lists.folding import asked_words
from twoparks.lists.sealing import opened, sealed
from twoparks.lists.types import (
    Asked,
    Choice,
    Days,
    Exactly,
    Filter,
    Line,
    Listing,
    Problem,
    Refused,
    Rows,
    Search,
)

VALUE_MAX = 200


def read(listing: Listing[Line], address: Mapping[str, str]) -> Asked:
    """What the parameters ask; raises Refused naming each one that cannot be used. Unknown parameters are left alone."""
    values = {
        name: text
        for name in listing.parameters()
        if (text := str(address.get(name) or "").strip()) and name != "sort"
    }
    values |= {name: opened(values[name]) for name in _sealed(listing) if name in values}
    problems = [
        problem
        for narrowing in listing.filters
        for name in narrowing.names
        if name in values and (problem := _wrong(narrowing, name, values[name]))
    ]
    problems += _wrong_span(listing, values) if not problems else []
    sort = str(address.get("sort") or listing.order)
    if sort.removeprefix("-") not in {column.name for column in listing.sortable()}:
        accepted = ", ".join(column.name for column in listing.sortable())
        says = _("%(typed)s: the list cannot be ordered by this; use one of %(accepted)s.")
        problems.append(Problem("sort", says % {"typed": sort[:VALUE_MAX], "accepted": accepted}))
    if problems:
        raise Refused(problems)
    return Asked(values, sort, str(address.get("after") or ""), str(address.get("before") or ""))


def query(listing: Listing[Line], asked: Asked) -> str:
    """The address of what was asked, without its place in the list; the shortest that says the same."""
    said = dict(asked.values)
    said |= {name: sealed(said[name]) for name in _sealed(listing) if name in said}
    if asked.sort and asked.sort != listing.order:
        said["sort"] = asked.sort
    return urlencode(said)


def known(listing: Listing[Line], text: str) -> Asked:
    """What a kept query asks today; raises Refused when the list no longer knows one of its values."""
    return read(listing, QueryDict(text).dict())  # type: ignore[arg-type]  # of strings, as every query


def _sealed(listing: Listing[Line]) -> list[str]:
    return [f.name for f in listing.filters if isinstance(f, Search) and f.sealed]


def narrowed(listing: Listing[Line], rows: Rows, asked: Asked, now: datetime) -> Rows:
    """The rows that every filter set lets through."""
    for narrowing in listing.filters:
        match narrowing:
            case Choice() | Exactly() | Search() if narrowing.name in asked.values:
                rows = _one(narrowing, rows, asked.values[narrowing.name], now)
            case Days():
                rows = _between(narrowing, rows, asked.values)
    return rows


def _one(narrowing: Choice | Exactly | Search, rows: Rows, value: str, now: datetime) -> Rows:
    match narrowing:
        case Choice():
            return narrowing.narrow(rows, value, now)
        case Exactly() if narrowing.narrow is not None:
            return narrowing.narrow(rows, value)
        case Exactly():
            return rows.filter(**{narrowing.field: value})
        case Search():
            return narrowing.narrow(rows, value)


def _between(narrowing: Days, rows: Rows, values: Mapping[str, str]) -> Rows:
    first, last = narrowing.names
    if first in values:
        rows = rows.filter(**{f"{narrowing.field}__gte": _midnight(date.fromisoformat(values[first]))})
    if last in values:
        after = date.fromisoformat(values[last]) + timedelta(days=1)
        rows = rows.filter(**{f"{narrowing.field}__lt": _midnight(after)})
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _wrong(narrowing: Filter, name: str, value: str) -> Problem | None:
    label, typed = str(narrowing.label), value[:VALUE_MAX]
    if len(value) > VALUE_MAX or "\x00" in value:
        says = _("%(label)s: at most %(n)d letters, please.") % {"label": label, "n": VALUE_MAX}
        return Problem(name, says)
    match narrowing:
        case Choice() if value not in (options := [key for key, _word in narrowing.options()]):
            says = _("%(label)s: %(typed)s is not one of the choices; use one of %(accepted)s.")
            return Problem(name, says % {"label": label, "typed": typed, "accepted": ", ".join(options)})
        case Days() if not _is_day(value):
            says = _("%(label)s: %(typed)s is not a date; use YYYY-MM-DD.")
            return Problem(name, says % {"label": label, "typed": typed})
        case Search() if not asked_words(value):
            says = _("%(label)s: %(typed)s has no letter or digit to look for.")
            return Problem(name, says % {"label": label, "typed": typed})
    return None


def _wrong_span(listing: Listing[Line], values: Mapping[str, str]) -> list[Problem]:
    found = []
    for narrowing in listing.filters:
        if isinstance(narrowing, Days):
            first, last = (values.get(name, "") for name in narrowing.names)
            if first and last and last < first:
                says = _("%(label)s: the last day, %(last)s, lies before the first, %(first)s.")
                said = {"label": str(narrowing.label), "first": first, "last": last}
                found.append(Problem(narrowing.names[1], says % said))
    return found


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and 1900 <= date.fromisoformat(text).year <= 9000
    except ValueError:
        return False
