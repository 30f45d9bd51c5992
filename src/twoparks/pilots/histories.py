"""The histories a change can be tried on: this park's own record, and a fictitious one drawn from assumed shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from twoparks.federation.queries import acts_of_kind
from twoparks.federation.types import StoredAct
from twoparks.law.history import CASE, DAY, NONE, Assumptions, Sample, read_assumptions, write_history
from twoparks.law.pack import FactSpec
from twoparks.packs import FOLDER, load
from twoparks.permits.declarations import from_json, law_facts
from twoparks.permits.flows import FLOWS
from twoparks.registry.node import this_node
from twoparks.registry.zone import zone

RECORD, GENERATED = "record", "generated"
ROWS, SEED = 1_000_000, 1
_TYPES = {"enum": "VARCHAR", "int": "BIGINT", "date": "DATE", "bool": "BOOLEAN", "set": "VARCHAR[]"}


def histories(flow: str) -> list[tuple[str, str]]:
    """Which histories a flow has here, in words."""
    found = [(GENERATED, _("a generated history: a million cases, fictitious"))]
    return [*found, (RECORD, _("this park's own record"))] if flow in FLOWS else found


def assumptions(flow: str) -> Assumptions:
    """What the generated history of a flow is drawn from."""
    return read_assumptions(FOLDER, load(), flow)


def generated(flow: str, crosses: str) -> Path:
    """The generated history of a flow and direction, drawn at first use."""
    assumed = assumptions(flow)
    name = f"{flow}-{crosses}-{assumed.digest[:12]}.parquet"
    path = this_node().home / "histories" / name
    if not path.exists():
        for old in path.parent.glob(f"{flow}-{crosses}-*.parquet"):
            old.unlink(missing_ok=True)
        write_history(load(), assumed, crosses, Sample(ROWS, SEED), path)
    return path


def record(flow: str, crosses: str, to: Path) -> int:
    """Write what was declared at both parks, as this node knows it, for the law to be asked again; how many cases.

    Each permit once, by its newest version; facts of the vocabulary alone, under the permit's number.
    The file is for one scan: whoever asks for it removes it again.
    """
    import duckdb

    specs = {
        name: spec for name, spec in load().facts_of(flow).items() if name not in ("flow", "crosses", DAY)
    }
    cases = _declared(flow, crosses)
    to.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        columns = [f'"{CASE}" VARCHAR', f'"{DAY}" DATE']
        columns += [f'"{name}" {_TYPES[spec.type]}' for name, spec in specs.items()]
        columns += [f'"{name}{NONE}" BOOLEAN' for name, spec in specs.items() if spec.nullable]
        connection.execute(f"CREATE TABLE past ({', '.join(columns)})")
        rows = [_row(permit, on, facts, specs) for permit, (on, facts) in cases.items()]
        if rows:
            connection.executemany(f"INSERT INTO past VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608
        connection.execute(f"COPY past TO '{to}' (FORMAT parquet)")
    return len(cases)


def _declared(flow: str, crosses: str) -> dict[str, tuple[date, Mapping[str, Any]]]:
    """Day and facts of the newest version of every permit, as the law is first asked about it in that direction."""
    found: dict[str, tuple[date, Mapping[str, Any]]] = {}
    for act in _declarations():
        raw = act.body["declaration"]
        if raw["flow"] == flow and (asked := _asked(raw, crosses)) is not None:
            found[str(act.stream)] = asked
    return found


def _asked(raw: Mapping[str, Any], crosses: str) -> tuple[date, Mapping[str, Any]] | None:
    declaration = from_json(raw)
    facts = law_facts(declaration, declaration.valid_from)
    for asked in FLOWS[declaration.flow].asked(declaration, zone()):
        if {**facts, **asked}["crosses"] == crosses:
            return declaration.valid_from, {**facts, **asked}
    return None


def _declarations() -> Iterator[StoredAct]:
    """Every declaration this node knows, in the order of its log."""
    after = 0
    while acts := acts_of_kind("permit.declared", after):
        yield from acts
        after = acts[-1].number


def cases(
    history: str, flow: str, crosses: str, ids: Sequence[str]
) -> list[tuple[str, date, Mapping[str, Any]]]:
    """These cases of a history with their day and facts; a permit whose acts were erased is not among them."""
    if history == RECORD:
        known = _declared(flow, crosses)
        return [(name, *known[name]) for name in ids if name in known]
    import duckdb

    wanted = [int(name) for name in ids]
    with duckdb.connect() as connection:
        connection.execute(
            f'SELECT * FROM read_parquet(?) WHERE list_contains(?, "{CASE}") ORDER BY "{CASE}"',  # noqa: S608 - two names of ours
            [str(generated(flow, crosses)), wanted],
        )
        names = [column[0] for column in connection.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    specs = load().facts_of(flow)
    return [(str(row[CASE]), row[DAY], _stated(row, specs)) for row in rows]


def _stated(row: Mapping[str, Any], specs: Mapping[str, FactSpec]) -> dict[str, Any]:
    stated = {name: row[name] for name in specs if row.get(name) is not None and name != DAY}
    return stated | {name: None for name in specs if row.get(f"{name}{NONE}") is True}


def _row(permit: str, on: date, facts: Mapping[str, Any], specs: Mapping[str, FactSpec]) -> list[object]:
    stated = [facts.get(name) for name in specs]
    none = [name in facts and facts[name] is None for name, spec in specs.items() if spec.nullable]
    return [permit, on, *stated, *none]
