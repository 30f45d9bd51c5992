"""The only writers of crossings: gates and what they saw, discrepancies, and what a person does about the own movements."""

from twoparks.crossings.actions.gates import (
    apply,
    close_discrepancy,
    cut_off_gate,
    enrol_gate,
    open_discrepancies,
    record_waiting,
    reopen_store,
    sync_all,
    sync_gate,
    take_gate_events,
)
from twoparks.crossings.actions.person import (
    declare_return,
    read_movements,
    rebuild_counts,
    release_counts,
    withdraw_counts,
)

__all__ = [
    "apply",
    "close_discrepancy",
    "cut_off_gate",
    "declare_return",
    "enrol_gate",
    "open_discrepancies",
    "read_movements",
    "rebuild_counts",
    "record_waiting",
    "release_counts",
    "reopen_store",
    "sync_all",
    "sync_gate",
    "take_gate_events",
    "withdraw_counts",
]
