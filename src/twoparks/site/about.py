"""The page about the zone: what published sources say of it, each fact with its source, the place in it and its day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from twoparks.registry.zone import ControlPoint, Park, Words, Zone, zone

FLOWS = {
    "personnel": _("Personnel"),
    "materials": _("Materials"),
    "capital": _("Capital"),
    "data": _("Data"),
}


@dataclass(frozen=True)
class Source:
    """A published document. `month_only`: the day within the month of `dated` is not known."""

    id: str
    short: Words  # as a fact cites it
    title: Words
    issuer: Words
    dated: date
    address: str = ""
    month_only: bool = False


@dataclass(frozen=True)
class Fact:
    """One statement of a source; `at` is the place in it as it stands there, `name` what it is about where a row needs one."""

    says: Words
    source: Source
    at: str = ""
    name: Words | None = None


@dataclass(frozen=True)
class Use:
    """One planned use of floor area."""

    name: Words
    percent: int
    gfa_m2: int


@dataclass(frozen=True)
class Facts:
    """Everything the page shows, in the order of the file."""

    sources: tuple[Source, ...]
    parks: tuple[tuple[Park, tuple[Fact, ...]], ...]
    phases_of: Park
    phases: tuple[Fact, ...]
    uses: tuple[Use, ...]
    uses_say: Fact
    control_points: tuple[tuple[ControlPoint, Fact], ...]
    flows: tuple[tuple[object, tuple[Fact, ...]], ...]  # the flow's word in the reader's language
    aims: tuple[tuple[int, tuple[Fact, ...]], ...]

    @property
    def gfa_m2(self) -> int:
        """Floor area of all uses together."""
        return sum(use.gfa_m2 for use in self.uses)


def about(request: HttpRequest) -> HttpResponse:
    """The zone in the words of its sources; for everybody."""
    facts = read_facts(Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".facts.yaml"))
    return render(request, "site/about.html", {"facts": facts})


@lru_cache(maxsize=2)
def read_facts(path: Path) -> Facts:
    """The facts file beside a zone file; raises KeyError naming a source, park or control point that is not there."""
    raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    sources = {key: Source(id=key, **said) for key, said in raw["sources"].items()}
    known = zone()

    def facts(rows: list[Mapping[str, Any]]) -> tuple[Fact, ...]:
        return tuple(Fact(**{**row, "source": sources[row["source"]]}) for row in rows)

    uses = raw["uses"]
    return Facts(
        sources=tuple(sources.values()),
        parks=tuple((known.park(park), facts(rows)) for park, rows in raw["parks"].items()),
        phases_of=known.park(raw["phases"]["park"]),
        phases=facts(raw["phases"]["rows"]),
        uses=tuple(Use(**row) for row in uses["rows"]),
        uses_say=Fact({}, sources[uses["source"]], uses["at"]),
        control_points=_points(known, {key: facts([row])[0] for key, row in raw["control_points"].items()}),
        flows=tuple((FLOWS[key], facts(rows)) for key, rows in raw["flows"].items()),
        aims=tuple((year, facts(rows)) for year, rows in raw["aims"].items()),
    )


def _points(known: Zone, said: Mapping[str, Fact]) -> tuple[tuple[ControlPoint, Fact], ...]:
    west_to_east = sorted(known.control_points.values(), key=lambda point: point.x)
    return tuple((point, said[point.id]) for point in west_to_east)
