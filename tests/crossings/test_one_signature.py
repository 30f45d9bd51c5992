"""Nothing crosses with one signature, ever: random schedules with faults and forgeries, and what happens without each check."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from tests.crossings.schedules import Beginning, Broken
from tests.story import Story

from twoparks.passes import cose, gate
from twoparks.passes.uses import SqliteUseStore
from twoparks.passes.verdict import green
from twoparks.permits import rules

SCHEDULES = int(os.environ.get("TWOPARKS_SCHEDULES", "100"))
FIRST = int(os.environ.get("TWOPARKS_SEED", "1"))


def test_no_gate_opens_for_what_both_parks_did_not_clear_whatever_happens(story: Story) -> None:
    beginning = Beginning.of(story)
    opened = 0
    for seed in range(FIRST, FIRST + SCHEDULES):
        life = beginning.life(seed)
        try:
            life.live()
            life.end_well()
        except Broken as broken:
            raise AssertionError(f"seed {seed}: {broken}") from broken
        opened += bool(life.greens)
    assert opened, "no schedule ever opened a gate: the test would prove nothing"


def _terms_unread(patch: pytest.MonkeyPatch) -> None:
    """A node hands its gates the terms of permits in use only: the second lock behind signatures and status."""
    patch.setattr(gate, "_terms", lambda presented, claims, context: green("terms_match", ""))


def _second_signature_unchecked(patch: pytest.MonkeyPatch) -> None:
    honest = cose._signed_by

    def careless(part: Any, claims: bytes, park: int, *rest: Any) -> Any:
        try:
            return honest(part, claims, park, *rest)
        except ValueError:
            return honest.__globals__["_any_key"]

    known = cose.PublicKey
    patch.setitem(honest.__globals__, "_any_key", object.__new__(known))
    patch.setattr(cose, "_signed_by", careless)
    patch.setattr(gate, "_signatures", lambda found: green("signatures_good", ""))
    _terms_unread(patch)


def _uses_uncounted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SqliteUseStore, "_refusal", lambda self, *use: None)
    patch.setattr(gate, "_uses", lambda claims, context: green("use_left", ""))


def _status_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "_status", lambda place, context, now: green("status_fresh", ""))
    _terms_unread(patch)


def _work_ignored(patch: pytest.MonkeyPatch) -> None:
    def never_mind(state: Any, park: str, work: Any, now: Any) -> str | None:
        return rules._no_decide(state, park, work, now)

    patch.setattr(rules, "_REFUSALS", {**rules._REFUSALS, rules.Action.CLEAR: never_mind})


@pytest.mark.parametrize(
    "without",
    [_second_signature_unchecked, _uses_uncounted, _status_unread, _work_ignored],
    ids=lambda f: f.__name__[1:],
)
def test_without_any_one_check_a_schedule_breaks(
    story: Story, monkeypatch: pytest.MonkeyPatch, without: Callable[[pytest.MonkeyPatch], None]
) -> None:
    beginning = Beginning.of(story)
    without(monkeypatch)
    with pytest.raises(Broken):
        _live_until_broken(beginning)


def _live_until_broken(beginning: Beginning) -> None:
    for seed in range(1, 301):
        beginning.life(seed).live()
