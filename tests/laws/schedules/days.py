"""Two kinds of days: one on which anything happens, one on which much is shown at the gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.laws.schedules import at_gates, honest, showing, wire
from tests.laws.schedules.world import World

Step = Callable[[World], str]
TWO = "with two permits in force at the same gates"


@dataclass(frozen=True)
class Day:
    """What may happen, how often beside the rest, and which stages it may begin at."""

    name: str
    steps: Sequence[tuple[int, Step]]
    begins: Callable[[str], bool]  # the stage's name


ANYTHING = Day(
    "anything",
    (
        (2, honest.declare),
        (4, honest.decide),
        (3, honest.grant),
        (8, honest.clear),
        (1, honest.refuse),
        (3, honest.revoke),
        (1, honest.withdraw),
        (3, honest.vary),
        (10, honest.deliver),
        (4, honest.settle),
        (4, honest.arrive),
        (2, honest.cut),
        (4, honest.fetch),
        (2, honest.checkpoint),
        (5, honest.wait),
        (8, honest.sync),
        (2, honest.duties),
        (1, honest.close_discrepancy),
        (9, showing.scan),
        (4, showing.overtake),
        (6, showing.misuse),
        (12, showing.forge),
        (4, showing.hand_over),
        (3, wire.replay),
        (7, wire.alter),
        (9, wire.cheat),
        (3, wire.documents),
    ),
    lambda stage: stage != TWO,
)
AT_THE_GATES = Day(
    "at the gates",
    (
        (6, honest.deliver),
        (2, honest.settle),
        (1, honest.cut),
        (2, honest.vary),
        (2, honest.grant),
        (2, honest.clear),
        (2, honest.duties),
        (4, honest.sync),
        (8, showing.scan),
        (3, showing.overtake),
        (3, showing.misuse),
        (3, showing.forge),
        (2, showing.hand_over),
        (3, at_gates.late),
        (4, at_gates.aged),
        (4, at_gates.at_once),
        (3, at_gates.rewound),
        (2, at_gates.at_odds),
        (5, at_gates.tampered),
        (4, at_gates.elsewhere),
        (4, at_gates.borrowed),
        (5, at_gates.out_of_order),
    ),
    lambda stage: stage == TWO or "in force" in stage,
)
DAYS = (ANYTHING, AT_THE_GATES)
AT_GATES_EVERY = 10  # they take twice as long


def day_of(seed: int) -> Day:
    """The kind of day a schedule has when none is asked for."""
    return ANYTHING if seed % AT_GATES_EVERY else AT_THE_GATES
