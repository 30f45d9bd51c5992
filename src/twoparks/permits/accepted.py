"""What would be accepted for a fact, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from twoparks.law.facts import Problem, Wanted
from twoparks.law.pack import FactSpec
from twoparks.permits.units import CENTS, measured, unit_words

_SHOWN = 60  # letters of a value that a message repeats


def accepted(problem: Problem) -> str:
    """The problem's way out; words of the vocabulary stand as they are typed in files and in the API."""
    spec = problem.spec
    if spec is None:
        return _unknown(problem) if problem.wanted is Wanted.KNOWN_NAME else problem.accepted
    if problem.wanted is Wanted.NUMBER:
        return _number(spec)
    listed = {"known": ", ".join(spec.values)}
    return {
        Wanted.NOT_NULL: _("leave it out if it is not known"),
        Wanted.BOOL: _("give true or false"),
        Wanted.WORD: _("use one of %(known)s") % listed,
        Wanted.LIST: _("give a list, empty for none, of %(known)s") % listed,
    }.get(problem.wanted or Wanted.DAY, _("give a day that exists, as YYYY-MM-DD"))


def unusable(problem: Problem) -> str:
    """The whole sentence: which fact, the value given, what would be accepted."""
    words = {"where": problem.name, "accepted": accepted(problem)}
    if problem.value in (None, ""):
        return _("%(where)s: %(accepted)s") % words
    value = str(problem.value)[:_SHOWN]
    return _("%(where)s: %(value)s is not accepted; %(accepted)s") % {**words, "value": value}


def in_form(spec: FactSpec) -> str:
    """What an answer on a page must be, after one that could not be used; money and times as they are typed there."""
    if spec.type == "date":
        return _("This is not a day; use YYYY-MM-DD.")
    if spec.type != "int":
        return _("Choose one of the answers shown.")
    least, most = (None if n is None else measured(n, spec.unit) for n in (spec.minimum, spec.maximum))
    if least is None or most is None:
        return _("Give a whole number.")
    return _("Give a number from %(least)s to %(most)s.") % {"least": least, "most": most}


def _unknown(problem: Problem) -> str:
    if not problem.near:
        return _("this flow has no such fact")
    return _("this flow has no such fact; near it are %(near)s") % {"near": ", ".join(problem.near)}


def _number(spec: FactSpec) -> str:
    least = spec.minimum or 0
    if spec.maximum is None:
        says = _("give a whole number from %(least)d") % {"least": least}
    else:
        bounds = {"least": least, "most": spec.maximum}
        says = _("give a whole number from %(least)d to %(most)d") % bounds
    unit = unit_words(spec.unit)
    if spec.unit in CENTS:
        unit = _("cents of %(currency)s") % {"currency": unit}
    return _("%(says)s (%(unit)s)") % {"says": says, "unit": unit} if unit else says
