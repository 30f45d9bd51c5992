"""The plan of the zone: where the river, the parks and the crossing points stand on the page. Pure geometry from configuration."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from twoparks.registry.zone import ControlPoint, Park, Words, Zone

XY = tuple[float, float]
STEPS = 96  # samples of the river's curve; more cannot be seen


@dataclass(frozen=True)
class Area:
    """A part of a park on one bank, from `start` to `end` in hundredths of the page's width."""

    park: str
    start: float
    end: float
    area_ha: int
    loop: bool  # drawn as land inside a bend of the old river
    name: Words


@dataclass(frozen=True)
class Paper:
    """A sheet to draw on: its size, the river's middle and width, and how tall one hectare per hundredth of width is."""

    width: int
    height: int
    river_y: float
    river_width: float
    bend: float
    rise: float
    numbered: bool  # points carry numbers and a list beside the plan names them


WIDE = Paper(1200, 456, river_y=276, river_width=34, bend=13, rise=40, numbered=False)
TALL = Paper(390, 426, river_y=252, river_width=26, bend=8, rise=32, numbered=True)


@dataclass(frozen=True)
class AreaShape:
    """One area as an SVG path with the place of its name."""

    path: str
    park: Park
    name: Words
    area_ha: int
    loop: bool
    old_river: str  # path of the bend around a loop; empty for other areas
    x: float
    y: float


@dataclass(frozen=True)
class PointShape:
    """One crossing point: its road over the river, its mark, and where its label stands."""

    number: int
    point: ControlPoint
    x: float
    y: float
    top: float
    bottom: float
    label_y: float
    lead_from: float
    lead_to: float
    on_land_of: Park | None  # the park whose area lies under the label, for its tint


@dataclass(frozen=True)
class Title:
    """A park's name on free ground of its bank."""

    park: Park
    about: bool  # the parts drawn do not add up to the park's round figure
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """Everything the template needs to draw one composition."""

    paper: Paper
    river: str
    shores: tuple[str, str]
    currents: tuple[str, ...]  # lines along the water, which make it flow
    areas: tuple[AreaShape, ...]
    titles: tuple[Title, ...]
    points: tuple[PointShape, ...]
    river_name: Words
    river_name_x: float
    river_name_y: float
    old_width: float


@lru_cache(maxsize=4)
def read_plan(path: Path) -> tuple[Words, tuple[Area, ...]]:
    """The river's name and the areas of a plan file; raises KeyError naming a missing entry."""
    raw: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    areas = tuple(
        Area(a["park"], a["from"], a["to"], a["area_ha"], a["loop"], a["name"]) for a in raw["areas"]
    )
    return raw["river"], areas


def draw(zone: Zone, plan: tuple[Words, tuple[Area, ...]], paper: Paper) -> Drawing:
    """Lay the zone out on `paper`."""
    river_name, areas = plan
    middle = [(x, _river(paper, x)) for x in _along(-paper.width, 2 * paper.width)]
    half = paper.river_width / 2
    name_x = 8 if paper.numbered else paper.width * 0.915
    return Drawing(
        paper=paper,
        river=_line(middle),
        shores=(_line(_shift(middle, -half)), _line(_shift(middle, half))),
        currents=tuple(_line(_shift(middle, half * at)) for at in (-0.5, 0.0, 0.5)),
        areas=tuple(_area(zone, paper, area) for area in areas),
        titles=_titles(zone, paper, areas),
        points=tuple(_point(zone, paper, areas, n, p) for n, p in enumerate(_west_to_east(zone), 1)),
        river_name=river_name,
        river_name_x=name_x,
        river_name_y=_river(paper, name_x) + (half + 18 if paper.numbered else 5),
        old_width=paper.river_width * 0.5,
    )


def _titles(zone: Zone, paper: Paper, areas: tuple[Area, ...]) -> tuple[Title, ...]:
    """A park whose loop carries its name (on wide paper) needs no title beside it."""
    titles = []
    for park in zone.parks.values():
        own = [a for a in areas if a.park == park.id]
        if any(a.loop for a in own) and not paper.numbered:
            continue
        shallow = max(own, key=lambda a: a.end - a.start)
        x = 14.0 if any(a.loop for a in own) else paper.width * shallow.start / 100 + 14
        y = 52.0 if park.side == "north" else paper.river_y + paper.river_width + 84
        about = sum(a.area_ha for a in own) != park.area_ha
        titles.append(Title(park, about, x, y))
    return tuple(titles)


