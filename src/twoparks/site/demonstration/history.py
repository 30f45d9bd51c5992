"""Two months of history for a fresh installation of both parks on one machine: played, written down, put in place whole."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from twoparks.permits.actions import save_draft
from twoparks.registry import finding
from twoparks.registry.ids import seeded
from twoparks.registry.models import Project, User
from twoparks.registry.zone import zone
from twoparks.site import demonstration
from twoparks.site.demonstration import commuting, courses, people, trying
from twoparks.site.demonstration.commuting import walk
from twoparks.site.demonstration.consignments import Order, kinds, typed
from twoparks.site.demonstration.player import CLOSES, OPENS, Case, Player
from twoparks.site.demonstration.stage import Side, Stage, in_memory, introduce, nodes_in, write_down
from twoparks.site.places import PLAYED_IN

FILE = Path(__file__).with_name("history.yaml")
LENGTH = timedelta(days=61)
JUST_BEFORE = timedelta(hours=2)
WHOLE = "whole"  # file that says that all of a history is on disk
JUST_NOW = 0.5  # days: what began this short a time ago began at whatever hour that was

COURSES = {**courses.COURSES, **commuting.COURSES, **trying.COURSES, **trying.RUNS}

Tell = Callable[[int], None]  # percent done
Choose = Callable[["Entry"], bool]


def _quietly(percent: int) -> None:
    pass


def _all(entry: Entry) -> bool:
    return True


@dataclass(frozen=True)
class Entry:
    """One case of the script: its order among all and in its series, when it begins, and its course."""

    number: int
    place: int
    row: Mapping[str, Any]
    course: str
    days: float  # before loading, negative
    hours: bool  # `days` came from hours: no office hours


def install(var: Path, now: datetime, tell: Tell = _quietly, chosen: Choose = _all) -> bool:
    """Give a machine without parks two of them with a history up to `now`; False where there is a park already.

    Played in memory and written to a folder of its own; only when all of it is on disk do both parks take their places.
    Killed at any moment, the next call begins anew or finishes the move: nothing is there twice, nothing by half.
    """
    fresh = var / PLAYED_IN
    with _alone(var):
        if not (fresh / WHOLE).exists():
            shutil.rmtree(fresh, ignore_errors=True)
            if any((var / park).exists() for park in zone().parks):
                return False
            _write(fresh, now, tell, chosen)
        for park in zone().parks:
            if (fresh / park).exists():
                (fresh / park).rename(var / park)
        shutil.rmtree(fresh)
    return True


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    var.mkdir(parents=True, exist_ok=True)
    with (var / f"{PLAYED_IN}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def play(stage: Stage, tell: Tell = _quietly, chosen: Choose = _all) -> None:
    """Play the script on a stage whose nodes know each other and nothing else, up to two months after the stage's `now`.

    `chosen`: the cases to play; tests play few.
    """
    until = stage.now + LENGTH
    script = read()
    for park in stage.sides:
        with stage.at(park):
            demonstration.load(until, since=stage.now)
            people.load_organisations()
            people.load_people()
            people.load_projects(script["projects"][park])
            people.load_commuters(script["commuters"][park], stage.now)
            demonstration.note_roles(stage.now)
            finding.keep_all()
            _draft(script["drafts"][park], until)
    stage.exchange_documents()
    player = Player(stage, until, tell)
    for entry in entries(script):
        if chosen(entry):
            _add(player, entry)
    player.play()


def read() -> Mapping[str, Any]:
    """The script."""
    said: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return said


def entries(script: Mapping[str, Any]) -> Iterator[Entry]:
    """Every case of the script, in its order."""
    number = 0
    for row in script["series"]:
        first, last = first_and_last(row)
        courses = row["courses"]
        step = (last - first) / max(1, len(courses) - 1)
        for n, course in enumerate(courses):
            yield Entry(number, n, row, course, first + n * step, "hours" in row)
            number += 1


def first_and_last(row: Mapping[str, Any]) -> tuple[float, float]:
    """When a series begins and ends, in days before loading, negative."""
    first, last = row.get("days") or [hours / 24 for hours in row["hours"]]
    return first, last


def _write(fresh: Path, now: datetime, tell: Tell, chosen: Choose) -> None:
    since = now.replace(microsecond=0) - LENGTH
    sides = {park: Side(node, in_memory()) for park, node in nodes_in(fresh).items()}
    introduce(sides, since)
    play(Stage(sides, since), tell, chosen)
    for side in sides.values():
        write_down(side, side.node.home / "db.sqlite3")
        side.database.close()
    os.sync()
    (fresh / WHOLE).touch()


def _draft(rows: list[Mapping[str, Any]], until: datetime) -> None:
    """What people of this park have begun and not declared: parties and goods are there, the way is not chosen."""
    for number, row in enumerate(rows, 1):
        chance = random.Random(f"draft {row['project']}")  # noqa: S311  # a story, not a secret
        project = Project.objects.select_related("organisation", "partner").get(pk=row["project"])
        content = typed(Order(kinds()[row["what"]], project, until.date(), 1, 9000 + number), chance)
        with seeded(chance):
            save_draft(
                User.objects.get(username=row["by"]), None, {**content, "route": {}}, until - JUST_BEFORE
            )


def _add(player: Player, entry: Entry) -> None:
    stage, row = player.stage, entry.row
    home = (row.get("project") or row["by"]).split("-")[0]
    about = row.get("project") or row["trial"]
    chance = random.Random(f"{about} {row.get('what')} {first_and_last(row)} {entry.place}")  # noqa: S311  # a story, not a secret
    first = _begins(player.until, entry, chance, zone().park(home).time_zone)
    if "trial" in row:
        player.add(first, trying.RUNS[entry.course](trying.Run(player, row, chance, first)))
        return
    with stage.at(home):
        if "who" in row:
            case: Case = walk(player, row, entry.place, first, chance)
        else:
            project = Project.objects.select_related("organisation", "partner").get(pk=row["project"])
            order = Order(
                kinds()[row["what"]], project, _day(first, home), row.get("uses", 1), entry.number + 1
            )
            case = Case(player, home, row["by"], typed(order, chance), chance)
    player.add(first, COURSES[entry.course](case))


def _begins(until: datetime, entry: Entry, chance: random.Random, time_zone: str) -> datetime:
    at = until + timedelta(days=entry.days)
    here = at.astimezone(ZoneInfo(time_zone))
    if entry.hours and (OPENS <= here.hour < CLOSES or entry.days > -JUST_NOW):
        return at
    day = here.date() - timedelta(days=1) if entry.hours and here.hour < OPENS else here.date()
    hour = time(chance.randint(9, 15), chance.randrange(60))
    return datetime.combine(day, hour, ZoneInfo(time_zone)).astimezone(UTC)


def _day(at: datetime, park: str) -> date:
    return at.astimezone(ZoneInfo(zone().park(park).time_zone)).date()
