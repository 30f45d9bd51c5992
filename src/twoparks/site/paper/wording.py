"""Days, times, amounts and names as a paper writes them, in the language of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.law.pack import FactSpec
from twoparks.permits.types import Terms
from twoparks.permits.units import measured
from twoparks.registry.node import this_node
from twoparks.registry.words import TAGS, reading, words
from twoparks.registry.zone import GroupId, zone

LOCALES = {"en": "en_GB", "zh-Hant": "zh_Hant_HK", "zh-Hans": "zh_Hans_CN"}
LANGUAGES = tuple(LOCALES)
_DJANGO = {tag: code for code, tag in TAGS.items()}


@contextmanager
def language(wanted: str) -> Iterator[str]:
    """Speak `wanted` (a tag in any casing) inside the block; the reader's own language when it is none of ours."""
    found = next((tag for tag in LANGUAGES if tag.lower() == wanted.lower()), reading())
    with translation.override(_DJANGO[found]):
        yield found


def day(on: date) -> str:
    """A local legal day: 22 November 2026, 2026年11月22日."""
    return format_date(on, "long", LOCALES[reading()])


def day_of(at: datetime) -> str:
    """The day of an instant by this park's clock."""
    return day(_here(at).date())


def moment(at: datetime) -> str:
    """An instant by this park's clock, to the minute."""
    here = _here(at)
    return _("%(day)s, %(time)s") % {"day": day(here.date()), "time": f"{here:%H:%M}"}


def last_moment(until: datetime) -> str:
    """The end of a half-open validity as people count it: midnight belongs to the day before."""
    here = _here(until)
    if (here.hour, here.minute, here.second) == (0, 0, 0):
        return _("%(day)s, 24:00") % {"day": day(here.date() - timedelta(days=1))}
    return moment(until)


def _here(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(this_node().park.time_zone))


def whole(number: int) -> str:
    """A whole number with its thousands set apart."""
    return str(format_decimal(number, locale=LOCALES[reading()]))


def locale() -> str:
    """The locale of the language of the moment, for numbers and dates."""
    return LOCALES[reading()]


def decimal(number: float) -> str:
    """A number to at most three decimals."""
    return str(format_decimal(number, "#,##0.###", locale()))


def dollars(cents: int) -> str:
    """Cents as an amount of money with two decimals; the currency is named beside it."""
    return str(format_decimal(cents / 100, "#,##0.00", LOCALES[reading()]))


def quantity(number: int, unit: str) -> str:
    """A quantity with its unit in words."""
    counted = {
        "tube": ngettext("%(n)s tube", "%(n)s tubes", number),
        "vial": ngettext("%(n)s vial", "%(n)s vials", number),
        "slide": ngettext("%(n)s slide", "%(n)s slides", number),
        "block": ngettext("%(n)s block", "%(n)s blocks", number),
        "bag": ngettext("%(n)s bag", "%(n)s bags", number),
        "box": ngettext("%(n)s box", "%(n)s boxes", number),
        "bottle": ngettext("%(n)s bottle", "%(n)s bottles", number),
        "piece": ngettext("%(n)s piece", "%(n)s pieces", number),
        "set": ngettext("%(n)s set", "%(n)s sets", number),
    }
    return counted.get(unit, f"%(n)s {unit}") % {"n": whole(number)}


def uses(number: int | None) -> str:
    """How often a permit may be used."""
    if number is None:
        return _("as often as needed")
    return ngettext("%(n)s time", "%(n)s times", number) % {"n": whole(number)}


def validity(terms: Terms) -> tuple[str, str]:
    """From when and until when, in words."""
    return moment(terms.valid_from), last_moment(terms.valid_until)


def group(name: str) -> str:
    """A gate group's name."""
    found = zone().gate_groups.get(GroupId(name))
    return words(found.name) if found else name


def park(name: str) -> str:
    """A park's name."""
    return words(zone().park(name).name)


def asked(spec: FactSpec) -> str:
    """A question of the law."""
    return words(spec.question) or spec.meaning


def answered(spec: FactSpec, value: object) -> str:
    """What was answered to a question of the law."""
    if value is None:
        return _("There is none")
    if isinstance(value, list):
        return "; ".join(_value(spec, one) for one in value) or _("None of these")
    return measured(value, spec.unit) if isinstance(value, int) else _value(spec, value)


def _value(spec: FactSpec, value: object) -> str:
    if spec.type == "date":
        return day(date.fromisoformat(str(value)))
    return words(spec.value_labels.get(str(value))) or str(value)
