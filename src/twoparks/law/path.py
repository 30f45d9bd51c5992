"""The measures still to be obtained, in the order they must be, and the day on which the last can be held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .answer import Determination, MeasureLine
from .calendar import CalendarGapError, Calendars
from .pack import BANKS, Measure


class Obtain(NamedTuple):
    """A measure to be obtained; working days are those of its bank.

    `ready_on` is None where a calendar is missing. `working_days` is None where the law lays down no time: then it is counted
    as none. `extension_days` may be added by the authority and are not counted.
    """

    measure: str
    authority: tuple[str, ...]
    after: tuple[str, ...]
    apply_on: date | None
    working_days: int | None
    extension_days: int | None
    ready_on: date | None
    instead_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be obtained, earliest first. `path` is the chain that takes longest and `ready_on` its end.

    `lead_days` are calendar days from the day asked about. `untimed` are measures whose time no law lays down, so that the
    true day is later; `gaps` say which calendars are missing.
    """

    steps: tuple[Obtain, ...] = ()
    path: tuple[str, ...] = ()
    ready_on: date | None = None
    lead_days: int | None = None
    untimed: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """JSON values."""
        steps = [
            step._asdict()
            | {
                name: day and day.isoformat()
                for name, day in (("apply_on", step.apply_on), ("ready_on", step.ready_on))
            }
            for step in self.steps
        ]
        ready = self.ready_on and self.ready_on.isoformat()
        rest = {"lead_days": self.lead_days, "untimed": list(self.untimed), "gaps": list(self.gaps)}
        return {"steps": steps, "path": list(self.path), "ready_on": ready, **rest}


def plan(found: Determination, measures: Mapping[str, Measure], calendars: Calendars, start: date) -> Plan:
    """The plan for the measures that a determination finds missing; of alternatives, the one that can be held first."""
    return _Planner(measures, calendars, start).plan(_waiting(found))


def _waiting(found: Determination) -> list[tuple[MeasureLine, ...]]:
    """The missing steps, each with its alternatives; duties go with the movement and are not obtained before."""
    groups: dict[tuple[str, ...], list[MeasureLine]] = {}
    for line in found.measures:
        groups.setdefault(line.one_of or (line.id,), []).append(line)
    return [
        tuple(lines)
        for lines in groups.values()
        if not any(line.held or line.kind == "duty" for line in lines)
    ]


class _Planner:
    """One plan being made."""

    def __init__(self, measures: Mapping[str, Measure], calendars: Calendars, start: date) -> None:
        self.measures = measures
        self.calendars = calendars
        self.start = start
        self.gaps: dict[str, None] = {}
        self.steps: dict[str, Obtain] = {}

    def plan(self, waiting: Sequence[tuple[MeasureLine, ...]]) -> Plan:
        """Those without a choice first, since what they take along may settle a choice."""
        certain = {lines[0].id: lines[0] for lines in waiting if len(lines) == 1}
        for line in certain.values():
            self.step(line, certain)
        for lines in waiting:
            if not any(line.id in self.steps for line in lines):
                self.choose(lines, certain)
        steps = sorted(
            self.steps.values(), key=lambda step: (step.ready_on is None, step.ready_on or self.start)
        )
        untimed = tuple(step.measure for step in steps if step.working_days is None)
        if not steps or any(step.ready_on is None for step in steps):
            return Plan(tuple(steps), untimed=untimed, gaps=tuple(self.gaps))
        last = max(steps, key=lambda step: step.ready_on or self.start)
        assert last.ready_on is not None
        days = (last.ready_on - self.start).days
        return Plan(tuple(steps), self.path(last), last.ready_on, days, untimed, tuple(self.gaps))

    def choose(self, lines: Iterable[MeasureLine], certain: Mapping[str, MeasureLine]) -> None:
        """The alternative that can be held first; one that may be closed, or whose time nobody laid down, only for want of another."""
        gaps = dict(self.gaps)
        kept = dict(self.steps)
        found: list[
            tuple[tuple[bool, bool, bool, date], int, MeasureLine, dict[str, Obtain], dict[str, None]]
        ] = []
        for line in lines:
            self.steps, self.gaps = dict(kept), dict(gaps)
            step = self.step(line, certain)
            when = step.ready_on or self.start
            rank = (not line.sure, step.ready_on is None, step.working_days is None, when)
            found.append((rank, len(found), line, self.steps, self.gaps))
        _, _, line, self.steps, self.gaps = min(found, key=lambda choice: choice[:2])
        others = tuple(other.id for _, _, other, _, _ in found if other.id != line.id)
        self.steps[line.id] = self.steps[line.id]._replace(instead_of=others)

    def step(self, line: MeasureLine, certain: Mapping[str, MeasureLine]) -> Obtain:
        """When a measure can be applied for, and when it is held."""
        if line.id in self.steps:
            return self.steps[line.id]
        before = [self.step(certain[key], certain) for key in self.before(line.id, set(certain))]
        apply_on: date | None = self.start
        for earlier in before:
            apply_on = (
                None if apply_on is None or earlier.ready_on is None else max(apply_on, earlier.ready_on)
            )
        extension = line.terms.get("decision_extension_working_days")
        self.steps[line.id] = Obtain(
            line.id,
            line.authority,
            tuple(step.measure for step in before),
            apply_on,
            line.working_days,
            extension if isinstance(extension, int) else None,
            None if apply_on is None else self.ready(line, apply_on),
            (),
        )
        return self.steps[line.id]

    def before(self, measure: str, certain: set[str]) -> list[str]:
        """Those among the certain ones that must be held first, also by way of one that is not needed here."""
        found: dict[str, None] = {}
        seen: set[str] = {measure}
        stack = list(reversed(self.measures[measure].after))
        while stack:
            key = stack.pop()
            if key in seen:
                continue
            seen.add(key)
            if key in certain:
                found[key] = None
            else:
                stack.extend(reversed(self.measures[key].after))
        return list(found)

    def ready(self, line: MeasureLine, apply_on: date) -> date | None:
        """The day of the decision by the calendar of the measure's bank, the later of both for a measure of both."""
        if not line.working_days:
            return apply_on
        banks = (line.bank,) if line.bank in BANKS else BANKS
        try:
            return max(self.calendars.of(bank).after(apply_on, line.working_days) for bank in banks)
        except CalendarGapError as gap:
            self.gaps[str(gap)] = None
            return None

    def path(self, last: Obtain) -> tuple[str, ...]:
        """The chain of measures that ends with `last`, each the one that kept the next waiting."""
        chain = [last]
        while chain[0].after:
            earlier = [self.steps[key] for key in chain[0].after]
            chain.insert(0, max(earlier, key=lambda step: step.ready_on or self.start))
        return tuple(step.measure for step in chain)
