"""Shipped examples of trials, one YAML file each: a change of the law and a protocol to begin from. None of them is law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from twoparks.law.pack import Text


@dataclass(frozen=True)
class Example:
    """One example: what it is about in three languages, its change, alternatives to it, a protocol to begin from."""

    key: str
    title: Text
    question: Text
    says: Text
    flow: str
    crosses: str  # empty: both ways
    change: str
    alternatives: tuple[str, ...]
    protocol: Mapping[str, Any]  # Any: JSON values as the protocol's form takes them


@cache
def examples() -> Mapping[str, Example]:
    """Every example by its key, in the order of the files."""
    return {path.stem.split("-", 1)[1]: _read(path) for path in sorted(Path(__file__).parent.glob("*.yaml"))}


def example(key: str) -> Example:
    """The example of that key; LookupError where there is none."""
    return examples()[key]


def _read(path: Path) -> Example:
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - every scalar stays text
    return Example(
        key=path.stem.split("-", 1)[1],
        title=found["title"],
        question=found["question"],
        says=found["says"],
        flow=found["flow"],
        crosses=found.get("crosses", ""),
        change=found["change"],
        alternatives=tuple(found.get("alternatives", ())),
        protocol=yaml.safe_load(path.read_text(encoding="utf-8")).get("protocol", {}),
    )
