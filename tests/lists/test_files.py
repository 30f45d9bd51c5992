"""A file holds exactly the rows of the pages, in their order and the reader's language, and runs nothing."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from tests.site.conftest import Stage
from tests.story import MOMENTS, Story

from twoparks.lists import queries, sheets
from twoparks.lists.types import Column, Kind
from twoparks.permits.types import PermitId


def file_of(stage: Stage, person: str, address: str, **headers: str) -> Any:
    """The answer with all of its content."""
    client = stage.client(person[:2], person)
    with stage.story.nodes.at(person[:2]):
        answer = client.get(address, headers=headers or None)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return answer, content


def csv_rows(stage: Stage, person: str, address: str, **headers: str) -> list[dict[str, str]]:
    _answer, content = file_of(stage, person, address, **headers)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def workbook(stage: Stage, person: str, address: str, **headers: str) -> Any:
    _answer, content = file_of(stage, person, address, **headers)
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def paged(stage: Stage, person: str, query: str) -> list[dict[str, Any]]:
    """Rows of all pages, as the API gives them page by page."""
    client = stage.client(person[:2], person)
    rows: list[dict[str, Any]] = []
    after = ""
    with stage.story.nodes.at(person[:2]):
        while True:
            page = client.get(f"/api/permits?{query}&after={after}").json()
            rows += page["rows"]
            after = page["next"]
            if not after:
                return rows


@pytest.fixture
def several(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Six permits, one of them in force, and pages of two rows."""
    stage.story.reach("six permits")
    monkeypatch.setattr(queries, "PAGE", 2)
    return stage


def _six(story: Story) -> PermitId:
    permit = story.in_force()
    for number in range(5):
        story.declare(containers=[f"BOX-{number}"], seal=None)
    return permit


MOMENTS["six permits"] = _six


QUERIES = ["", "status=in_review", "sort=declared", "q=肝癌&sort=valid_until", "status=revoked"]


@pytest.mark.parametrize("query", QUERIES)
def test_a_csv_has_the_rows_of_all_pages_in_their_order(several: Stage, query: str) -> None:
    rows = csv_rows(several, "sz-lab", f"/permits/?{query}&as=csv")
    pages = paged(several, "sz-lab", query)
    assert [row["Number"] for row in rows] == [row["id"] for row in pages]


@pytest.mark.parametrize("query", QUERIES)
def test_a_workbook_has_the_rows_of_all_pages_in_their_order(several: Stage, query: str) -> None:
    head, *rows = cells(workbook(several, "sz-lab", f"/permits/?{query}&as=xlsx").worksheets[0])
    pages = paged(several, "sz-lab", query)
    assert [row[head.index("Number")] for row in rows] == [row["id"] for row in pages]


def test_a_workbook_holds_dates_and_numbers_not_texts(several: Stage) -> None:
    head, row, *_rest = cells(workbook(several, "sz-lab", "/permits/?as=xlsx").worksheets[0])
    said = dict(zip(head, row, strict=True))
    (api,) = paged(several, "sz-lab", f"q={said['Number']}")
    local = datetime.fromisoformat(api["valid_until"]).astimezone().replace(tzinfo=None)
    assert (said["Version"], type(said["Valid until (Asia/Hong_Kong)"])) == (1, datetime)
    assert abs((said["Valid until (Asia/Hong_Kong)"] - local).total_seconds()) < 86_400


def test_a_workbooks_header_stays_in_sight(several: Stage) -> None:
    assert workbook(several, "sz-lab", "/permits/?as=xlsx").worksheets[0].freeze_panes == "A2"


def test_a_workbooks_second_sheet_says_what_was_asked(several: Stage) -> None:
    about = cells(workbook(several, "sz-lab", "/permits/?status=in_review&q=肝癌&as=xlsx").worksheets[1])
    assert {("Status", "In review"), ("Search", "肝癌"), ("Order", "Changed, latest first")} <= set(about)


def test_times_in_a_csv_carry_their_offset(several: Stage) -> None:
    row = csv_rows(several, "sz-lab", "/permits/?as=csv")[0]
    assert row["Changed"].endswith("+08:00")


@pytest.mark.parametrize(
    ("language", "number", "status", "word"),
    [
        ("en", "Number", "Status", "In review"),
        ("zh-hant", "編號", "狀態", "審核中"),
        ("zh-hans", "编号", "状态", "审核中"),
    ],
)
def test_a_file_is_in_the_readers_language(
    several: Stage, language: str, number: str, status: str, word: str
) -> None:
    rows = csv_rows(several, "sz-lab", "/permits/?status=in_review&as=csv", **{"Accept-Language": language})
    assert number in rows[0]
    assert {row[status] for row in rows} == {word}


def test_a_file_is_called_after_the_list_and_the_day(several: Stage) -> None:
    names = [
        file_of(several, "sz-lab", f"/permits/?q=sz-lab&as={form}")[0]["Content-Disposition"]
        for form in ("csv", "xlsx")
    ]
    day = several.story.nodes.now.date().isoformat()
    assert names == [f'attachment; filename="permits-{day}.{form}"' for form in ("csv", "xlsx")]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_has_no_row_of_others(several: Stage, form: str) -> None:
    _answer, content = file_of(several, "sz-biobank", f"/permits/?as={form}")
    rows = (
        len(list(csv.reader(io.StringIO(content.decode("utf-8-sig")))))
        if form == "csv"
        else openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row
    )
    assert rows == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_stranger_gets_no_file(several: Stage, form: str) -> None:
    assert several.visit("sz", f"/permits/?as={form}").goes_to.startswith("/accounts/login/")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_that_cannot_hold_all_rows_says_what_to_do(
    several: Stage, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FILE_MAX", 5)
    page = several.get("sz-lab", f"/permits/?as={form}")
    assert page.status == 422
    assert "More than 5 rows match" in page.text
    assert "Narrow the list first" in page.text


def test_a_file_as_long_as_the_limit_is_given(several: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FILE_MAX", 6)
    assert len(csv_rows(several, "sz-lab", "/permits/?as=csv")) == 6


@pytest.mark.parametrize("address", ["/crossings/", "/projects/", "/organisations/", "/approvals/"])
def test_every_list_can_be_taken_as_a_file(several: Stage, address: str) -> None:
    assert len(workbook(several, "sz-officer", f"{address}?as=xlsx").worksheets) == 2
    assert file_of(several, "sz-officer", f"{address}?as=csv")[0].status_code == 200


NAME: Column[str] = Column("name", "Name", lambda line: line)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_kept_from_running(text: str, tmp_path: Any) -> None:
    _head, row = csv.reader(io.StringIO("".join(sheets.csv_lines([NAME], [text])), newline=""))
    sheets.write_xlsx(tmp_path / "a.xlsx", sheets.Sheet("t", ()), [NAME], [text])
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A2"]
    assert (row, cell.data_type) == ([f"'{text}"], "s")


def test_commas_quotes_and_line_breaks_come_back_as_they_were() -> None:
    text = 'a, "b"\nc'
    _head, row = csv.reader(io.StringIO("".join(sheets.csv_lines([NAME], [text])), newline=""))
    assert row == [text]


def test_a_csv_ends_its_lines_as_the_standard_says() -> None:
    assert "".join(sheets.csv_lines([NAME], ["a"])) == "\ufeffName\r\na\r\n"


def test_a_column_says_its_unit() -> None:
    mass: Column[int] = Column("mass", "Mass", lambda line: line, Kind.NUMBER, unit="g")
    assert "".join(sheets.csv_lines([mass], [5])) == "\ufeffMass (g)\r\n5\r\n"
