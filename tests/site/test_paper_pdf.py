"""The PDF itself: tagged, titled, in its language, readable to the last rare character, with a code that scans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from pypdf.generic import ContentStream
from tools import fonts

from twoparks.site.paper.pdf import Unprintable, pdf
from twoparks.site.paper.shape import (
    Box,
    Boxes,
    Code,
    Column,
    Law,
    Line,
    Pairs,
    Paper,
    PaperKind,
    Provision,
    Section,
    Steps,
    Table,
    Text,
)

pytestmark = pytest.mark.one_database

PASS = "TP1:" + "6BFOXN*TS0BI$ZD.P9UOL97O4-2HH77HRM3DSPTLRR+%3.ZH9M9ESIGUBA KWMLAU6" * 6
RARE = {
    "en": "Mr Zhū Rongji 镕, 𠝹, 喆 — “±5 µl”",
    "zh-Hant": "㗎喺嘢𨋢𠝹衞着裏説，鎔喆",
    "zh-Hans": "镕喆堃龘䶮㐱，测试“引号”",
}
LANGS = {"en": "en-GB", "zh-Hant": "zh-HK", "zh-Hans": "zh-CN"}


def paper(language: str = "en", text: str = "Some words.") -> Paper:
    """A paper with every kind of part."""
    lines = (Line("Label", (text,)), Line("Digest", ("3d81afbe" * 8,), code=True))
    blocks = (
        Code(PASS, "The pass as a QR code", lines),
        Text(text),
        Pairs(lines),
        Table("Things", (Column("What", share=1), Column("How many", numeric=True)), ((text, "40"),)),
        Steps((text, "Then go.")),
        Law((Provision("X-01", text, "An act, article 1", "https://example.org/act", ("assumed",)),)),
        Boxes((Box("north", "North", (text,), lines), Box("south", "South", (), ()))),
    )
    return Paper(
        kind=PaperKind.PERMIT,
        language=language,
        title="Title",
        number="sz-p-1",
        version="version 1",
        subject=text,
        answer="It may cross.",
        tint="good",
        marks=("fictitious",),
        sections=(Section("Part", blocks),),
        park="Park",
        zone="Zone",
        side="north",
        made_at=datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC),
        made="As it stood then",
        foot="Foot.",
        page_of="page {page} of {pages}",
        check_says="Check it:",
        check_link="https://example.org/verify/sz-p-1/3d81afbe/",
    )


def read(content: bytes) -> PdfReader:
    """The document as a reader's program opens it."""
    return PdfReader(BytesIO(content))


