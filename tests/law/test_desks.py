"""What is counted for many cases at a time is what each case's own answer says: its desks, and the law of one day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from twoparks.law.answer import Determination
from twoparks.law.as_on import as_on
from twoparks.law.desks import PARTY, Desks, counted
from twoparks.law.history import Sample, read_assumptions, write_history
from twoparks.law.replay import Past
from twoparks.law.tally import Scan
from twoparks.law.zone import Zone
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

DAY = date(2026, 9, 1)


@pytest.fixture
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Past:
    flow = request.param
    path = tmp_path / "history.parquet"
    write_history(load(), read_assumptions(FOLDER, load(), flow), "sz-hk", Sample(150, 3), path)
    return Past(flow, "sz-hk", path)


def desks_of(zone: Zone, answer: Determination) -> set[str]:
    """The authorities before which one case stands, told from its own answer."""
    found = set()
    for line in answer.measures:
        served = line.held or any(other.held for other in answer.measures if other.id in line.one_of)
        first = line.one_of[0] if line.one_of else line.id
        if line.kind != "duty" and not served and line.id == first:
            measure = zone.measures[line.id]
            term = measure.term(DAY, "sz-hk")
            found.add((term.authority if term is not None else measure.authority)[0])
    for line in answer.provisions:
        rule = zone.provisions[line.id]
        if line.holds and line.effect == "refer" and rule.route is None:
            found.add(rule.effect.authority or rule.authority or "")
    return found - {PARTY, ""}


@pytest.mark.parametrize("history", ["data", "materials"], indirect=True)
def test_a_case_is_counted_before_the_desks_its_own_answer_names(history: Past) -> None:
    law = as_on(load().law, DAY)
    zone = Zone(law)
    planes: Counter[str] = Counter()
    with Scan([law], history, ()) as scan:
        for read in scan.read(None, None):
            planes.update(counted(Desks(read.plans[0], DAY, "sz-hk").planes(read.block)))
        cases = list(scan.cases(range(150)))
    own = Counter(
        desk
        for case in cases
        for desk in desks_of(zone, zone.determine({**case.facts, "flow": history.flow, "crosses": "sz-hk"}))
    )
    assert +planes == own
    assert len(own) > 2


@pytest.mark.parametrize("history", ["data", "capital"], indirect=True)
def test_the_law_as_on_a_day_answers_on_every_day_what_it_answers_on_that_day(history: Past) -> None:
    always, now = Zone(as_on(load().law, DAY)), load()
    with Scan([now.law], history, ()) as scan:
        cases = list(scan.cases(range(40)))
    for case in cases:
        facts = {**case.facts, "flow": history.flow, "crosses": "sz-hk", "on": DAY}
        there = always.determine(facts)
        assert (there.outcome, there.banks) == (now.determine(facts).outcome, now.determine(facts).banks)
    assert always.periods(history.flow, "sz-hk") == [date.min]


def test_what_was_not_in_force_that_day_is_left_out() -> None:
    before = as_on(load().law, date(2024, 3, 22) - timedelta(days=1))
    assert "exempt_below_persons" in load().law.parameters
    assert "exempt_below_persons" not in before.parameters
    assert "CN-CBDF-05-4" not in {provision.id for provision in before.provisions}
