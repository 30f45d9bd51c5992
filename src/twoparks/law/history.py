"""Fictitious histories: cases drawn from assumed shares and ranges, written as Parquet for a replay to read."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple, cast

from .pack import FactSpec, PackError, Text
from .source import Block, open_block, plain
from .zone import Zone

CASE, DAY, NONE = "case", "on", "_none"
"""The columns beside the facts: the number of the case, from 0, its day; and, after a fact's name, whether there is none of it."""

_GIVEN = ("flow", "crosses", "on")
_SOME = "some"  # in an `if`: the set is not empty


@dataclass(frozen=True)
class Assumptions:
    """What the histories of one flow are drawn from: `facts` by name, in an order in which each may rest on those before."""

    flow: str
    from_on: date
    until_on: date
    says: Text
    facts: Mapping[str, object]
    digest: str  # of the file's content


class Sample(NamedTuple):
    """How many cases, and which: another seed draws others."""

    rows: int
    seed: int


def read_assumptions(folder: Path, zone: Zone, flow: str) -> Assumptions:
    """The assumptions of `histories/<flow>.yaml` below the packs' folder; PackError where they do not fit the vocabulary."""
    path = folder / "histories" / f"{flow}.yaml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.yaml")))
        raise PackError(f"no history is assumed for {flow!r}; accepted are {known}")
    block = open_block(path, f"histories/{path.name}")
    block.word("flow", (flow,))
    begins, ends = (block.day(key, block.value(key)) for key in ("from", "until"))
    if begins is None or ends is None or begins >= ends:
        raise block.fail("until", str(ends), "write from and until, the first day before the day it ends")
    inner = block.block("facts")
    if inner is None:
        raise block.fail("facts", "missing", "write fact: what is assumed of it")
    says = block.trilingual("assumed")
    block.finish()
    content = hashlib.sha256(repr(plain(block.node)).encode()).hexdigest()
    return Assumptions(flow, begins, ends, says, _ordered(inner, zone.facts_of(flow)), content)


def _ordered(block: Block, specs: Mapping[str, FactSpec]) -> dict[str, object]:
    """What is assumed of each fact, those that others rest on first."""
    found = {name: block.value(name) for name in block.names()}
    for name in found:
        if name not in specs or name in _GIVEN:
            raise block.fail(name, "not a fact that can be assumed", f"accepted are {', '.join(specs)}")
    rests = {name: {other for other in _rests_on(item) if other in specs} for name, item in found.items()}
    try:
        order = tuple(TopologicalSorter(rests).static_order())
    except CycleError as error:
        raise PackError(
            f"{block.place}: these facts rest on each other: {', '.join(error.args[1])}"
        ) from None
    return {name: found.get(name) for name in order if name not in _GIVEN}


def _rests_on(item: object) -> Iterator[str]:
    """The facts named in an item."""
    if isinstance(item, list):
        for part in item:
            yield from _rests_on(part)
    elif isinstance(item, dict):
        yield from (str(name) for name in cast("dict[str, object]", item.get("if", {})))
        yield from (str(item[key]) for key in ("at_least", "as") if isinstance(item.get(key), str))
        yield from _rests_on(item.get("then"))


def write_history(zone: Zone, assumed: Assumptions, crosses: str, sample: Sample, to: Path) -> None:
    """The cases of one direction as a Parquet file at `to`, which is there whole or not at all; the same sample gives the same cases."""
    import duckdb

    specs = zone.facts_of(assumed.flow)
    drawn = {**assumed.facts, **{name: None for name in specs if name not in assumed.facts}}
    days = (assumed.until_on - assumed.from_on).days
    drawing = _Drawing(specs, crosses)
    columns = [
        f'range AS "{CASE}"',
        f"DATE '{assumed.from_on}' + CAST(floor({drawing.share('on')} * {days}) AS INTEGER) AS \"{DAY}\"",
    ]
    for name, item in drawn.items():
        if name not in _GIVEN:
            columns.append(f'{drawing.column(name, item)} AS "{name}"')
            columns += [f'"{name}" IS NULL AS "{name}{NONE}"'] if specs[name].nullable else []
    unfinished = to.with_suffix(f".{os.getpid()}")
    to.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        # Every word in the text is of the vocabulary or a number; none is typed by a person.
        shares = ", ".join(
            ["range", *(_share(name, column, sample.seed) for name, column in drawing.shares.items())]
        )
        select = f"SELECT {', '.join(columns)} FROM (SELECT {shares} FROM range({int(sample.rows)}))"  # noqa: S608
        connection.execute(f"COPY ({select}) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd)")
    unfinished.rename(to)


def _share(name: str, column: str, seed: int) -> str:
    """A column of numbers from 0 up to 1 that hang on the case, the name and the seed alone.

    Each name has a stretch of 2^28 numbers of its own, which DuckDB's hash of one whole number scatters; its hash of two would not do:
    it joins them by exclusive or, so that what is drawn for two names would hang together.
    """
    begins = zlib.crc32(f"{seed} {name}".encode()) << 28
    return f"(hash(range + {begins}) >> 11)::DOUBLE / 9007199254740992 AS {column}"