def tags(node: Any) -> Iterator[str]:
    """The names of the structure elements, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from tags(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        yield from tags(node.get("/K", []))


@pytest.mark.parametrize("language", LANGS)
def test_it_claims_pdf_ua_and_has_a_title_and_its_language(language: str) -> None:
    document = read(pdf(paper(language)))
    catalogue = document.root_object
    assert catalogue["/Lang"] == LANGS[language]
    assert catalogue["/MarkInfo"]["/Marked"] == True  # noqa: E712  # a PDF boolean, not Python's
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert document.metadata is not None
    assert document.metadata.title == "Title sz-p-1 · Some words."
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data()


def test_its_parts_are_tagged_as_what_they_are() -> None:
    found = set(tags(read(pdf(paper())).root_object["/StructTreeRoot"]))
    assert {"/H1", "/P", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure", "/Link"} <= found


def test_the_code_says_what_it_is_to_who_cannot_see_it() -> None:
    assert list(_alternatives(read(pdf(paper())).root_object["/StructTreeRoot"])) == ["The pass as a QR code"]


def _alternatives(node: Any) -> Iterator[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from _alternatives(each)
    elif isinstance(node, dict):
        if "/Alt" in node:
            yield str(node["/Alt"])
        yield from _alternatives(node.get("/K", []))


@pytest.mark.parametrize("language", LANGS)
def test_every_character_can_be_read_back(language: str) -> None:
    document = read(pdf(paper(language, RARE[language])))
    text = "".join(page.extract_text() for page in document.pages)
    assert [c for c in RARE[language] if not c.isspace() and c not in text] == []


@pytest.mark.parametrize("language", LANGS)
def test_only_bundled_fonts_are_used_and_they_are_in_the_file(language: str) -> None:
    document = read(pdf(paper(language, RARE[language])))
    used = {
        str(f.get_object()["/BaseFont"]).partition("+")[2]
        for p in document.pages
        for f in p["/Resources"]["/Font"].values()
    }
    assert {name.partition("-")[0] for name in used} <= {"NotoSansHK", "NotoSansSC"}


@pytest.mark.parametrize(("text", "named"), [("a tick \U0001f5f8", "U+1F5F8"), ("བོད", "U+0F56")])
def test_a_character_no_font_has_is_an_error_that_names_it(text: str, named: str) -> None:
    with pytest.raises(Unprintable, match=re.escape(named)):
        pdf(paper(text=text))


def test_markup_in_what_somebody_typed_stays_what_was_typed() -> None:
    typed = '#panic("x") *bold* = heading $x$ <label> @ref \\ `raw` // not a comment'
    text = "".join(page.extract_text() for page in read(pdf(paper(text=typed))).pages)
    assert typed.replace(" ", "") in re.sub(r"\s", "", text)


def test_the_code_drawn_is_the_code_meant() -> None:
    document = read(pdf(paper()))
    drawn = _modules(document)
    meant = segno.make_qr(PASS, error="m", boost_error=False)
    assert meant.version <= 15
    assert drawn == {(x, y) for y, row in enumerate(meant.matrix) for x, module in enumerate(row) if module}


def test_the_code_is_large_enough_to_scan() -> None:
    side = len(segno.make_qr(PASS, error="m", boost_error=False).matrix) + 8
    assert 54 / side >= 0.5  # millimetres a module, at the width the template gives it


def test_the_creation_date_is_that_of_the_last_act() -> None:
    metadata = read(pdf(paper())).metadata
    assert metadata is not None
    assert metadata.creation_date == datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


def test_a_paper_of_many_lines_goes_on_over_pages_with_its_headings() -> None:
    table = Table(
        "Things",
        (Column("What", share=1), Column("How many")),
        tuple((f"Thing {n}", "1") for n in range(120)),
    )
    long = replace(paper(), sections=(Section("Part", (table,)),))
    document = read(pdf(long))
    assert len(document.pages) > 2
    assert all("How many" in page.extract_text() for page in document.pages)


def test_the_fonts_hold_every_character_of_our_own_words() -> None:
    assert fonts.own_characters() - fonts.covered(("HK", "SC"), "Regular") == set()


def test_the_fonts_hold_the_characters_of_both_banks_offices() -> None:
    together = fonts.covered(("HK", "SC"), "Regular")
    wanted = {c for codec in ("gb2312", "big5", "big5hkscs", "gbk") for c in fonts.charset(codec)}
    assert {c for c in wanted - together if c >= "\u2e80"} == set()


def test_the_fonts_stay_small() -> None:
    assert sum(path.stat().st_size for path in fonts.FOLDER.glob("*.otf")) <= 20_000_000


def _modules(document: PdfReader) -> set[tuple[int, int]]:
    """The dark modules of the largest filled shape on the first page, whose units are modules with a margin of four."""
    shapes, runs, start = [], [], (0.0, 0.0)
    for operands, operator in ContentStream(document.pages[0].get_contents(), document).operations:
        if operator == b"m":
            start = (float(operands[0]), float(operands[1]))
        elif operator == b"l" and float(operands[1]) == start[1] and float(operands[0]) > start[0]:
            runs.append((*start, float(operands[0]) - start[0]))
        elif operator in {b"f", b"S", b"n"}:
            shapes.append(runs)
            runs = []
    return {
        (round(x) + i - 4, round(y) - 4) for x, y, width in max(shapes, key=len) for i in range(round(width))
    }
