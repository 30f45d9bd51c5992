"""What a change would have done, as its page tells it: versions side by side, who gains and loses, whose desk, which cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from twoparks.law.pack import FactSpec
from twoparks.lists.statuses import status_word
from twoparks.packs import load
from twoparks.permits.form import in_words
from twoparks.permits.letter import authority_name
from twoparks.pilots import charts, histories
from twoparks.pilots.impact import GROUPED_BY, MILDER, Impact, working_days
from twoparks.pilots.models import ImpactRun
from twoparks.registry.words import words

HIDDEN = ("flow", "crosses", "on", "held", "sought")


@dataclass(frozen=True)
class Version:
    """One drafted version: the change or an alternative, and its figures."""

    at: int  # among the versions compared; 0 is the law of today
    name: str
    affected: int
    better: int
    worse: int
    outcomes: tuple[tuple[str, int], ...]  # how many cases have each outcome under it


@dataclass(frozen=True)
class Moved:
    """One kind of organisation: its cases, those better off and worse off."""

    kind: str
    cases: int
    better: int
    worse: int


@dataclass(frozen=True)
class Desk:
    """One authority: cases before it in a working day under the law of today, and more or fewer under each version."""

    name: str
    today: float
    more: tuple[float, ...]


@dataclass(frozen=True)
class Turn:
    """Cases whose outcome turns from one to another under a version; `key` asks for them."""

    before: str
    after: str
    number: int
    key: str


@dataclass(frozen=True)
class Case:
    """One past case with its facts in words, those that set it apart first."""

    name: str
    day: str
    outcomes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def version_name(number: int) -> str:
    """The change, or an alternative by its number."""
    return _("Alternative %(n)s") % {"n": number} if number else _("The change")


def versions(run: ImpactRun, found: Impact) -> tuple[Version, ...]:
    """Today's law first, then every version compared."""
    names = [_("The law of today"), *(version_name(number) for number in run.numbers)]
    told = []
    for at in range(found.versions):
        moved = found.moved(at)
        outcomes = dict.fromkeys(map(str, MILDER), 0)
        for key, number in found.counts:
            outcomes[key[at]] += number
        better, worse = (sum(line[part] for line in moved) for part in (2, 3))
        told.append(Version(at, names[at], found.affected(at), better, worse, tuple(outcomes.items())))
    return tuple(told)


def moved(run: ImpactRun, found: Impact, version: int) -> tuple[Moved, ...]:
    """Who is better off and who worse, most touched first."""
    spec = load().facts_of(run.flow)[GROUPED_BY.get(run.flow, "sender_kind")]
    lines = [Moved(_value(spec, kind), *numbers) for kind, *numbers in found.moved(version)]
    return tuple(sorted(lines, key=lambda line: -(line.better + line.worse)))


def _value(spec: FactSpec, value: str) -> str:
    return words(spec.value_labels.get(value)) or value or _("not stated")


def moved_chart(lines: Sequence[Moved]) -> SafeString | None:
    """Better off to the right, worse off to the left; None where nobody is either."""
    drawn = [
        charts.Bar(line.kind, number * sign, tint, f"{sign * number:+,}")
        for line in lines
        for number, sign, tint in ((line.better, 1, "good"), (line.worse, -1, "stop"))
        if number
    ]
    return (
        charts.bars(drawn, _("cases: worse off ← → better off"), _("Who is better off, who worse"))
        if drawn
        else None
    )


def desks(found: Impact, bank: str) -> tuple[tuple[Desk, ...], int, bool]:
    """Each authority's cases in a working day, the working days counted, and whether the bank's calendar was held."""
    days, held = working_days(load().calendars.of(bank), found.first, found.last)
    told = [
        Desk(authority_name(key), numbers[0] / days, tuple((n - numbers[0]) / days for n in numbers[1:]))
        for key, numbers in found.desks.items()
        if any(numbers)
    ]
    return tuple(sorted(told, key=lambda desk: -max(map(abs, desk.more), default=0))), days, held


def desk_chart(lines: Sequence[Desk], version: int) -> SafeString | None:
    """More or fewer cases a working day; None where no desk has either."""
    drawn = [
        charts.Bar(line.name, change, "stop" if change > 0 else "good", f"{change:+,.1f}")
        for line in lines
        if abs(change := line.more[version - 1]) >= 0.05
    ]
    return (
        charts.bars(drawn, _("cases a working day, more or fewer"), _("Whose desk has more, whose fewer"))
        if drawn
        else None
    )


def turns(found: Impact, version: int) -> tuple[Turn, ...]:
    """Every change of outcome under a version, the commonest first."""
    pairs = sorted(found.pairs(version).items(), key=lambda item: -item[1])
    return tuple(
        Turn(before, after, number, f"{before}-{after}")
        for (before, after), number in pairs
        if before != after
    )


def cases(run: ImpactRun, found: Impact, version: int, turn: str) -> tuple[Case, ...]:
    """Cases kept of one change of outcome, with their facts in words; a person's permit is not named."""
    before, _dash, after = turn.partition("-")
    wanted = {
        name: outcomes
        for outcomes, names in found.samples
        if outcomes[0] == before and outcomes[version] == after
        for name in names
    }
    if not wanted:
        return ()
    specs = load().facts_of(run.flow)
    read = histories.cases(run.history, run.flow, run.crosses, tuple(wanted))
    unnamed = run.history == histories.RECORD and run.flow == "personnel"
    return tuple(
        Case(
            str(n) if unnamed else name,
            day.isoformat(),
            wanted[name],
            _facts(facts, specs),
        )
        for n, (name, day, facts) in enumerate(read, 1)
    )


def _facts(facts: Mapping[str, Any], specs: Mapping[str, FactSpec]) -> tuple[tuple[str, str], ...]:
    """What is stated and not plainly nothing: a false, a 0 and an empty set say little and are left to the law."""
    told = [(spec, facts[name]) for name, spec in specs.items() if name in facts and name not in HIDDEN]
    said = [(spec, value) for spec, value in told if value not in (False, 0, [], None, "none")]
    held = facts.get("held") or []
    names = {key: words(measure.name) or measure.meaning for key, measure in load().measures.items()}
    lines = [(words(spec.question) or spec.meaning, in_words(spec, value)) for spec, value in said]
    return (*lines, (_("Held already"), ", ".join(names[key] for key in sorted(held))))[
        : None if held else -1
    ]


def outcome_words(key: str) -> str:
    """An outcome in words."""
    return status_word(key)
