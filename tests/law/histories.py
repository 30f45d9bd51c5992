"""Random histories within a vocabulary, always the same for a seed: as cases for one reading, as columns for the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb

from twoparks.law.pack import FactSpec

Case = dict[str, object]
_FIXED = ("flow", "crosses")


def cases(
    specs: Mapping[str, FactSpec],
    *,
    seed: int,
    count: int,
    days: Sequence[date],
    measures: Sequence[str] = (),
    missing: float = 0.25,
) -> list[Case]:
    """So many cases; each fact but the day is left out with the chance `missing`. `days` are those they fall on."""
    random = Random(seed)
    return [
        {"on": random.choice(days), **_facts(random, specs.values(), missing, days, measures)}
        for _ in range(count)
    ]


def _facts(
    random: Random,
    specs: Iterable[FactSpec],
    missing: float,
    days: Sequence[date],
    measures: Sequence[str],
) -> Case:
    found: Case = {}
    for spec in specs:
        if spec.name in (*_FIXED, "on") or random.random() < missing:
            continue
        if spec.name == "sought":
            found["sought"] = random.sample(measures, 1) if random.random() < 0.15 else []
        elif spec.name == "held":
            found["held"] = random.sample(measures, min(len(measures), random.randrange(6)))
        else:
            found[spec.name] = _value(random, spec, days)
    return found


def _value(random: Random, spec: FactSpec, days: Sequence[date]) -> object:
    if spec.nullable and random.random() < 0.2:
        return None
    if spec.type == "bool":
        return random.random() < 0.5
    if spec.type == "enum":
        return random.choice(spec.values)
    if spec.type == "set":
        return random.sample(spec.values, min(len(spec.values), random.randrange(4)))
    if spec.type == "date":
        return random.choice(days) + timedelta(days=random.choice([-90, -30, -1, 0, 0, 1, 30, 400]))
    least = spec.minimum or 0
    most = spec.maximum if spec.maximum is not None else random.choice([10, 1_000, 10**9])
    return random.randint(least, most)


_STORED = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "money": "BIGINT",
    "enum": "VARCHAR",
    "set": "VARCHAR[]",
    "date": "DATE",
}


def write(found: Sequence[Case], specs: Mapping[str, FactSpec], path: Path, **others: str) -> Path:
    """The cases as Parquet, a column a fact that some case states; `others` are columns beside them, name to SQL type."""
    stated = [spec for spec in specs.values() if any(spec.name in case for case in found)]
    types = {spec.name: _STORED[spec.type] for spec in stated}
    types |= {f"{spec.name}_none": "BOOLEAN" for spec in stated if spec.nullable} | others
    lines = path.with_suffix(".jsonl")
    with lines.open("w", encoding="utf-8") as file:
        for case in found:
            none = {f"{name}_none": True for name, value in case.items() if value is None}
            file.write(json.dumps({**case, **none}, default=str) + "\n")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    with duckdb.connect() as connection:
        read = f"SELECT * FROM read_json('{lines}', format = 'nd', columns = {{{columns}}})"
        connection.execute(f"COPY ({read}) TO '{path}' (FORMAT parquet)")
    return path
