"""The courses of a person's permit: out in the morning and back in the evening, by a phone, through the gates of both ways."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twoparks.crossings import actions as crossings
from twoparks.crossings.queries import offered_months
from twoparks.passes.holder import prove
from twoparks.passes.qr import HOLDER_PREFIX, to_text
from twoparks.permits import actions
from twoparks.registry.models import Person
from twoparks.registry.zone import LEGS, zone
from twoparks.site import demonstration
from twoparks.site.demonstration.courses import in_force
from twoparks.site.demonstration.player import Case, Player, Steps

HOURS = "07:00-22:00"
AT_WORK = 0.85  # share of days on which a commuter goes


@dataclass
class Walk(Case):
    """One person's permit: a case like any other, shown by the person's phone. `traveller` is the user name, `person` the id."""

    traveller: str = ""
    person: str = ""

    def passes(self, way: str, point: str) -> Steps:
        """Out of one park and into the other by that control point."""
        for leg in LEGS:
            group = next(g for g in zone().groups(way, leg, "personnel") if g.control_point == point)
            self.sync(group.gates[0])
            self.show(group.gates[0], holder=self.moving_code(group.number))
            yield self.now + timedelta(minutes=self.chance.randint(6, 15))

    def moving_code(self, group: int) -> str:
        """What the phone shows beside the pass, just now, at that gate group."""
        with self.player.stage.at(self.home):
            key = demonstration.phone_key(self.person)
        return to_text(prove(key, self.permit, group, self.now), HOLDER_PREFIX)

    def next_day(self, hour: int) -> datetime:
        """Tomorrow within an hour of `hour` on the home park's clock."""
        here = ZoneInfo(zone().park(self.home).time_zone)
        day = self.now.astimezone(here).date() + timedelta(days=1)
        return self.on(day, hour)

    def today(self, hour: int) -> datetime:
        """Today within an hour of `hour`, never before now."""
        here = ZoneInfo(zone().park(self.home).time_zone)
        return max(self.now, self.on(self.now.astimezone(here).date(), hour))

    def on(self, day: Any, hour: int) -> datetime:
        """That day within an hour of `hour` on the home park's clock."""
        here = ZoneInfo(zone().park(self.home).time_zone)
        return datetime.combine(day, time(hour, self.chance.randrange(60)), here).astimezone(self.now.tzinfo)

    @property
    def ways(self) -> tuple[str, str]:
        """Direction words out and back."""
        return zone().ways(self.typed["crosses"])


def walk(player: Player, row: Mapping[str, Any], place: int, first: datetime, chance: random.Random) -> Walk:
    """The case of the person in that place of the row's `who`; stands on the home park."""
    traveller = row["who"][place]
    person = Person.objects.get(user__username=traveller)
    home = person.organisation.park
    like = demonstration.read()["parks"][home]["people"][0]
    day = first.astimezone(ZoneInfo(zone().park(home).time_zone)).date()
    typed = {
        "project": row["project"],
        "flow": "personnel",
        "crosses": next(way for way, (leaving, _to) in zone().directions.items() if leaving == home),
        "person": person.pk,
        "valid_from": day.isoformat(),
        "valid_until": (day + timedelta(days=row["lasts"])).isoformat(),
        "uses": row["uses"],
        "control_points": row["points"],
        "hours": HOURS,
        "evidence": [dict(held) for held in row.get("evidence", ())],
        "facts": dict(like["facts"]),
    }
    return Walk(player, home, row["by"], typed, chance, traveller=traveller, person=person.pk)


def commutes(case: Case) -> Steps:
    """A standing permit, used on most days until now."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    yield from _day_by_day(case)


def commutes_and_tells(case: Case) -> Steps:
    """The same; in the first days of a month the person lets the employer see the days of the months that are over."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    months: list[str] = []
    for morning in _day_by_day(case):
        yield morning
        with case.player.stage.at(case.home):
            over = offered_months(Person.objects.get(pk=case.person), case.now)
            if over and over != months:
                months = over
                crossings.release_counts(case.user(case.traveller), months, case.now)


def _day_by_day(case: Walk) -> Steps:
    points = case.typed["control_points"]
    while True:
        yield case.next_day(7)
        if case.chance.random() > AT_WORK:
            continue
        there, back = case.ways
        yield from case.passes(there, case.chance.choice(points))
        yield case.today(18)
        yield from case.passes(back, case.chance.choice(points))


def visits(case: Case) -> Steps:
    """One visit under a permit for one visit."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    point, (there, back) = case.typed["control_points"][0], case.ways
    yield case.next_day(9)
    yield from case.passes(there, point)
    yield case.today(17)
    yield from case.passes(back, point)


def outside_hours(case: Case) -> Steps:
    """Too early for the permit's hours: turned back, and let through later."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    point, (there, back) = case.typed["control_points"][0], case.ways
    yield case.next_day(6)
    yield from case.passes(there, point)
    yield case.today(8)
    yield from case.passes(there, point)
    yield case.today(16)
    yield from case.passes(back, point)


def home_another_way(case: Case) -> Steps:
    """Some days of work; then home by another control point, which the person states and no gate of the parks saw."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    point, (there, back) = case.typed["control_points"][0], case.ways
    for _day in range(3):
        yield case.next_day(8)
        yield from case.passes(there, point)
        yield case.today(17)
        yield from case.passes(back, point)
    yield case.next_day(8)
    yield from case.passes(there, point)
    yield case.today(20)
    with case.player.stage.at(case.home):
        back_at = case.now - timedelta(hours=1)
        crossings.declare_return(case.user(case.traveller), case.permit, "luohu", back_at, case.now)


def consent_taken_back(case: Case) -> Steps:
    """The person takes the consent back, and the permit that rests on it ends."""
    assert isinstance(case, Walk), "a person's course"
    yield from in_force(case)
    yield case.later(20, 60)
    with case.player.stage.at(case.home):
        actions.withdraw_consent(case.user(case.traveller), case.now)


COURSES: Mapping[str, Callable[[Case], Steps]] = {
    course.__name__: course
    for course in (commutes, commutes_and_tells, visits, outside_hours, home_another_way, consent_taken_back)
}
