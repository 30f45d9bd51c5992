"""Setting a paper as PDF/UA-1: tagged, titled, in its language, from bundled fonts alone, the same bytes for the same paper."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC
from functools import cache
from pathlib import Path

import typst
from django.utils.translation import gettext as _

from twoparks.passes.qr import qr
from twoparks.permits.types import NotPossible
from twoparks.site.paper.shape import Code, Paper

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')


class Unprintable(NotPossible):
    """The paper holds a character that no bundled font has; the message names it."""

    def __init__(self, text: str) -> None:
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in text)
        says = _(
            "The paper cannot be printed: no font here has %(characters)s. The page shows it all the same."
        )
        super().__init__("unprintable", says % {"characters": named})


def pdf(paper: Paper) -> bytes:
    """The paper as a PDF document; raises Unprintable where a character cannot be shown."""
    pass_text = next((b.text for s in paper.sections for b in s.blocks if isinstance(b, Code)), "")
    inputs = {"paper": _json(paper), "pass": picture(pass_text) if pass_text else ""}
    compiler = typst.Compiler(HERE / "paper.typ", root=HERE, font_paths=_fonts(), ignore_system_fonts=True)
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs)
    except typst.TypstError as error:
        if missing := _MISSING.search(str(error)):
            raise Unprintable(missing[1]) from error
        raise
    assert isinstance(made, bytes)
    return made


def picture(pass_text: str) -> str:
    """The QR code as an SVG picture of one path, one rectangle a run of dark modules, with its quiet zone."""
    matrix = qr(pass_text).matrix
    border = 4
    runs = []
    for y, row in enumerate(matrix):
        for run in re.finditer(rb"\x01+", bytes(1 if module else 0 for module in row)):
            runs.append(f"M{run.start() + border} {y + border}h{len(run[0])}v1h-{len(run[0])}z")
    size = len(matrix) + 2 * border
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path d="{"".join(runs)}" fill="#000"/></svg>'
    )


def _json(paper: Paper) -> str:
    at = paper.made_at.astimezone(UTC)
    parts = {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}
    return json.dumps({**asdict(paper), "made_at": parts}, ensure_ascii=False)


@cache
def _fonts() -> typst.Fonts:
    """The bundled fonts and no others, read once."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
