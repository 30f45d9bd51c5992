"""The filter of a list as a form shows it and as a file describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from twoparks.lists.types import Asked, Choice, Days, Exactly, Kind, Line, Listing, Options, Search, Words


@dataclass(frozen=True)
class Field:
    """One field of the filter form; `options` when it is a choice."""

    kind: str  # search, choice, day or exactly
    name: str
    label: str
    value: str
    hint: str = ""
    options: Options = ()


def fields(listing: Listing[Line], typed: Mapping[str, str]) -> list[Field]:
    """Fields in the order the list declares them, filled with what was typed; a code linked to only while it is set."""
    found = []
    for narrowing in listing.filters:
        label, value = str(narrowing.label), str(typed.get(narrowing.names[0]) or "")
        match narrowing:
            case Search():
                found.append(Field("search", narrowing.name, label, value, hint=str(narrowing.hint)))
            case Choice():
                found.append(Field("choice", narrowing.name, label, value, options=narrowing.options()))
            case Days():
                last = str(typed.get(narrowing.names[1]) or "")
                found.append(Field("day", narrowing.names[0], _from(narrowing), value))
                found.append(Field("day", narrowing.names[1], _until(narrowing), last))
            case Exactly() if value:
                found.append(Field("exactly", narrowing.name, label, value))
    return found


def orders(listing: Listing[Line], sort: str) -> list[tuple[str, str, bool]]:
    """Every order the list can have: value, words, whether it is the one now."""
    found = []
    for column in listing.sortable():
        timely = column.kind in (Kind.MOMENT, Kind.DAY)
        down = _("%(column)s, latest first") if timely else _("%(column)s, downwards")
        up = _("%(column)s, earliest first") if timely else _("%(column)s, upwards")
        for value, words in ((f"-{column.name}", down), (column.name, up)):
            found.append((value, words % {"column": str(column.label)}, value == sort))
    return found


def said(listing: Listing[Line], asked: Asked) -> list[tuple[str, str]]:
    """What the list is narrowed to and how it is ordered, in words: a line each."""
    found = [(f.label, _word(f)) for f in fields(listing, asked.values) if f.value]
    found += [
        (_("Order"), words) for _value, words, now in orders(listing, asked.sort or listing.order) if now
    ]
    return found


def _word(field: Field) -> str:
    named: Mapping[str, Words] = dict(field.options)
    return str(named.get(field.value, field.value))


def _from(narrowing: Days) -> str:
    return _("%(what)s from") % {"what": str(narrowing.label)}


def _until(narrowing: Days) -> str:
    return _("%(what)s until") % {"what": str(narrowing.label)}