def _west_to_east(zone: Zone) -> list[ControlPoint]:
    return sorted(zone.control_points.values(), key=lambda p: p.x)


def _river(paper: Paper, x: float) -> float:
    """Height of the river's middle at `x`: a slow bend that goes on beyond both edges."""
    return paper.river_y + paper.bend * math.sin(2 * math.pi * (0.95 * x / paper.width + 0.05))


def _along(start: float, end: float) -> list[float]:
    return [start + (end - start) * n / STEPS for n in range(STEPS + 1)]


def _shift(points: list[XY], by: float) -> list[XY]:
    return [(x, y + by) for x, y in points]


def _line(points: list[XY]) -> str:
    return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _area(zone: Zone, paper: Paper, area: Area) -> AreaShape:
    start, end = (paper.width * at / 100 for at in (area.start, area.end))
    park = zone.park(area.park)
    gap = paper.river_width / 2 + 4
    if area.loop:
        return _loop(paper, area, park, (start, end, gap))
    up = -1 if park.side == "north" else 1
    bank = _shift([(x, _river(paper, x)) for x in _along(start, end)], up * gap)
    slant = (end - start) * 0.06  # far corners stand in a little, as blocks of a town do

    def outline(depth: float) -> list[XY]:
        far = bank[0][1] + up * depth
        return [*bank, (end - slant * 0.4, far + up * -6), (start + slant, far)]

    depth = _fitted(outline, _wanted(paper, area))
    return AreaShape(
        _line(outline(depth)) + "Z",
        park,
        area.name,
        area.area_ha,
        False,
        "",
        x=start + slant + (14 if not paper.numbered else 8),
        y=bank[0][1] + up * depth + (26 if up < 0 else -40),
    )


def _loop(paper: Paper, area: Area, park: Park, span: tuple[float, float, float]) -> AreaShape:
    """Land between the river and its old bend: the straight river above, a round bank below."""
    start, end, gap = span
    bank = _shift([(x, _river(paper, x)) for x in _along(start, end)], gap)

    def outline(depth: float) -> list[XY]:
        return [*bank, *_bend(paper, (start, end, gap), depth, 0)]

    depth = _fitted(outline, _wanted(paper, area))
    around = _bend(paper, (start, end, gap - 4), depth, paper.river_width * 0.42)
    middle = (start + end) / 2
    return AreaShape(
        _line(outline(depth)) + "Z",
        park,
        area.name,
        area.area_ha,
        True,
        _line(around),
        x=middle,
        y=_river(paper, middle) + gap + depth * 0.5,
    )


def _wanted(paper: Paper, area: Area) -> float:
    """How much paper the area takes, so that all areas are in proportion."""
    return paper.rise * area.area_ha * paper.width / 100


def _fitted(outline: Callable[[float], list[XY]], wanted: float) -> float:
    """The depth at which the outline takes as much paper as is wanted."""
    depth = 100.0
    for _round in range(12):
        depth *= wanted / _size(outline(depth))
    return depth


def _size(corners: list[XY]) -> float:
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def _bend(paper: Paper, span: tuple[float, float, float], depth: float, out: float) -> list[XY]:
    start, end, gap = span
    middle, reach = (start + end) / 2, (end - start) / 2
    points = []
    for n in range(STEPS + 1):
        angle = math.pi * n / STEPS
        x = middle + (reach + out) * math.cos(angle)
        y = _river(paper, min(max(x, start), end)) + gap + (depth + out) * math.sin(angle) ** 0.8
        points.append((x, y))
    return points


def _point(zone: Zone, paper: Paper, areas: tuple[Area, ...], number: int, point: ControlPoint) -> PointShape:
    x = paper.width * point.x / 100
    y = _river(paper, x)
    half = paper.river_width / 2
    south = [a for a in areas if zone.park(a.park).side == "south" and a.start <= point.x <= a.end]
    north = [a for a in areas if zone.park(a.park).side == "north" and a.start <= point.x <= a.end]
    above = bool(south)  # a label goes where the page is free: above when a park lies below
    beneath = (north if above else south)[:1]
    return PointShape(
        number,
        point,
        x,
        y,
        top=y - half - 8,
        bottom=y + half + 8,
        label_y=y - half - 66 if above else y + half + 44,
        lead_from=y - half - 10 if above else y + half + 10,
        lead_to=y - half - 24 if above else y + half + 26,
        on_land_of=zone.park(beneath[0].park) if beneath else None,
    )
