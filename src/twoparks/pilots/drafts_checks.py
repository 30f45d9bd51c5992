"""What the law says to a drafted change: what it is told differently and where that begins, and what is wrong with the law it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from twoparks.lists.statuses import STATUSES, status_word
from twoparks.packs import load
from twoparks.permits.form import in_words
from twoparks.permits.letter import measure_name
from twoparks.permits.units import measured
from twoparks.pilots.drafts import begins_on, touched, zone_with
from twoparks.registry.words import direction_word, park_word, words
from twoparks.registry.zone import zone

if TYPE_CHECKING:
    from twoparks.law.diff import Changed, Difference
    from twoparks.law.prove import Finding

BESIDE = ("flow", "crosses", "on", "held", "sought")


@dataclass(frozen=True)
class Witness:
    """One thing told differently, with a case that shows it: the facts that matter, and the value at which it turns."""

    title: str
    before: str
    after: str
    outcome: bool  # whether before and after are outcomes, with a shape each
    way: str
    on: str
    turns_on: str  # the question of the one number or day that decides, where there is one
    edge: str  # the first and the last of its values that are told differently
    facts: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]  # id and words of those that hold there under one law only
    case: str  # YAML, to keep as a test


@dataclass(frozen=True)
class Warned:
    """Something found about the law that the change makes."""

    says: str
    rules: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checked:
    """All of it; `explained` are findings for which the packs give a reason already."""

    on: date
    equal: bool
    witnesses: tuple[Witness, ...]
    unsettled: int
    warned: tuple[Warned, ...]
    explained: int


def checked(text: str, flow: str, crosses: str, today: date) -> Checked:
    """The change compared with today's law on the day it begins, and what can be said of the law it makes; PackError as `zone_with`."""
    on, changes, unsettled, proved = compared(text, flow, crosses, today)
    left = [finding for finding in proved if finding.explained is None]
    return Checked(
        on=on,
        equal=not changes and not unsettled,
        witnesses=tuple(_witness(change, text) for change in changes),
        unsettled=unsettled,
        warned=_warned_once(left, text),
        explained=len(proved) - len(left),
    )


def compared(
    text: str, flow: str, crosses: str, today: date
) -> tuple[date, tuple[Changed, ...], int, tuple[Finding, ...]]:
    """The day compared, what is told differently in the direction, how much z3 left open, and the findings of that day."""
    on = max(begins_on(text) or today, today)
    found, proved = _compared(load().digest, text, flow, on)
    unsettled = [way for _flow, way, _period in found.unsettled if crosses in ("", way)]
    here = tuple(finding for finding in proved if crosses in ("", finding.crosses) or not finding.crosses)
    return on, _of_interest(found.changes, crosses), len(unsettled), here


@lru_cache(maxsize=32)
def _compared(digest: str, text: str, flow: str, on: date) -> tuple[Difference, tuple[Finding, ...]]:
    """Kept by the packs, the text and the day: z3 is asked once, within its count of steps."""
    from twoparks.law.diff import difference
    from twoparks.law.prove import findings

    new = zone_with(text).law
    proved = findings(new, flow=flow, touching=touched(text))
    now = tuple(
        finding for finding in proved if finding.period.covers(on) or finding.kind == "dead_parameter"
    )
    return difference(load().law, new, flow=flow, on=on), now


def witness_cases(text: str, flow: str, crosses: str, today: date) -> str:
    """Every witness as a file of cases that the changed law passes; empty where nothing differs."""
    from twoparks.law.kept import as_cases

    _on, changes, _unsettled, _proved = compared(text, flow, crosses, today)
    return as_cases(changes) if changes else ""


def _of_interest(changes: Sequence[Changed], crosses: str) -> tuple[Changed, ...]:
    """Of the draft's direction; outcomes first, and of those whose boundary is known first."""
    kept = [change for change in changes if crosses in ("", change.crosses)]
    return tuple(sorted(kept, key=lambda change: (change.what != "outcome", not change.boundary)))


def _witness(change: Changed, text: str) -> Witness:
    from twoparks.law.kept import as_cases

    kind, _colon, key = change.what.partition(":")
    outcome = kind not in ("measure", "result")
    return Witness(
        title=_title(kind, key),
        before=status_word(change.before) if outcome else _word(change.before, key),
        after=status_word(change.after) if outcome else _word(change.after, key),
        outcome=outcome and change.before in STATUSES and change.after in STATUSES,
        way=direction_word(change.crosses),
        on=str(change.witness["on"]),
        turns_on=_asks(change.flow, change.fact) if change.boundary else "",
        edge=_edge(change),
        facts=_facts(change.witness, change.flow),
        rules=_rules(change.provisions, text),
        case=as_cases((change,)),
    )


def _title(kind: str, key: str) -> str:
    match kind:
        case "outcome":
            return _("The answer of both banks")
        case "measure":
            return measure_name(key)
        case "way":
            return _("Asked for: %(what)s") % {"what": measure_name(key)}
        case "result":
            return load().law.vocabulary.results[key].meaning
    park = next((park.id for park in zone().parks.values() if park.bank == kind), kind)
    return _("The answer of one bank: %(park)s") % {"park": park_word(park)}


def _word(text: str, key: str) -> str:
    known = {"required": _("required"), "not required": _("not required"), "none": _("none")}
    if text in known:
        return known[text]
    result = load().law.vocabulary.results.get(key)
    return measured(int(text), result.unit) if result is not None and text.lstrip("-").isdigit() else text


def _edge(change: Changed) -> str:
    """'from 80,000 persons to 99,999 persons': between which values the two laws differ, all else equal."""
    if change.fact is None or change.last is None:
        return ""
    spec = load().facts_of(change.flow)[change.fact]
    first, last = (in_words(spec, case.get(change.fact)) for case in (change.witness, change.last))
    return first if first == last else _("from %(first)s to %(last)s") % {"first": first, "last": last}


def _asks(flow: str, fact: str | None) -> str:
    spec = load().facts_of(flow)[str(fact)]
    return words(spec.question) or spec.meaning


def _facts(case: Mapping[str, object], flow: str) -> tuple[tuple[str, str], ...]:
    specs = load().facts_of(flow)
    lines = [
        (_asks(flow, name), in_words(specs[name], value))
        for name, value in case.items()
        if name not in BESIDE
    ]
    for name, label in (("held", _("Held already")), ("sought", _("Asked for"))):
        if isinstance(keys := case.get(name), list) and keys:
            lines.append((label, _(", ").join(measure_name(key) for key in keys)))
    return tuple(lines)


def _rules(ids: Sequence[str], text: str) -> tuple[tuple[str, str], ...]:
    known = {**load().provisions, **zone_with(text).provisions}
    named = {name: parameter.says for name, parameter in zone_with(text).parameters.items()}
    return tuple(
        (key, words(known[key].says if key in known else named.get(key, {"en": key}))) for key in ids
    )


def _warned_once(findings: Sequence[Finding], text: str) -> tuple[Warned, ...]:
    """What is found in both directions is told once."""
    told = {(finding.kind, finding.bank, finding.provisions): finding for finding in reversed(findings)}
    return tuple(_warned(finding, text) for finding in reversed(told.values()))


def _warned(finding: Finding, text: str) -> Warned:
    facts = _facts(finding.witness, finding.flow) if finding.witness is not None else ()
    return Warned(words(finding.says), _rules(finding.provisions, text), facts)
