"""What names mean while conditions are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .graph import Graph
from .pack import Expression, FactSpec


class Typed(NamedTuple):
    """A checked term: its base type (bool, int, date, enum, set or word), its node, and the words it may hold."""

    base: str
    node: int = -1
    values: tuple[str, ...] = ()
    word: str = ""


@dataclass(slots=True)
class Scope:
    """What names mean in one flow and direction during one period."""

    graph: Graph
    facts: Mapping[str, FactSpec]
    constants: Mapping[str, str]
    definitions: Mapping[str, Expression] = field(default_factory=dict)
    parameters: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    amounts: dict[str, Typed] = field(default_factory=dict)
    known: dict[str, Typed] = field(default_factory=dict)
    entered: list[str] = field(default_factory=list)
