"""Generated histories for measurements: every fact of a flow drawn evenly from what it accepts, as Parquet. Fictitious."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from twoparks.law.pack import FactSpec
from twoparks.law.zone import Zone

FIRST, DAYS = date(2024, 7, 1), 870
MISSING_PERCENT = 2


def write(zone: Zone, flow: str, rows: int, path: Path, seed: int = 1) -> None:
    """So many cases in order of their days; of each fact but the day two in a hundred are not stated."""
    measures = [key for key, measure in zone.measures.items() if flow in measure.flows]
    columns = [f'i AS "case", DATE \'{FIRST}\' + CAST(i * {DAYS} // {rows} AS INTEGER) AS "on"']
    for at, spec in enumerate(zone.facts_of(flow).values()):
        if spec.name in ("flow", "crosses", "on", "sought"):
            continue
        drawn = _drawn(spec, f"hash(i, {seed * 1000 + at})", measures)
        columns.append(f'{_some(drawn, f"hash(i, {seed * 1000 + at + 500})", spec)} AS "{spec.name}"')
        if spec.nullable:
            columns.append(f'"{spec.name}" IS NULL AND hash(i, {at}) % 8 > 0 AS "{spec.name}_none"')
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT {', '.join(columns)} FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"
        )


def _some(drawn: str, chance: str, spec: FactSpec) -> str:
    percent = 15 if spec.nullable else 0 if spec.name == "held" else MISSING_PERCENT
    return f"CASE WHEN {chance} % 100 >= {percent} THEN {drawn} END"


def _drawn(spec: FactSpec, chance: str, measures: Sequence[str]) -> str:
    if spec.type == "bool":
        return f"{chance} % 2 = 0"
    if spec.type == "enum":
        return f"[{', '.join(map(_word, spec.values))}][CAST(1 + {chance} % {len(spec.values)} AS BIGINT)]"
    if spec.type == "set":
        words = measures if spec.name == "held" else spec.values
        listed = f"[{', '.join(map(_word, words))}]"
        return f"list_distinct([{listed}[CAST(1 + ({chance} >> (8 * k)) % {len(words)} AS BIGINT)] FOR k IN range(CAST({chance} % 4 AS INTEGER))])"
    if spec.type == "date":
        return f"DATE '{FIRST}' + CAST(i * {DAYS} // 1000000 % {DAYS} AS INTEGER) - CAST({chance} % 900 AS INTEGER)"
    return f"CAST({chance} % {1 + (spec.maximum or 2_000_000)} AS BIGINT)"


def _word(text: str) -> str:
    return f"'{text}'"
