"""Registers: what a simulated one answers, and that a real one is not asked before its configuration is whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from tests.story import Story

from twoparks.registry.models import RegisterEntry
from twoparks.registry.registers import Answer, RegisterAnswer, RegisterUnusable, register_of

MEASURE, HOLDER = "hgr_ethics_review", "sz-o-riverbank"


@pytest.fixture
def entry(story: Story) -> Iterator[RegisterEntry]:
    with story.nodes.at("sz"):
        yield RegisterEntry.objects.create(
            authority="ethics_committee",
            measure=MEASURE,
            number="E-1",
            holder=HOLDER,
            valid_from=date(2026, 1, 10),
            valid_until=date(2026, 6, 30),
            revoked_on=date(2026, 5, 1),
        )


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"on": date(2026, 1, 9)}, Answer.UNKNOWN),
        ({"on": date(2026, 1, 10)}, Answer.VALID),
        ({"on": date(2026, 4, 30)}, Answer.VALID),
        ({"on": date(2026, 5, 1)}, Answer.REVOKED),
        ({"number": "E-2"}, Answer.UNKNOWN),
        ({"measure": "hgr_informed_consent"}, Answer.UNKNOWN),
        ({"holder": "sz-o-biobank"}, Answer.OTHER_HOLDER),
    ],
)
def test_a_simulated_register_answers_from_its_rows(
    entry: RegisterEntry, change: dict[str, Any], answer: Answer
) -> None:
    asked = {"number": "E-1", "measure": MEASURE, "holder": HOLDER, "on": date(2026, 3, 1), **change}
    assert register_of("ethics_committee").check(**asked).answer is answer


def test_an_approval_is_valid_on_its_last_day_and_expired_on_the_next(entry: RegisterEntry) -> None:
    entry.revoked_on = None
    entry.save()
    register = register_of("ethics_committee")
    answers = [
        register.check("E-1", MEASURE, HOLDER, day).answer for day in (date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert answers == [Answer.VALID, Answer.EXPIRED]


def test_a_simulated_register_says_so(entry: RegisterEntry) -> None:
    found = register_of("ethics_committee").check("E-1", MEASURE, HOLDER, date(2026, 3, 1))
    assert (found.register, found.simulated) == ("simulated register", True)


class Half:
    """A register that lacks its address."""

    name, simulated = "half", False

    def __init__(self, authority: str) -> None:
        self.authority = authority

    def problems(self) -> tuple[str, ...]:
        return ("no address is configured",)

    def check(self, number: str, measure: str, holder: str, on: date) -> RegisterAnswer:
        raise AssertionError("asked although it is not configured")


@pytest.mark.parametrize("path", [f"{__name__}.Half", "no.such.Register"])
def test_a_register_whose_configuration_is_not_whole_is_not_asked(settings: Any, path: str) -> None:
    settings.TWOPARKS_REGISTERS = {"nhc": path}
    with pytest.raises(RegisterUnusable, match="nhc"):
        register_of("nhc")


def test_a_register_that_cannot_be_asked_leaves_the_approval_to_its_authority(
    story: Story, settings: Any
) -> None:
    settings.TWOPARKS_REGISTERS = {"ethics_committee": f"{__name__}.Half"}
    permit = story.declare(story.example())  # told here, with the register as it is now
    (check,) = [c for c in story.state("sz", permit).current.checks if c.measure == MEASURE]
    assert check.answer == "unknown"
    assert "no address is configured" in check.register
