"""The packs' own cases: read, run, and compared with what they expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .answer import Determination
from .facts import FactError
from .source import Block, open_block
from .zone import Zone

_EXPECTATIONS = (
    "outcome",
    "requires",
    "not_requires",
    "holds",
    "not_holds",
    "missing",
    "results",
    "authority",
    "refers",
    "banks",
    "open",
    "shadow",
    "not_shadow",
    "weighed",
    "not_weighed",
    "because",
    "not_open",
    "terms",
    "implied",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as written, with the facts it stands on and what it expects."""

    name: str
    where: str
    facts: Mapping[str, object]
    expect: Mapping[str, object]


def read_cases(folder: Path) -> list[Case]:
    """Every case below `folder`; PackError where a file cannot be read."""
    return [
        case
        for path in sorted(folder.glob("*.yaml"))
        for case in _file(open_block(path, f"cases/{path.name}"))
    ]


def _file(block: Block) -> Iterator[Case]:
    common = {"flow": block.text("flow"), "crosses": block.text("crosses")}
    base = _mapping(block, "base")
    for item in block.blocks("cases"):
        expect = item.block("expect")
        if expect is None:
            raise item.fail("expect", "missing", f"name at least one of {', '.join(_EXPECTATIONS)}")
        wanted = {key: expect.value(key) for key in _EXPECTATIONS if key in expect}
        for key in _EXPECTATIONS:
            expect.take(key)
        expect.finish()
        without = item.words("without")
        own = _mapping(item, "facts")
        stated = {key: value for key, value in {**common, **base, **own}.items() if key not in without}
        if "crosses" in item:
            stated["crosses"] = item.text("crosses")
        yield Case(item.text("case"), str(item.place), stated, wanted)
        item.finish()
    block.finish()


def _mapping(block: Block, key: str) -> dict[str, object]:
    found = block.value(key)
    if found is not None and not isinstance(found, dict):
        raise block.fail(key, "not a mapping", "facts are written name: value")
    return dict(found or {})


def failures(zone: Zone, case: Case) -> list[str]:
    """How the answer differs from what the case expects; [] when it does not."""
    try:
        found = zone.determine(case.facts)
    except FactError as error:
        return [str(problem) for problem in error.problems]
    return [line for key, wanted in case.expect.items() for line in _differs(found, key, wanted)]


def _differs(found: Determination, key: str, wanted: object) -> Iterable[str]:
    """One expectation compared."""
    if key == "outcome" and found.outcome != wanted:
        yield f"outcome is {found.outcome}, not {wanted}"
    elif key in ("banks", "results", "authority", "implied", "because"):
        yield from _unequal(key, _facet(found, key), wanted)
    elif key == "terms":
        told = {line.id: line.as_dict() for line in found.measures}
        for name, terms in (wanted if isinstance(wanted, dict) else {}).items():
            yield from _unequal(f"terms of {name}", told.get(name, {}), terms)
    elif key in ("requires", "holds", "missing", "refers", "open", "shadow", "weighed"):
        absent = [item for item in _items(wanted) if item not in _listed(found, key)]
        if absent:
            yield f"{key}: {', '.join(absent)} not found among {', '.join(sorted(_listed(found, key))) or 'none'}"
    elif key in ("not_requires", "not_holds", "not_shadow", "not_open", "not_weighed"):
        present = [item for item in _items(wanted) if item in _listed(found, key.removeprefix("not_"))]
        if present:
            yield f"{key}: {', '.join(present)} found"


def _facet(found: Determination, key: str) -> Mapping[str, object]:
    if key == "banks":
        return {bank: str(outcome) for bank, outcome in found.banks.items()}
    if key == "implied":
        return found.implied
    if key == "because":
        return {line.id: list(line.provisions) for line in found.measures}
    if key == "results":
        return {name: result.value for name, result in found.results.items()}
    return {
        line.id: line.authority[0] if len(line.authority) == 1 else list(line.authority)
        for line in found.measures
    }


def _unequal(key: str, found: Mapping[str, object], wanted: object) -> Iterator[str]:
    for name, value in (wanted if isinstance(wanted, dict) else {}).items():
        if found.get(name) != value or type(found.get(name)) is not type(value):
            yield f"{key}: {name} is {found.get(name)!r}, not {value!r}"


def _items(wanted: object) -> list[str]:
    return [str(item) for item in wanted] if isinstance(wanted, list) else [str(wanted)]


def _listed(found: Determination, key: str) -> set[str]:
    """The names that an expectation is looked up among."""
    return {
        "requires": {line.id for line in found.measures},
        "holds": {line.id for line in found.provisions if line.holds},
        "weighed": {line.id for line in found.provisions},
        "missing": set(found.missing),
        "refers": {referral.provision for referral in found.refer_to},
        "open": set(found.open_ways),
        "shadow": {line.id for line in found.shadow if line.holds},
    }[key]
