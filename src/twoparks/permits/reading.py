"""Reading typed values one by one, collecting every problem in the reader's language instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from django.utils.translation import gettext as _

from twoparks.permits.types import Invalid, Problem

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AHEAD = re.compile(r"today(?:\s*\+\s*(\d{1,3})\s*days?)?")
_HS = re.compile(r"\d{6}(\d{2}){0,2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHOWN = 12  # how many accepted values a message lists before it stops


class Reader:
    """Reads values and remembers what was wrong; what it returns after a problem only lets the reading go on."""

    def __init__(self, today: date | None = None) -> None:
        self.problems: list[Problem] = []
        self.today = today

    def done(self) -> None:
        """Raise Invalid when anything was wrong."""
        if self.problems:
            raise Invalid(tuple(self.problems))

    def wrong(self, path: str, value: object, accepted: str) -> None:
        """Remember a problem: the value stands in the message, with what would be accepted."""
        words = {"where": place(path), "value": _shown(value), "accepted": accepted}
        says = (
            _("%(where)s: %(accepted)s")
            if value in (None, "")
            else _("%(where)s: %(value)s is not accepted; %(accepted)s")
        )
        self.problems.append(Problem(path, value, says % words))

    def only(self, raw: Mapping[str, Any], known: Collection[str], at: str = "") -> None:
        """Refuse names that mean nothing here."""
        for name in raw:
            if name not in known:
                accepted = _("there is no such field; use %(known)s") % {"known": ", ".join(sorted(known))}
                self.wrong(f"{at}{name}", name, accepted)

    def text(self, value: object, path: str, most: int, optional: bool = False) -> str:
        """Plain text of at most `most` characters, trimmed."""
        given = "" if value is None else str(value).strip()
        if isinstance(value, Mapping | list) or _CONTROL.search(given):
            self.wrong(path, value, _("give plain text on one line"))
        elif len(given) > most:
            self.wrong(path, given, _("at most %(most)d characters") % {"most": most})
        elif not given and not optional:
            self.wrong(path, None, _("this is needed; give at most %(most)d characters") % {"most": most})
        return given

    def long_text(self, value: str, path: str, most: int) -> None:
        """Something said, over several lines if need be."""
        if not value.strip():
            self.wrong(path, None, _("say why; the reasons are recorded and shown"))
        elif _CONTROL.search(value.replace("\n", "").replace("\t", "")):
            self.wrong(path, value, _("give plain text"))
        elif len(value) > most:
            self.wrong(path, value, _("at most %(most)d characters") % {"most": most})

    def whole(self, value: object, path: str, least: int, most: int) -> int:
        """A whole number between both, typed or as text."""
        given = value
        if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,15}", value.strip()):
            given = int(value)
        if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
            return given
        words = {"least": least, "most": most}
        self.wrong(path, value, _("give a whole number from %(least)d to %(most)d") % words)
        return least

    def day(self, value: object, path: str) -> date | None:
        """A calendar date, as YYYY-MM-DD; `today` and `today + 14 days` where the reader knows the day."""
        if isinstance(value, date):
            return value
        if self.today is not None and isinstance(value, str) and (ahead := _AHEAD.fullmatch(value.strip())):
            return self.today + timedelta(days=int(ahead[1] or 0))
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                self.wrong(path, value, _("there is no such day in the calendar; use YYYY-MM-DD"))
                return None
        self.wrong(path, value, _("give a date as YYYY-MM-DD"))
        return None

    def choice(self, value: object, path: str, known: Collection[str]) -> str:
        """One of `known`."""
        if isinstance(value, str) and value in known:
            return value
        listed = ", ".join([*list(known)[:_SHOWN], *(["…"] if len(known) > _SHOWN else [])])
        self.wrong(path, value, _("use one of %(known)s") % {"known": listed})
        return ""

    def hs_code(self, value: object, path: str) -> str:
        """A Harmonized System code of 6, 8 or 10 digits; dots and spaces between them are dropped."""
        given = "" if value is None else re.sub(r"[.\s]", "", str(value))
        if not _HS.fullmatch(given) or given[:2] == "00":
            self.wrong(path, value, _("give a Harmonized System code of 6, 8 or 10 digits, such as 300212"))
        return given

    def country(self, value: object, path: str) -> str:
        """An ISO 3166 code of two letters."""
        given = value.strip().upper() if isinstance(value, str) else ""
        if given not in _countries():
            self.wrong(
                path, value, _("give a country or region as its two-letter ISO 3166 code, such as CN or HK")
            )
        return given

    def rows(self, value: object, path: str, least: int, most: int) -> list[Mapping[str, Any]]:
        """A list of rows, each a mapping of names to values."""
        if not isinstance(value, Sequence) or isinstance(value, str) or not least <= len(value) <= most:
            words = {"least": least, "most": most}
            self.wrong(path, value, _("give %(least)d to %(most)d rows") % words)
            return []
        found: list[Mapping[str, Any]] = []
        for number, row in enumerate(value, 1):
            if isinstance(row, Mapping):
                found.append(row)
            else:
                self.wrong(f"{path}.{number}", row, _("a row is a list of names and values"))
        return found


def place(path: str) -> str:
    """'items.2.quantity' as people read it: 'items, row 2, quantity'."""
    words = [_("row %(number)s") % {"number": part} if part.isdigit() else part for part in path.split(".")]
    return ", ".join(words)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    territories = [str(code) for code in Locale("en").territories]
    return frozenset(
        code
        for code in territories
        if len(code) == 2 and code not in {"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"}
    )
