"""Witnesses written as cases of the packs, so that a change once seen stays tested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from .aspects import NONE, REQUIRED
from .diff import Changed
from .given import InputError

_PLACE = ("flow", "crosses")


def as_cases(changes: Sequence[Changed]) -> str:
    """A file of cases that the new version passes; InputError unless all are of one flow, which a file is of."""
    flows = sorted({change.flow for change in changes})
    if len(flows) != 1:
        raise InputError(
            f"--keep writes cases of one flow; these are of {', '.join(flows) or 'none'}: name one with --flow"
        )
    lines = [f"flow: {flows[0]}", f"crosses: {changes[0].crosses}", "cases:"]
    for change in changes:
        lines += _case(change, change.witness, "")
        if change.last is not None and change.last != change.witness:
            lines += _case(change, change.last, ", at the end")
    return "\n".join(lines) + "\n"


def _case(change: Changed, witness: Mapping[str, object], which: str) -> Iterator[str]:
    """JSON is YAML, and quotes what needs it."""
    expected = _expected(change)
    facts = {name: value for name, value in witness.items() if name not in _PLACE}
    kind, _, key = change.what.partition(":")
    if kind == "way":
        facts["sought"] = [key]
    name = f"{change.what} was {change.before} and is {change.after} on {facts['on']}{which}"
    yield f"  - case: {json.dumps(name)}"
    yield f"    crosses: {change.crosses}"
    yield f"    facts: {json.dumps(facts, ensure_ascii=False)}"
    yield f"    expect: {json.dumps(expected, ensure_ascii=False)}"


def _expected(change: Changed) -> Mapping[str, object]:
    kind, _, key = change.what.partition(":")
    if kind == "measure":
        return {"requires" if change.after == REQUIRED else "not_requires": [key]}
    if kind == "result":
        return {"results": {key: _value(change.after)}}
    return {"banks": {kind: change.after}} if kind in ("ml", "hk") else {"outcome": change.after}


def _value(text: str) -> object:
    """A result as a case expects it; one that is not given is null."""
    words: Mapping[str, object] = {NONE: None, "True": True, "False": False}
    return words[text] if text in words else int(text) if text.lstrip("-").isdigit() else text
