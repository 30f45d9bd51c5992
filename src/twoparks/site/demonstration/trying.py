"""Trials of rules in the played history: each from a shipped example, filed, agreed and run by the rooms' own actions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.permits import rules as permits
from twoparks.permits.models import Work
from twoparks.permits.types import OPEN
from twoparks.pilots import actions, rules
from twoparks.pilots.examples import Example, example
from twoparks.pilots.figures import figures
from twoparks.pilots.types import Status, Trial, TrialId
from twoparks.registry.ids import seeded
from twoparks.registry.models import Role, User
from twoparks.registry.zone import zone
from twoparks.site.demonstration.courses import crosses
from twoparks.site.demonstration.people import LABELS
from twoparks.site.demonstration.player import Case, Player, Steps

NOT_YET = TrialId("")
AGREES = "The measures and the stop rule can be counted from the acts of both parks."
FIRST_DAYS = {"shadow_from": 3, "live_from": 8, "ends": 30}  # counted from the day of filing
KEPT_DAYS = 365


@dataclass
class Run:
    """One trial's life, begun by the rule maker `row` names; days are counted from its filing."""

    player: Player
    row: Mapping[str, Any]
    chance: random.Random
    first: datetime
    trial: TrialId = NOT_YET

    @property
    def home(self) -> str:
        """The park whose rule maker files it."""
        return str(self.row["by"].split("-")[0])

    @property
    def parks(self) -> tuple[str, str]:
        """Both parks, its own first."""
        return self.home, self.player.stage.other(self.home)

    def on(self, day: int, hour: int = 10) -> datetime:
        """A working hour of the day so many days after the filing."""
        here = ZoneInfo(zone().park(self.home).time_zone)
        at = datetime.combine(self._day(day), time(hour, self.chance.randrange(60)), here)
        return max(self.player.stage.now, at.astimezone(self.player.stage.now.tzinfo))

    # --- what people do

    def file(self) -> None:
        """The rule maker files the protocol."""
        with self.player.stage.at(self.home), seeded(self.chance):
            self.trial = actions.file(_user(self.row["by"]), self._protocol(), self.player.stage.now)

    def agree(self, park: str) -> None:
        """Every authority of that bank which the protocol names agrees."""
        now = self.player.stage.now
        with self.player.stage.at(park):
            for authority in self.known().protocol.authorities[zone().park(park).bank]:
                answer = (authority, True, AGREES)
                actions.agree(_officer(authority), self.trial, answer, self.known().acts, now)

    def sign(self, park: str) -> None:
        """The park officer signs."""
        with self.player.stage.at(park):
            actions.sign(_officer(""), self.trial, self.known().acts, self.player.stage.now)

    def open(self, park: str) -> None:
        """The park officer opens it on the figures as they stand."""
        with self.player.stage.at(park):
            trial, now = self.known(), self.player.stage.now
            actions.open_trial(_officer(""), self.trial, figures(trial).digest(), trial.acts, now)

    def join(self, organisation: str, named: bool) -> None:
        """The administrator of an organisation joins with it."""
        with self.player.stage.at(organisation.split("-")[0]):
            kind = Role.Kind.ADMINISTRATOR
            role = Role.objects.select_related("user").filter(kind=kind, organisation=organisation)[0]
            actions.join(role.user, self.trial, organisation, named, self.player.stage.now)

    def report(self) -> None:
        """The rule maker says what came of it and what he proposes."""
        with self.player.stage.at(self.home):
            raw = {key: self.row["report"][key] for key in ("proposal", "summary")}
            actions.report(_user(self.row["by"]), self.trial, raw, self.known().acts, self.player.stage.now)

    def follow_days(self) -> None:
        """What the workers of both parks do each day."""
        for park in self.parks:
            with self.player.stage.at(park):
                actions.follow_days(self.player.stage.now)

    # --- what is known

    def known(self) -> Trial:
        """The trial as the node stood on knows it."""
        return rules.fold(acts(StreamId(self.trial)), zone())

    def is_over(self) -> bool:
        """Whether it was stopped or has ended, as its home park knows it."""
        with self.player.stage.at(self.home):
            return rules.status(self.known(), self.player.stage.now) in {Status.STOPPED, Status.ENDED}

    def _day(self, day: int) -> date:
        return self.first.astimezone(ZoneInfo(zone().park(self.home).time_zone)).date() + timedelta(days=day)

    def _protocol(self) -> dict[str, Any]:
        """The example's protocol as the row fills it in; `each` stands for either park."""
        begun = example(self.row["trial"])
        said = {key: _for_both(value) for key, value in begun.protocol.items()}
        days = {**FIRST_DAYS, **self.row.get("lasts", {})}
        return {
            **said,
            "title": {tongue: words + LABELS[tongue] for tongue, words in self._of("title", begun).items()},
            "question": dict(self._of("question", begun)),
            "change": _change(begun, self.row.get("alternative")),
            "flow": begun.flow,
            "crosses": self.row.get("crosses") or begun.crosses or None,
            "dates": {name: self._day(day).isoformat() for name, day in days.items()},
            "data_kept": {
                "what": said["data_kept"],
                "until": self._day(days["ends"] + KEPT_DAYS).isoformat(),
            },
        }

    def _of(self, name: str, begun: Example) -> Mapping[str, str]:
        said: Mapping[str, str] = self.row.get(name) or getattr(begun, name)
        return said


