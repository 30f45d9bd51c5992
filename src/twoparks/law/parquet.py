"""Past cases in a Parquet file, read a few row groups at a time and checked against the vocabulary.

One row a case, one column a fact: BOOLEAN, VARCHAR for a word, VARCHAR[] for a set, whole numbers, DATE. NULL is not stated; that
there is none of a nullable fact is said by TRUE in a BOOLEAN column named as the fact with `_none` behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from .block import EMPTY_UNLESS_STATED, Block, Bools, Column, Members, Numbers, Plane, Words, packed
from .facts import FactError, Problem, Wanted, accepted
from .pack import FactSpec
from .replay import NONE, Past

ROWS_A_CHUNK = 2 * 122_880
"""Two row groups as DuckDB writes them."""

MOST_GROUPS = 10_000
_WRONG, _MISSING, _NONE = 65_535, 65_534, 65_533
_EPOCH = date(1970, 1, 1).toordinal()
_LARGEST = 2**63 - 1
_SPANS = {"month": "strftime(\"on\", '%Y-%m')", "year": "strftime(\"on\", '%Y')"}
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
)
_STORED: Mapping[str, tuple[str, ...]] = {
    "bool": ("BOOLEAN",),
    "int": _WHOLE,
    "money": _WHOLE,
    "enum": ("VARCHAR", "ENUM"),
    "set": ("VARCHAR[]", "ENUM[]"),
    "date": ("DATE",),
}
_Cells = npt.NDArray[Any]


class HistoryError(FactError):
    """A history that cannot be replayed; `problems` says which column, which value, what would be accepted."""


class Wanting(NamedTuple):
    """What the law asks of a history: the facts it reads, and of sets the words."""

    facts: frozenset[str]
    words: Mapping[str, frozenset[str]]


class Raw(NamedTuple):
    """One fact of a chunk, a cell a row: codes or numbers with a state (0 where stated), or the cells of each word of a set."""

    cells: _Cells
    state: _Cells | None
    members: Mapping[str, npt.NDArray[np.bool_]]


class Chunk(NamedTuple):
    """Some rows: their numbers in the file, days as ordinals, facts, and the place of each in the list of groups."""

    rows: npt.NDArray[np.int64]
    days: npt.NDArray[np.int64]
    facts: Mapping[str, Raw]
    groups: npt.NDArray[np.int64] | None
    read: int
    """Rows of the file read so far, those left out included."""

    def block(self, specs: Mapping[str, FactSpec], rows: slice | npt.NDArray[np.int64]) -> Block:
        """These rows as planes and columns."""
        columns = {name: _column(specs[name], raw, rows) for name, raw in self.facts.items()}
        return Block(len(self.days[rows]), columns)


class Parquet:
    """The past cases of one file; HistoryError where its columns do not fit the vocabulary."""

    def __init__(self, past: Past, specs: Mapping[str, FactSpec], by: Sequence[str] = ()) -> None:
        self.specs = specs
        self.connection = duckdb.connect()
        self.rows = self._opened(past)
        self.stored: dict[str, str] = {name: kind for name, kind, *_ in self._all("DESCRIBE past")}
        self._check_columns()
        self.where = self._where(past)
        self.by = [self._group(name) for name in by]
        self.groups = self._groups()

    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the cases asked about; None where there is no such case."""
        ((first, last),) = self._all(f'SELECT min("on"), max("on") FROM past WHERE {self.where}')  # noqa: S608
        return None if first is None else (first, last)

    def _opened(self, past: Past) -> int:
        """The view `past` over the file; its number of rows."""
        path = past.history if isinstance(past.history, Path) else None
        assert path is not None, "a relation is written to a file first"
        quoted = _word(str(path))
        try:
            self.connection.execute(
                f"CREATE TEMP VIEW past AS SELECT * FROM read_parquet({quoted}, file_row_number = true)"  # noqa: S608
            )
            ((rows,),) = self._all(f"SELECT num_rows FROM parquet_file_metadata({quoted})")  # noqa: S608
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise HistoryError(
                [
                    Problem(
                        path.name, str(path), f"cannot be read: {said}", "name a Parquet file of past cases"
                    )
                ]
            ) from None
        return int(rows)

    def _all(self, text: str) -> list[Any]:
        return self.connection.execute(text).fetchall()

    def _check_columns(self) -> None:
        """Every column read is of a type that fits, and none is a fact with its name misspelt."""
        specs = self.specs
        problems: list[Problem] = []
        if "on" not in self.stored:
            problems.append(
                Problem("on", None, "is no column of the history", "give each case its day, DATE")
            )
        for name, kind in self.stored.items():
            spec = specs.get(name)
            base = "ENUM" + "[]" * kind.endswith("[]") if kind.startswith("ENUM") else kind
            if spec is not None and base not in _STORED[spec.type]:
                fits = " or ".join(_STORED[spec.type][:1] if spec.type != "int" else ("BIGINT",))
                problems.append(
                    Problem(name, kind, f"is a column of {kind}", f"store it as {fits}", spec=spec)
                )
            near = get_close_matches(name, set(specs) - set(self.stored), n=1, cutoff=0.85)
            if spec is None and near and not name.endswith(NONE):
                problems.append(
                    Problem(
                        name,
                        None,
                        "is not a fact of this flow",
                        f"near it is {near[0]}",
                        Wanted.KNOWN_NAME,
                        (near[0],),
                    )
                )
        if problems:
            raise HistoryError(problems)

    def _where(self, past: Past) -> str:
        tests = [
            f"{_name(n)} = {_word(value)}"
            for n, value in (("flow", past.flow), ("crosses", past.crosses))
            if n in self.stored
        ]
        tests += [f"\"on\" >= DATE '{past.since}'"] if past.since else []
        tests += [f"\"on\" < DATE '{past.until}'"] if past.until else []
        return " AND ".join(["TRUE", *tests])

    def _group(self, name: str) -> str:
        """A column to group by, as text."""
        if name in self.stored:
            if self.stored[name].endswith("[]"):
                raise HistoryError(
                    [Problem(name, None, "is a list", "group by a column that holds one value")]
                )
            return f"coalesce(CAST({_name(name)} AS VARCHAR), '')"
        if name in _SPANS:
            return _SPANS[name]
        wanted = f"accepted are {', '.join([*self.stored, *_SPANS])}"
        raise HistoryError([Problem(name, None, "is no column of the history", wanted, Wanted.KNOWN_NAME)])

    def _groups(self) -> list[list[str]]:
        """The values of each column grouped by, in order."""
        found = []
        for text in self.by:
            values = self._all(f"SELECT DISTINCT {text} FROM past WHERE {self.where} LIMIT {MOST_GROUPS + 1}")  # noqa: S608
            found.append(sorted(value for (value,) in values) or [""])
        many = int(np.prod([len(values) for values in found])) if found else 0
        if many > MOST_GROUPS:
            wanted = f"group by columns that make at most {MOST_GROUPS:,}"
            raise HistoryError([Problem("by", many, "makes too many groups", wanted)])
        return found

    def _select(self, names: Sequence[str]) -> str:
        """The columns of the facts, their states, and the groups."""
        parts = [
            "file_row_number AS r",
            f"coalesce(date_diff('day', DATE '1970-01-01', \"on\") + {_EPOCH}, 0) AS d",
        ]
        for at, name in enumerate(names):
            parts.extend(f"{text} AS {kind}{at}" for kind, text in self._cells(self.specs[name]))
        for at, (text, values) in enumerate(zip(self.by, self.groups, strict=True)):
            parts.append(f"CAST(enum_code(CAST({text} AS {_enum(values)})) AS BIGINT) AS g{at}")
        return ", ".join(parts)

    def _cells(self, spec: FactSpec) -> list[tuple[str, str]]:
        """The SQL of a fact's cells (c) and states (s)."""
        column = _name(spec.name)
        absent = f"CASE WHEN {column} IS NOT NULL THEN {_WRONG}{self._none(spec.name)} ELSE {_MISSING} END"
        if spec.type == "set":
            return [("s", "FALSE" if spec.name in EMPTY_UNLESS_STATED else f"{column} IS NULL")]
        if spec.type in ("bool", "enum"):
            code = column if spec.type == "bool" else f"enum_code(TRY_CAST({column} AS {_enum(spec.values)}))"
            return [("c", f"coalesce(CAST({code} AS USMALLINT), CAST({absent} AS USMALLINT))")]
        whole = f"TRY_CAST({column} AS BIGINT)"
        number = f"date_diff('day', DATE '1970-01-01', {column}) + {_EPOCH}" if spec.type == "date" else whole
        fill = "d" if spec.type == "date" else str(spec.minimum or 0)
        state = f"CASE WHEN ({number}) IS NOT NULL THEN 0 ELSE {absent} END"
        return [("c", f"coalesce({number}, {fill})"), ("s", f"CAST({state} AS USMALLINT)")]

    def _none(self, name: str) -> str:
        return f" WHEN {_name(name + NONE)} THEN {_NONE}" if name + NONE in self.stored else ""

    def chunks(self, wanting: Wanting) -> Iterator[Chunk]:
        """The cases asked about, in the order of the file; HistoryError at the first cell that does not fit."""
        names = [name for name in sorted(wanting.facts) if name in self.stored]
        select = self._select(names)
        for begin in range(0, self.rows, ROWS_A_CHUNK):
            end = min(begin + ROWS_A_CHUNK, self.rows)
            where = f"{self.where} AND file_row_number >= {begin} AND file_row_number < {end}"
            found = self.connection.execute(f"SELECT {select} FROM past WHERE {where}").fetchnumpy()  # noqa: S608
            rows, days = found["r"], found["d"]
            if len(days) and days.min() == 0:
                raise HistoryError([self._wrong("on", '"on" IS NULL', where)])
            facts = {}
            for at, name in enumerate(names):
                if self.specs[name].type == "set":
                    words = wanting.words.get(name, frozenset())
                    facts[name] = Raw(found[f"s{at}"], None, self._members(name, words, rows, where))
                else:
                    facts[name] = self._raw(name, found[f"c{at}"], found.get(f"s{at}"), where)
            yield Chunk(rows, days, facts, self._places(found), end)

    def _raw(self, name: str, cells: _Cells, state: _Cells | None, where: str) -> Raw:
        spec, column = self.specs[name], _name(name)
        marks = cells if state is None else state
        if len(marks) and marks.max() == _WRONG:
            fits = _enum(spec.values) if spec.type == "enum" else "BIGINT"
            test = f"{column} IS NOT NULL AND TRY_CAST({column} AS {fits}) IS NULL"
            raise HistoryError([self._wrong(name, test, where)])
        if spec.type in ("int", "money") and len(cells):
            least, most = spec.minimum or 0, _LARGEST if spec.maximum is None else spec.maximum
            if cells.min() < least or cells.max() > most:
                raise HistoryError([self._wrong(name, f"{column} NOT BETWEEN {least} AND {most}", where)])
        return Raw(cells, state, {})

    def _members(
        self, name: str, words: frozenset[str], rows: _Cells, where: str
    ) -> dict[str, npt.NDArray[np.bool_]]:
        """For each of these words, the rows whose set holds it."""
        values = self.specs[name].values
        code = f"CAST(coalesce(enum_code(TRY_CAST(w AS {_enum(values)})), {_WRONG}) AS USMALLINT)"
        each = f"SELECT file_row_number AS r, unnest({_name(name)}) AS w FROM past WHERE {where}"  # noqa: S608
        found = self.connection.execute(f"SELECT r, {code} AS w FROM ({each})").fetchnumpy()  # noqa: S608
        if len(found["w"]) and found["w"].max() == _WRONG:
            listed = ", ".join(map(_word, values))
            test = f"len(list_filter({_name(name)}, lambda w: w IS NULL OR w NOT IN ({listed}))) > 0"
            raise HistoryError([self._wrong(name, test, where)])
        unbroken = len(rows) and rows[-1] - rows[0] + 1 == len(rows)
        at = found["r"] - rows[0] if unbroken else np.searchsorted(rows, found["r"])
        members = {}
        for place, word in enumerate(values):
            if word in words:
                members[word] = np.zeros(len(rows), np.bool_)
                members[word][at[found["w"] == place]] = True
        return members

    def _places(self, found: Mapping[str, _Cells]) -> npt.NDArray[np.int64] | None:
        if not self.by:
            return None
        place = np.zeros(len(found["r"]), np.int64)
        for at, values in enumerate(self.groups):
            place = place * len(values) + found[f"g{at}"]
        return place

    def _wrong(self, name: str, test: str, where: str) -> Problem:
        """The first cell that does not fit."""
        spec = self.specs[name]
        row, value = self.connection.execute(
            f"SELECT file_row_number, {_name(name)} FROM past WHERE {where} AND {test} ORDER BY 1 LIMIT 1"  # noqa: S608
        ).fetchall()[0]
        return Problem(name, value, f"row {row + 1}: {value!r} does not fit", accepted(spec), spec=spec)

    def key(self, place: int) -> tuple[str, ...]:
        """The values of a group, in the order of the columns grouped by."""
        found = []
        for values in reversed(self.groups):
            place, at = divmod(place, len(values))
            found.append(values[at])
        return tuple(reversed(found))

    def cases(self, rows: Sequence[int]) -> list[dict[str, object]]:
        """Rows by their numbers, as they are stored."""
        text = f"SELECT * FROM past WHERE file_row_number IN ({', '.join(map(str, rows))}) ORDER BY file_row_number"  # noqa: S608
        found = self.connection.execute(text)
        names = [name for name, *_ in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _column(spec: FactSpec, raw: Raw, rows: slice | npt.NDArray[np.int64]) -> Column:
    """One fact of some rows."""
    cells = raw.cells[rows]
    if spec.type == "set":
        missing = None if spec.name in EMPTY_UNLESS_STATED else _plane(cells)
        return Members(
            {word: packed(held[rows]) for word, held in raw.members.items() if held.any()}, missing
        )
    state = cells if raw.state is None else raw.state[rows]
    beside = _plane(state == _MISSING), _plane(state == _NONE)
    if spec.type == "bool":
        return Bools(packed(cells == 1), *beside)
    if spec.type == "enum":
        small = len(spec.values) < 256
        return Words(cells.astype(np.uint8) if small else cells, spec.values, *beside)
    return Numbers(cells, int(cells.min()), int(cells.max()), *beside)


def _plane(cells: _Cells) -> Plane | None:
    return packed(cells) if cells.any() else None


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _word(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _enum(values: Sequence[str]) -> str:
    return f"ENUM({', '.join(map(_word, values))})"
