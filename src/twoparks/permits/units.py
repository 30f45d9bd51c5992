"""Units of the vocabulary in the reader's language, and values that people type in another unit than the law counts in."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

CENTS = {"hkd cents": "HKD", "cny cents": "CNY", "usd cents": "USD"}
MINUTES = "minutes after midnight"
_WORDS = {
    "years": gettext_lazy("years"),
    "months": gettext_lazy("months"),
    "days": gettext_lazy("days"),
    "percent": "%",
    "per mille": "‰",
    "persons": gettext_lazy("persons"),
    "grams": gettext_lazy("grams"),
    "centimetres": gettext_lazy("centimetres"),
    "millilitres": gettext_lazy("millilitres"),
    "generations": gettext_lazy("generations"),
    "projects": gettext_lazy("projects"),
    "criteria": gettext_lazy("criteria"),
    **CENTS,
    MINUTES: gettext_lazy("time of day"),
}
_ONE = {
    "years": gettext_lazy("year"),
    "months": gettext_lazy("month"),
    "days": gettext_lazy("day"),
    "persons": gettext_lazy("person"),
}
_MONEY = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def unit_words(unit: str | None) -> str:
    """The unit as a reader knows it; empty where there is none."""
    return str(_WORDS.get(unit, unit)) if unit else ""


def measured(value: object, unit: str | None) -> str:
    """A value with its unit, money in whole currency and times as hours and minutes."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if not isinstance(value, int):
        return _("none") if value is None else str(value)
    if unit in CENTS:
        return f"{CENTS[unit]} " + f"{value / 100:,.2f}".removesuffix(".00")
    if unit == MINUTES:
        return f"{value // 60:02d}:{value % 60:02d}"
    if value == 1 and unit in _ONE:
        return f"1 {_ONE[unit]}"
    return f"{value:,} {unit_words(unit)}".rstrip()


def cents(typed: str) -> int | None:
    """Cents of an amount as people type it, or None when it is no amount."""
    found = _MONEY.fullmatch(typed.strip().replace(",", ""))
    return None if found is None else int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def minutes(typed: str) -> int | None:
    """Minutes after midnight of a time as people type it, or None when it is no time."""
    found = _TIME.fullmatch(typed.strip())
    return None if found is None else int(found[1]) * 60 + int(found[2])
