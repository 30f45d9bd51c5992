"""What one reading says of many cases, in a form that all readings share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import psycopg
import psycopg.rows
from tests.law.histories import write

from twoparks.law.answer import Outcome
from twoparks.law.block import EMPTY_UNLESS_STATED, Numbers, Plane, of_cases, unpacked
from twoparks.law.compiled import Compiled
from twoparks.law.facts import read
from twoparks.law.kleene import FALSE, MISSING, TRUE, UNKNOWN
from twoparks.law.pack import FactSpec
from twoparks.law.planes import Plan, State
from twoparks.law.settle import Truth
from twoparks.law.sql import HOLDS, select
from twoparks.law.sql import Cases as Asked
from twoparks.law.zone import Zone


class Said(NamedTuple):
    """The outcome of a case over both banks and of each, and the deciding provisions that hold."""

    outcome: Outcome
    banks: Mapping[str, Outcome]
    fired: frozenset[str]


Cases = Sequence[Mapping[str, object]]


def by_point(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[Said]:
    """Each case by itself."""
    found = []
    for case in cases:
        said = zone.determine({**case, "flow": flow, "crosses": crosses})
        holding = frozenset(line.id for line in said.provisions if line.holds)
        found.append(Said(said.outcome, said.banks, holding))
    return found


def by_planes(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[Said]:
    """All cases, of days with the same law, in one block."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    plan = Plan(zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"])))))
    size = len(cases)
    decided = plan.decide(of_cases(values, zone.facts_of(flow)), ("ml", "hk"))
    whole = _chosen(decided.outcomes, size)
    banks = {bank: _chosen(outcomes, size) for bank, outcomes in decided.banks.items()}
    fired = {name: unpacked(plane, size) for name, plane in decided.fired.items()}
    return [
        Said(
            whole[at],
            {bank: outcomes[at] for bank, outcomes in banks.items()},
            frozenset(name for name, cells in fired.items() if cells[at]),
        )
        for at in range(size)
    ]


Group = tuple[str, str, Cases]
"""A flow, a direction, and cases of days with the same law."""


def by_sql(zone: Zone, groups: Sequence[Group], base: Base) -> list[list[Said]]:
    """Cases of one flow: all in one table, and a SELECT for each group."""
    specs = zone.facts_of(groups[0][0])
    every = [case for *_, cases in groups for case in cases]
    stated = [spec for name, spec in specs.items() if any(name in case for case in every)]
    columns = frozenset(
        ["case", *(s.name for s in stated), *(f"{s.name}_none" for s in stated if s.nullable)]
    )
    table, found, first = base.table(every, stated), [], 0
    for flow, crosses, cases in groups:
        day = date.fromordinal(int(str(read(cases[0], specs)[0]["on"])))
        asked = tuple(sorted({word for case in cases for word in _words(case.get("sought"))}))
        part = f'(SELECT * FROM {table} WHERE "case" BETWEEN {first} AND {first + len(cases) - 1}) AS part'
        rows = base.rows(select(zone.compiled(flow, crosses, day), Asked(part, columns, asked), base.dialect))
        found.append([_said(row) for row in sorted(rows, key=lambda row: int(str(row["case"])))])
        first += len(cases)
    return found


def _said(row: Mapping[str, object]) -> Said:
    banks = {bank: Outcome(str(row[f"outcome_{bank}"])) for bank in ("ml", "hk")}
    fired = frozenset(
        name.removeprefix(HOLDS) for name, cell in row.items() if name.startswith(HOLDS) and cell
    )
    return Said(Outcome(str(row["outcome"])), banks, fired)


class DuckDB:
    """Cases read from Parquet."""

    dialect = "duckdb"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect()

    def table(self, cases: Cases, stated: Sequence[FactSpec]) -> str:
        """The name of a table of these cases, numbered."""
        numbered = [{"case": at, **case} for at, case in enumerate(cases)]
        path = write(
            numbered, {spec.name: spec for spec in stated}, self.folder / "past.parquet", case="BIGINT"
        )
        return f"'{path}'"

    def rows(self, text: str) -> list[dict[str, object]]:
        """What a SELECT gives."""
        found = self.connection.execute(text)
        names = [name for name, *_ in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class PostgreSQL:
    """Cases written out in a table of their own."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def table(self, cases: Cases, stated: Sequence[FactSpec]) -> str:
        """The name of a table of these cases, numbered."""
        columns = {"case": "BIGINT"} | {spec.name: _POSTGRES.get(spec.type, "BIGINT") for spec in stated}
        columns |= {f"{spec.name}_none": "BOOLEAN" for spec in stated if spec.nullable}
        typed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.connection.execute(f"DROP TABLE IF EXISTS past; CREATE TEMP TABLE past ({typed})")
        with self.connection.cursor() as cursor, cursor.copy("COPY past FROM STDIN") as copy:
            for at, case in enumerate(cases):
                nones = [spec.name in case and case[spec.name] is None for spec in stated if spec.nullable]
                copy.write_row([at, *(case.get(spec.name) for spec in stated), *nones])
        return "past"

    def rows(self, text: str) -> list[dict[str, object]]:
        """What a SELECT gives."""
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(text).fetchall()


_POSTGRES = {"bool": "BOOLEAN", "enum": "TEXT", "set": "TEXT[]", "date": "DATE"}
Base = DuckDB | PostgreSQL


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list | tuple) else []


def states_by_point(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[tuple[object, ...]]:
    """The state of every root of a reading, case by case; a missing amount is None."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    compiled = zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"]))))
    roots = [at for at, root in enumerate(compiled.roots) if not _is_fact(compiled, root)]
    empty = {name: frozenset[str]() for name in EMPTY_UNLESS_STATED}
    found = [compiled.evaluate({**empty, **case}) for case in values]
    return [tuple(None if states[at] is MISSING else states[at] for at in roots) for states in found]


def states_by_planes(zone: Zone, flow: str, crosses: str, cases: Cases) -> list[tuple[object, ...]]:
    """The same from one block."""
    values = [read(case, zone.facts_of(flow))[0] for case in cases]
    compiled = zone.compiled(flow, crosses, date.fromordinal(int(str(values[0]["on"]))))
    roots = [root for root in compiled.roots if not _is_fact(compiled, root)]
    states = Plan(compiled).states(of_cases(values, zone.facts_of(flow)), roots)
    return list(zip(*(_cells(state, len(cases)) for state in states), strict=True))


def _is_fact(compiled: Compiled, root: int) -> bool:
    return compiled.reading.graph.nodes[root].operator == "fact"


def _cells(state: State, size: int) -> list[object]:
    """One state a case, in the numbers of the point reading."""
    if isinstance(state, Truth):
        may, certain = (unpacked(plane, size).tolist() for plane in (state.may, state.certain))
        return [
            TRUE if sure else UNKNOWN if perhaps else FALSE
            for perhaps, sure in zip(may, certain, strict=True)
        ]
    assert isinstance(state, Numbers)
    numbers = np.broadcast_to(np.asarray(state.values), (size,)).tolist()
    missing = [False] * size if state.missing is None else unpacked(state.missing, size).tolist()
    return [None if gone else number for number, gone in zip(numbers, missing, strict=True)]


def _chosen(outcomes: Mapping[Outcome, Plane], size: int) -> list[Outcome]:
    """The one outcome of each case; AssertionError where there is none, or more than one."""
    cells = {outcome: unpacked(plane, size) for outcome, plane in outcomes.items()}
    found = []
    for at in range(size):
        (only,) = [outcome for outcome, marks in cells.items() if marks[at]]
        found.append(only)
    return found