# --- courses of a trial ------------------------------------------------------------------------------------------


def signed(run: Run) -> Steps:
    """Filed, agreed to by the authorities of both banks, signed by both parks."""
    run.file()
    for day, park in enumerate(run.parks, 1):
        yield run.on(day)
        run.agree(park)
        yield run.on(day, 15)
        run.sign(park)


def joined(run: Run) -> Steps:
    """The organisations that take part join."""
    for organisation in run.row["participants"]:
        yield run.on(5)
        run.join(organisation["id"], organisation["named"])


def awaits_other(run: Run) -> Steps:
    """Filed, and signed by its own park; the other one has not answered."""
    run.file()
    yield run.on(1)
    run.agree(run.home)
    yield run.on(1, 15)
    run.sign(run.home)


def in_shadow(run: Run) -> Steps:
    """Signed by both parks: what it would have changed is shown, nothing is decided by it."""
    yield from signed(run)
    yield from joined(run)


def reported(run: Run) -> Steps:
    """Opened by both parks, run until its stop rule or its last day ended it, and reported."""
    yield from signed(run)
    yield from joined(run)
    day = FIRST_DAYS["live_from"]
    for hour, park in zip((10, 14), run.parks, strict=True):
        yield run.on(day - 1, hour)
        run.open(park)
    while not run.is_over():
        day += 1
        yield run.on(day)
        run.follow_days()
    yield run.on(day + 4)
    run.report()


# --- courses of a participant's permit ---------------------------------------------------------------------------


def notified(case: Case) -> Steps:
    """A participant's consignment: whatever is asked of it by then is granted, and it crosses."""
    if (yield from _in_force_under_trial(case)):
        yield from crosses(case)


def notified_short(case: Case) -> Steps:
    """A participant's consignment of which less arrives than left."""
    if (yield from _in_force_under_trial(case)):
        out = {item.line: item.quantity for item in case.declaration.items}
        yield from crosses(case, out, {**out, 1: out[1] - case.chance.randint(1, 5)})
        yield case.later(24, 60)
        case.explain(case.other, "One tray had been left in the freezer; the list was not corrected.")


def _in_force_under_trial(case: Case) -> Steps:
    """Granted and cleared; returns False where the end of the trial refused it on the way."""
    case.declare()
    while _waiting(case):
        yield case.later(0.5, 4)
        if found := _waiting(
            case
        ):  # the trial may have ended since, and the ordinary law asks for other things
            case.decide(*found, "grant")
    for park in (case.home, case.other):
        yield case.later(0.5, 5)
        if permits.status(case.state(park), case.now) not in OPEN or _waiting(case):
            return False
        case.clear(park)
    return True


def _waiting(case: Case) -> tuple[str, Work] | None:
    return next(((park, piece) for park in (case.home, case.other) for piece in case.work(park)), None)


RUNS: Mapping[str, Callable[[Run], Steps]] = {
    course.__name__: course for course in (reported, in_shadow, awaits_other)
}
COURSES: Mapping[str, Callable[[Case], Steps]] = {
    course.__name__: course for course in (notified, notified_short)
}


# --- small things ------------------------------------------------------------------------------------------------


def _change(begun: Example, alternative: int | None) -> str:
    return begun.change if alternative is None else begun.alternatives[alternative]


def _for_both(value: Any) -> Any:  # Any: JSON values of an example
    if isinstance(value, Mapping):
        if set(value) == {"each"}:
            return {str(park): value["each"] for park in zone().parks}
        return {key: _for_both(inner) for key, inner in value.items()}
    return value


def _user(name: str) -> User:
    return User.objects.get(username=name)


def _officer(authority: str) -> User:
    kind = Role.Kind.AUTHORITY_OFFICER if authority else Role.Kind.PARK_OFFICER
    return Role.objects.select_related("user").filter(kind=kind, authority=authority).order_by("pk")[0].user
