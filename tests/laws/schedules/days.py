"""Kinds of days: anything happens; much is shown at the gates; pass keys are lost and replaced; a park lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.laws.schedules import at_gates, honest, lies, rekeyed, showing, wire
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
OTHER_KEYS = Day(
    "with other keys",
    (
        (6, honest.deliver),
        (3, honest.settle),
        (2, honest.arrive),
        (1, honest.cut),
        (5, honest.fetch),
        (5, honest.sync),
        (2, honest.vary),
        (2, honest.grant),
        (3, honest.clear),
        (2, honest.revoke),
        (2, honest.wait),
        (7, showing.scan),
        (4, showing.forge),
        (2, wire.replay),
        (4, rekeyed.give_up),
        (3, rekeyed.retire),
        (6, rekeyed.sign_anew),
        (5, rekeyed.show_first),
        (3, rekeyed.sign_for_nothing),
    ),
    lambda stage: stage != TWO and ("in force" in stage or "cleared by both" in stage),
)
A_LIAR = Day(
    "with a liar",
    (
        (4, honest.settle),
        (2, honest.vary),
        (2, honest.grant),
        (3, honest.clear),
        (1, honest.revoke),
        (1, honest.withdraw),
        (3, honest.wait),
        (4, honest.sync),
        (4, honest.duties),
        (1, honest.close_discrepancy),
        (8, showing.scan),
        (3, lies.false_list),
        (25, lies.lie),
    ),
    lambda stage: stage != TWO and "nothing" not in stage,
)
DAYS = (ANYTHING, AT_THE_GATES, OTHER_KEYS, A_LIAR)


def day_of(seed: int) -> Day:
    """The kind of day a schedule has when none is asked for."""
    return {0: AT_THE_GATES, 7: OTHER_KEYS, 14: A_LIAR}.get(seed % 20, ANYTHING)
