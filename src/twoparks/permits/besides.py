"""What is known of the crossings under a permit that were not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Besides:
    """Crossings under a permit that were counted, not read: a long-used permit is added to without reading all of them."""

    counted: bool = False  # else every crossing was read
    exits: int = 0
    entries: int = 0
    begun: int = 0  # of the current version, as uses count them
    under_way: int = 0  # of the current version: goods that left, did not arrive, and are not explained
    highest: Mapping[str, int] = field(default_factory=dict)  # way -> the highest number


ALL_READ = Besides()
