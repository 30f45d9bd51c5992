"""The plan of the zone is drawn from configuration: order, proportion, and room for every label."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from twoparks.registry.zone import zone
from twoparks.site import plan

pytestmark = pytest.mark.one_database
PAPERS = (plan.WIDE, plan.TALL)


def _drawn(paper: plan.Paper) -> plan.Drawing:
    path = Path(settings.TWOPARKS_ZONE_FILE).with_suffix(".plan.yaml")
    return plan.draw(zone(), plan.read_plan(path), paper)


def _corners(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def _size(path: str) -> float:
    corners = _corners(path)
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


@pytest.mark.parametrize("paper", PAPERS, ids=["wide", "tall"])
def test_crossing_points_are_numbered_from_west_to_east(paper: plan.Paper) -> None:
    points = _drawn(paper).points
    assert [p.number for p in points] == list(range(1, len(zone().control_points) + 1))
    assert [p.x for p in points] == sorted(p.x for p in points)


@pytest.mark.parametrize("paper", PAPERS, ids=["wide", "tall"])
def test_every_crossing_point_lies_on_the_river(paper: plan.Paper) -> None:
    drawing = _drawn(paper)
    river = _corners(drawing.river)
    for point in drawing.points:
        near = min(river, key=lambda corner: abs(corner[0] - point.x))
        assert abs(near[1] - point.y) < paper.river_width / 2


@pytest.mark.parametrize("paper", PAPERS, ids=["wide", "tall"])
def test_areas_are_drawn_in_proportion(paper: plan.Paper) -> None:
    scales = [_size(area.path) / area.area_ha for area in _drawn(paper).areas]
    assert max(scales) / min(scales) < 1.01


@pytest.mark.parametrize("paper", PAPERS, ids=["wide", "tall"])
def test_north_lies_above_the_river_and_south_below(paper: plan.Paper) -> None:
    for area in _drawn(paper).areas:
        heights = [y for _x, y in _corners(area.path)]
        middle = sum(heights) / len(heights)
        assert (middle < paper.river_y) == (area.park.side == "north")


@pytest.mark.parametrize("paper", PAPERS, ids=["wide", "tall"])
def test_marks_do_not_touch_each_other(paper: plan.Paper) -> None:
    places = [p.x for p in _drawn(paper).points]
    gaps = [right - left for left, right in pairwise(places)]
    assert min(gaps) >= (28 if paper.numbered else 170)


def test_everything_stays_on_the_paper() -> None:
    for paper in PAPERS:
        for area in _drawn(paper).areas:
            for x, y in [*_corners(area.path), *_corners(area.old_river)]:
                assert 0 <= x <= paper.width
                assert 0 <= y <= paper.height
