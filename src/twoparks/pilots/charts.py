"""Charts drawn on the server: Vega-Lite made into SVG that stands in the page, in the page's own fonts and colours.

Colours are the stylesheet's variables, so light and dark need no second picture. Each chart has a table beside it that says the same;
to who listens the picture is one image with a name, and the table is the content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, STEP = 420, 30
_TINTS = {"good": "var(--good)", "stop": "var(--stop)", "plain": "var(--strong-line)"}
_FONT = "Noto Sans"  # by which labels are measured; the page's own letters are drawn


class Bar(NamedTuple):
    """One bar from 0: whose, how long (below 0 to the left), its tint (good, stop or plain), and its length in words."""

    name: str
    value: float
    tint: str
    says: str


def bars(drawn: Sequence[Bar], axis: str, title: str) -> SafeString:
    """Bars to the right and left of 0, one row a name, as an SVG image with that title."""
    return mark_safe(_svg(tuple(drawn), axis, title))  # noqa: S308 - every text in it was escaped by the drawer


@lru_cache(maxsize=64)
def _svg(drawn: tuple[Bar, ...], axis: str, title: str) -> str:
    import vl_convert

    picture = vl_convert.vegalite_to_svg(_spec(drawn, axis))
    picture = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", picture)
    picture = re.sub(r'font-family="[^"]*"', 'font-family="inherit"', picture)
    return re.sub(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>', _opening(title), picture, count=1)


def _opening(title: str) -> str:
    named = escape(title)
    return (
        r'<svg class="chart" viewBox="0 0 \1 \2" width="\1" height="\2" role="img" aria-label="'
        + named.replace("\\", "")
        + r'" focusable="false">'
    )


def _spec(drawn: Sequence[Bar], axis: str) -> dict[str, object]:
    values = [{"name": b.name, "value": b.value, "fill": _TINTS[b.tint], "says": b.says} for b in drawn]
    tints = list(_TINTS.values())
    y = {
        "field": "name",
        "type": "nominal",
        "sort": list(dict.fromkeys(bar.name for bar in drawn)),
        "title": None,
    }
    x = {"field": "value", "type": "quantitative", "title": axis, "axis": {"tickCount": 5}, **_scale(drawn)}
    color = {
        "field": "fill",
        "type": "nominal",
        "scale": {"domain": tints, "range": tints},
        "legend": None,
    }
    bar = {"type": "bar", "height": {"band": 0.6}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": {"step": STEP},
        "background": None,
        "data": {"values": values},
        "layer": [
            {"mark": bar, "encoding": {"y": y, "x": x, "color": color}},
            *(_beyond(y, x, right=right) for right in (True, False)),
        ],
        "config": {"font": _FONT, "view": {"stroke": None}, "aria": False, "axis": _AXIS},
    }


_AXIS = {
    "labelColor": "var(--ink)",
    "titleColor": "var(--soft)",
    "titleFontWeight": "normal",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "labelLimit": 480,
    "gridColor": "var(--line)",
    "domainColor": "var(--strong-line)",
    "tickColor": "var(--strong-line)",
}


def _scale(drawn: Sequence[Bar]) -> dict[str, object]:
    """From the least to the most, with room for the words beyond the bars."""
    low, high = min(0.0, *(bar.value for bar in drawn)), max(0.0, *(bar.value for bar in drawn))
    room = 0.18 * (max(-low, high) or 1)
    return {"scale": {"domain": [low - room * (low < 0), high + room * (high > 0)], "nice": False}}


def _beyond(y: object, x: object, *, right: bool) -> dict[str, object]:
    """The words at the end of the bars to one side."""
    side = {"align": "left", "dx": 4} if right else {"align": "right", "dx": -4}
    return {
        "transform": [{"filter": f"datum.value {'>' if right else '<'} 0"}],
        "mark": {"type": "text", "fontSize": 12, "fill": "var(--ink)", **side},
        "encoding": {"y": y, "x": x, "text": {"field": "says"}},
    }
