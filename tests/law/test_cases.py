"""What cases may expect, and what is at fault in packs before any case is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import SAYS, case, provision, zone

from twoparks.law.cases import Case, failures
from twoparks.law.verify import faults, overlaps

pytestmark = pytest.mark.one_database

IMPLIES = f"""
    flow: goods
    questions:
      - {{fact: alive, question: {SAYS}, implied: [{{value: true, when: 'kind == "animal"'}}]}}
"""


def fragile_twice(until: str) -> str:
    """A definition with one meaning until a day and another from 2024 on."""
    first = f"{{name: odd, flow: goods, in_force: [2020-01-01, {until}], means: fragile, says: {SAYS}}}"
    later = f"{{name: odd, flow: goods, in_force: [2024-01-01, null], means: alive, says: {SAYS}}}"
    return f"definitions: [{first}, {later}]"


@pytest.mark.parametrize(("wanted", "wrong"), [(True, []), (False, ["implied: alive is True, not False"])])
def test_a_case_may_expect_what_its_facts_imply(tmp_path: Path, wanted: bool, wrong: list[str]) -> None:
    law = zone(tmp_path, provision("p", "alive", "forbid: movement"), questions=IMPLIES)
    asked = Case("x", "here", case(kind="animal"), {"implied": {"alive": wanted}})
    assert failures(law, asked) == wrong


def test_a_definition_with_two_meanings_on_a_day_is_a_fault(tmp_path: Path) -> None:
    law = zone(tmp_path, provision("p", "odd", "forbid: movement"), more=fragile_twice("2024-01-02"))
    (found,) = [fault for fault in faults(law, []) if "two meanings" in fault]
    assert found.endswith("odd has two meanings on 2024-01-01")


def test_meanings_that_follow_each_other_are_none(tmp_path: Path) -> None:
    law = zone(tmp_path, provision("p", "odd", "forbid: movement"), more=fragile_twice("2024-01-01"))
    assert list(overlaps(law)) == []
