"""A list as a file: CSV for programs and XLSX for people, exactly the rows of its pages, in the reader's language."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from twoparks.lists.types import Cell, Column, Kind, Line

BYTE_ORDER_MARK = "\ufeff"  # spreadsheets take the file for UTF-8 by it
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
MOMENT, DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"
WIDTHS = {
    Kind.TEXT: 32,
    Kind.CODE: 22,
    Kind.NUMBER: 12,
    Kind.MOMENT: 20,
    Kind.DAY: 12,
    Kind.STATUS: 18,
    Kind.BANK: 18,
}


@dataclass(frozen=True)
class Sheet:
    """What a file says beside its rows: its title and, line by line, what it was narrowed to."""

    title: str
    about: Sequence[tuple[str, str]]


def columns_of(columns: Iterable[Column[Line]]) -> list[Column[Line]]:
    """The columns a file has."""
    return [column for column in columns if column.in_file]


def csv_lines(columns: Sequence[Column[Line]], lines: Iterable[Line]) -> Iterator[str]:
    """RFC 4180, UTF-8 with a byte order mark; times carry their offset; a text that looks like a formula gets a quote before it."""
    language = translation.get_language() or "en"
    writer = csv.writer(_Echo())
    with translation.override(language):
        yield BYTE_ORDER_MARK + writer.writerow([_heading(column) for column in columns])
    for line in lines:  # the language is set anew each time: between two pieces the server answers others
        with translation.override(language):
            piece = writer.writerow([_text(column, line) for column in columns])
        yield piece


def write_xlsx(path: Path, sheet: Sheet, columns: Sequence[Column[Line]], lines: Iterable[Line]) -> int:
    """Write a workbook: rows with typed cells under a frozen header, and a second sheet that says what they are. Returns how many rows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {
            Kind.MOMENT: book.add_format({"num_format": MOMENT, "align": "left"}),
            Kind.DAY: book.add_format({"num_format": DAY, "align": "left"}),
        }
        rows = book.add_worksheet(_("Rows"))
        for at, column in enumerate(columns):
            rows.set_column(at, at, WIDTHS[column.kind])
            rows.write_string(0, at, _heading(column, clock=True), bold)
        rows.freeze_panes(1, 0)
        number = 0
        for number, line in enumerate(lines, 1):
            for at, column in enumerate(columns):
                _write(rows, (number, at), column.value(line), column, formats.get(column.kind))
        if number:
            rows.autofilter(0, 0, number, len(columns) - 1)
        _write_about(book.add_worksheet(_("About")), sheet, bold, number)
    return number


def _write_about(page: Any, sheet: Sheet, bold: Any, number: int) -> None:  # Any: XlsxWriter ships no types
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    page.write_string(0, 0, sheet.title, bold)
    said = [*sheet.about, (_("Rows"), str(number))]
    for at, (name, value) in enumerate(said, 1):
        page.write_string(at, 0, name)
        page.write_string(at, 1, value)


def _write(page: Any, where: tuple[int, int], cell: Cell, column: Column[Line], form: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, datetime):
        page.write_datetime(*where, timezone.localtime(cell).replace(tzinfo=None, microsecond=0), form)
    elif isinstance(cell, date):
        page.write_datetime(*where, cell, form)
    elif isinstance(cell, int):
        page.write_number(*where, cell)
    else:
        page.write_string(*where, column.word(cell) if column.word else cell)


def _heading(column: Column[Line], clock: bool = False) -> str:
    unit = str(column.unit)
    if clock and column.kind is Kind.MOMENT:
        unit = timezone.get_current_timezone_name()
    return f"{column.label} ({unit})" if unit else str(column.label)


def _text(column: Column[Line], line: Line) -> str:
    cell = column.value(line)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    if isinstance(cell, date | int):
        return str(cell)
    said = column.word(cell) if column.word and cell else cell
    return f"'{said}" if said.startswith(FORMULA) else said


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