class _Drawing:
    """Items of the assumptions as SQL over the columns before them."""

    def __init__(self, specs: Mapping[str, FactSpec], crosses: str) -> None:
        self.specs = specs
        self.crosses = crosses
        self.shares: dict[str, str] = {}

    def share(self, name: str) -> str:
        """The column of numbers from 0 up to 1 that decides what `name` is."""
        return self.shares.setdefault(name, f"u{len(self.shares)}")

    def column(self, name: str, item: object) -> str:
        """The SQL of one fact."""
        spec = self.specs[name]
        if isinstance(item, dict) and "ways" in item:
            item = item["ways"].get(self.crosses)
        if isinstance(item, list):
            return self._cases(name, item)
        share = self.share(name)
        if not isinstance(item, dict):
            return self._plain(spec, item, share)
        drawn = self._drawn(spec, item, share)
        absent = item.get("absent")
        return (
            drawn
            if absent is None
            else f"CASE WHEN {self.share(name + '?')} < {absent / 100} THEN NULL ELSE {drawn} END"
        )

    def _cases(self, name: str, items: list[dict[str, object]]) -> str:
        arms = [
            f"WHEN {self._test(item['if'])} THEN {self.column(name, item['then'])}"
            for item in items
            if "if" in item
        ]
        last = next((item["then"] for item in items if "if" not in item), None)
        return f"CASE {' '.join(arms)} ELSE {self.column(name, last)} END"

    def _test(self, test: object) -> str:
        found = [
            self._is(name, [str(word) for word in words])
            for name, words in cast("dict[str, list[str]]", test).items()
        ]
        return "(" + " AND ".join(found) + ")"

    def _is(self, name: str, accepted: list[str]) -> str:
        if name == "crosses":
            return str(self.crosses in accepted).upper()
        if self.specs[name].type == "bool":
            return f'"{name}" = {accepted[0]}'
        if self.specs[name].type == "set":
            return (
                f'len("{name}") > 0' if accepted == [_SOME] else f'list_has_any("{name}", {_list(accepted)})'
            )
        return f'"{name}" IN ({", ".join(map(_word, accepted))})'

    def _plain(self, spec: FactSpec, item: object, share: str) -> str:
        """A share in percent for a truth, or the neutral value where nothing is assumed."""
        if spec.type == "bool":
            return f"{share} < {cast('int', item or 0) / 100}"
        if spec.nullable:
            return f"CAST(NULL AS {_TYPES[spec.type]})"
        neutral = {
            "enum": _word(spec.values[0]) if spec.values else "''",
            "set": "CAST([] AS VARCHAR[])",
            "int": "0::BIGINT",
        }
        return neutral.get(spec.type, f'"{DAY}"')

    def _drawn(self, spec: FactSpec, item: dict[str, object], share: str) -> str:
        if "members" in item:
            return self._members(spec.name, cast("dict[str, int]", item["members"]))
        if "as" in item:
            return f'"{item["as"]}" * {item["per_mille"]} // 1000'
        if "days_before" in item:
            least, most = cast("list[int]", item["days_before"])
            return f'"{DAY}" - CAST({least} + floor({share} * {most - least + 1}) AS INTEGER)'
        if "from" in item:
            return _number(item, share)
        return _weighted({word: weight for word, weight in item.items() if word != "absent"}, share)

    def _members(self, name: str, percent: Mapping[str, int]) -> str:
        if not percent:
            return "CAST([] AS VARCHAR[])"
        parts = [
            f"CASE WHEN {self.share(f'{name}.{word}')} < {share / 100} THEN {_word(word)} END"
            for word, share in percent.items()
        ]
        return f"list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)"


_TYPES = {"enum": "VARCHAR", "int": "BIGINT", "date": "DATE", "bool": "BOOLEAN", "set": "VARCHAR[]"}


def _number(item: Mapping[str, object], share: str) -> str:
    """Even between two numbers, or even over their orders of magnitude; never less than another fact where that is said."""
    least, most = cast("int", item["from"]), cast("int", item["to"])
    if item.get("spread") == "orders":
        drawn = f"CAST(floor({least} * pow({most / least}::DOUBLE, {share})) AS BIGINT)"
    else:
        drawn = f"CAST({least} + floor({share} * {most - least + 1}) AS BIGINT)"
    return f'greatest("{item["at_least"]}", {drawn})' if "at_least" in item else drawn


def _weighted(weights: Mapping[str, object], share: str) -> str:
    """One word of several, by weight."""
    total, sofar, arms = sum(cast("int", weight) for weight in weights.values()), 0, []
    for word, weight in weights.items():
        sofar += cast("int", weight)
        arms.append(f"WHEN {share} < {sofar / total} THEN {_word(word)}")
    return f"CASE {' '.join(arms)} ELSE {_word(word)} END"


def _list(found: list[str]) -> str:
    return f"[{', '.join(map(_word, found))}]"


def _word(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
