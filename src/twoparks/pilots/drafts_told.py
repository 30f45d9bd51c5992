"""A drafted change, and the law it changes, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from twoparks.law.pack import DatedParameter, Law, ParameterValue, Provision
from twoparks.law.zone import Zone, conditions_of
from twoparks.packs import load
from twoparks.permits.letter import authority_name, measure_name
from twoparks.permits.units import measured
from twoparks.pilots.drafts import Rule, changed_rules
from twoparks.registry.words import words

NEW, CHANGED, DROPPED = "new", "changed", "dropped"


@dataclass(frozen=True)
class Told:
    """One thing a change does: to which rule, what it said, what it says; `editable` on a form of its own."""

    section: str
    key: str
    kind: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    editable: bool


@dataclass(frozen=True)
class LawLine:
    """One rule of the law as the browser of a draft lists it."""

    key: str
    says: str
    now: str  # a parameter's value on the day, a provision's effect
    where: str  # instrument and article
    condition: str


def told(text: str) -> tuple[Told, ...]:
    """What the change does, rule by rule; PackError where it cannot be read."""
    return tuple(_told(rule) for rule in changed_rules(text))


def _told(rule: Rule) -> Told:
    kind = NEW if rule.before is None else DROPPED if rule.after is None else CHANGED
    shown = rule.after or rule.before
    if isinstance(shown, DatedParameter):
        before, after = _values(rule.before, rule.after), _values(rule.after, rule.before)
        return Told(rule.section, rule.key, kind, words(shown.says), before, after, True)
    if isinstance(shown, Provision):
        before, after = _provision(rule.before), _provision(rule.after)
        return Told(rule.section, rule.key, kind, words(shown.says), before, after, True)
    title = words(getattr(shown, "says", None) or getattr(shown, "title", None) or {"en": rule.key})
    means = [item.means.text if hasattr(item, "means") else "" for item in (rule.before, rule.after) if item]
    return Told(rule.section, rule.key, kind, title, tuple(means[:1]), tuple(means[-1:]), False)


def _values(these: DatedParameter | None, others: DatedParameter | None) -> tuple[str, ...]:
    """The dated values of a parameter that the other version has not; one that only ends otherwise is the same."""
    if these is None:
        return ()
    known = {(value.in_force.from_on, value.value) for value in (others.values if others else ())}
    fresh = [value for value in these.values if (value.in_force.from_on, value.value) not in known]
    return tuple(value_words(these, value) for value in fresh or these.values[-1:])


def value_words(parameter: DatedParameter, value: ParameterValue) -> str:
    """A dated value: '80,000 persons, from 2027-01-04'."""
    begins, ends = value.in_force
    shown = {"value": measured(value.value, parameter.unit), "first": begins, "end": ends}
    if begins and ends:
        return _("%(value)s, from %(first)s until %(end)s") % shown
    if begins:
        return _("%(value)s, from %(first)s") % shown
    return _("%(value)s, until %(end)s") % shown if ends else str(shown["value"])


def _provision(provision: Provision | None) -> tuple[str, ...]:
    return () if provision is None else (effect_words(provision), provision.when.text)


def effect_words(provision: Provision) -> str:
    """The effect of a provision in a sentence."""
    effect = provision.effect
    named = (_(" or ") if effect.one_of else ", ").join(measure_name(key) for key in effect.measures)
    match effect.kind:
        case "forbid" if not effect.measures:
            return _("Forbids the movement")
        case "forbid":
            return _("Closes: %(what)s") % {"what": named}
        case "require":
            return _("Requires: %(what)s") % {"what": named}
        case "exempt":
            return _("Exempts from: %(what)s") % {"what": named}
        case "permit":
            return _("Opens: %(what)s") % {"what": named}
        case "refer":
            return _("Leaves to a person at: %(who)s") % {"who": authority_name(effect.authority or "")}
        case "compute":
            return _("Reckons: %(what)s") % {"what": effect.result}
    return _("States a consequence")


def parameters_of(zone: Zone, flow: str, crosses: str, on: date, typed: str) -> tuple[LawLine, ...]:
    """The parameters that conditions of a flow and direction name, with their value on the day."""
    text = " ".join(conditions_of(zone.law, flow, crosses or None))
    found = [p for name, p in zone.parameters.items() if f"param.{name}" in text]
    lines = [
        LawLine(p.name, words(p.says), measured(value.value, p.unit), words(zone.cite(value.article)), "")
        for p in found
        if (value := p.on(on)) is not None
    ]
    return _matching(lines, typed, {p.name: p.says for p in found})


def provisions_of(zone: Zone, flow: str, crosses: str, on: date, typed: str) -> tuple[LawLine, ...]:
    """The provisions of a flow and direction that are in force on the day, in the order of the packs."""
    ways = (crosses,) if crosses else zone.directions
    found = list(dict.fromkeys(p for way in ways for p in _ordered(zone, flow, way, on)))
    lines = [
        LawLine(key, words(p.says), effect_words(p), _where(zone.law, p), p.when.text)
        for key in found
        for p in (zone.provisions[key],)
    ]
    return _matching(lines, typed, {key: zone.provisions[key].says for key in found})


def _ordered(zone: Zone, flow: str, crosses: str, on: date) -> Iterable[str]:
    return (provision.id for provision in zone.in_force(flow, crosses, on))


def _where(law: Law, provision: Provision) -> str:
    title = words(law.instruments[provision.instrument].title)
    return f"{title}, {words(load().cite(provision.article))}"


def _matching(
    lines: Iterable[LawLine], typed: str, says: Mapping[str, Mapping[str, str]]
) -> tuple[LawLine, ...]:
    """Lines in which every word typed stands, in any of the three languages."""
    wanted = typed.casefold().split()
    return tuple(
        line
        for line in lines
        if all(
            word in " ".join((line.key, line.where, line.condition, *says[line.key].values())).casefold()
            for word in wanted
        )
    )
