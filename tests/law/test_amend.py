"""A drafted change is laid over the packs, or refused at its own line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.small import SAYS, case, instrument, provision, zone

from twoparks.law.amend import amended, flows_touched
from twoparks.law.answer import Outcome
from twoparks.law.pack import Law, PackError
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database

LIMIT = f"""
parameters:
  - name: limit
    type: int
    says: {SAYS}
    values:
      - {{in_force: [null, null], value: VALUE, source: here, confidence: V}}
"""


@pytest.fixture
def law(tmp_path: Path) -> Law:
    written = [
        provision("HEAVY", "mass_g > param.limit", "forbid: movement"),
        provision("FRAGILE", "fragile", "require: stamp"),
        provision("FEE", "alive", "state: true", "unless: [FRAGILE]"),
    ]
    return zone(tmp_path, *written, more=LIMIT.replace("VALUE", "100")).law


def outcome(law: Law, **facts: object) -> Outcome:
    return Zone(law).determine(case(**{"mass_g": 50, "fragile": False, **facts})).outcome


def test_a_parameter_with_a_known_key_is_replaced(law: Law) -> None:
    made = amended(law, LIMIT.replace("VALUE", "40"))
    assert outcome(law) is Outcome.CLEAR
    assert outcome(made) is Outcome.FORBIDDEN


def test_a_provision_with_a_known_key_is_replaced_where_it_stands(law: Law) -> None:
    made = amended(law, "provisions:\n  " + provision("HEAVY", "fragile", "forbid: movement"))
    assert [p.id for p in made.provisions] == ["HEAVY", "FRAGILE", "FEE"]
    assert outcome(made, mass_g=500) is Outcome.CLEAR


def test_a_new_provision_is_added_to_the_instrument_it_names(law: Law) -> None:
    extra = provision("NEW", "alive", "forbid: movement", "instrument: act, flow: goods, crosses: [out]")
    made = amended(law, f"provisions:\n  {extra}")
    assert outcome(made, alive=True) is Outcome.FORBIDDEN


def test_an_instrument_with_its_provisions_is_added(law: Law) -> None:
    extra = instrument([provision("NEW", "alive", "forbid: movement")], key="draft").replace("\n", "\n  ")
    made = amended(law, f"instruments:\n  {extra}")
    assert made.instruments["draft"].status == "in_force"
    assert outcome(made, alive=True) is Outcome.FORBIDDEN


def test_what_is_dropped_no_longer_holds(law: Law) -> None:
    assert outcome(amended(law, "drop: [HEAVY]"), mass_g=500) is Outcome.CLEAR


PILOT = "provisions:\n  " + provision(
    "TRY", "fragile", "forbid: movement", "status: pilot, instrument: act, flow: goods, crosses: [out]"
)


@pytest.mark.parametrize(("live", "expected"), [(True, Outcome.FORBIDDEN), (False, Outcome.CONDITIONAL)])
def test_a_pilot_provision_decides_only_in_the_law_of_its_live_run(
    law: Law, live: bool, expected: Outcome
) -> None:
    assert outcome(amended(law, PILOT, live=live), fragile=True) is expected


def test_an_answer_of_a_live_run_labels_what_is_a_pilot(law: Law) -> None:
    found = Zone(amended(law, PILOT, live=True)).determine(case(mass_g=50, fragile=True))
    assert {line.id: line.status for line in found.provisions}["TRY"] == "pilot"


def test_a_pilot_provision_leaves_the_one_it_would_replace_in_force_until_it_is_live(law: Law) -> None:
    change = "provisions:\n  " + provision("HEAVY", "false", "forbid: movement", "status: pilot")
    assert outcome(amended(law, change), mass_g=500) is Outcome.FORBIDDEN
    assert outcome(amended(law, change, live=True), mass_g=500) is Outcome.CLEAR


def test_a_provision_in_force_never_gives_way_to_a_pilot_that_is_not_live(law: Law) -> None:
    yielding = provision("HEAVY", "mass_g > param.limit", "forbid: movement", "unless: [TRY]")
    change = f"{PILOT}\n  {yielding}"
    assert outcome(amended(law, change), mass_g=500, fragile=True) is Outcome.FORBIDDEN


def test_the_digest_follows_from_the_law_and_the_content_of_the_change(law: Law) -> None:
    change = LIMIT.replace("VALUE", "40")
    digest = amended(law, change).digest
    assert digest == amended(law, f"# only a comment\n{change}").digest
    others = (law, amended(law, LIMIT.replace("VALUE", "41")), amended(law, change, live=True))
    assert digest not in {other.digest for other in others}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("provisions:\n  - {id: HEAVY, article: 1}", "draft:2:5: a provision has exactly one effect"),
        (
            "provisions:\n  " + provision("NEW", "alive", "forbid: movement"),
            "draft:2:5: instrument is missing",
        ),
        ("drop: [HEAVIER]", "draft:1:7: drop is 'HEAVIER'; accepted are keys of provisions"),
        ("drop: [FRAGILE]", "draft:1:7: drop is 'FRAGILE'; FEE (pack.yaml:14:9) yields to it"),
        ("drop: [limit]", "draft:1:1: with this change, pack.yaml:12:49: param.limit has no value"),
        (
            "drop: [limit]\n" + LIMIT.replace("VALUE", "1"),
            "draft:1:7: drop is 'limit'; this change also writes it",
        ),
        (
            "provisions:\n  " + provision("HEAVY", "mass > 3", "forbid: movement"),
            "draft:2:36: mass is neither",
        ),
        ("provision: []", "draft:1:12: provision is not known here; accepted are"),
        (
            "provisions:\n  " + provision("HEAVY", "mass > 3", "forbid: movement", "status: pilot"),
            "draft:2:36: mass is neither",
        ),
    ],
)
def test_a_change_that_cannot_be_is_refused_at_its_own_place(law: Law, change: str, said: str) -> None:
    with pytest.raises(PackError) as refused:
        amended(law, change, name="draft")
    assert str(refused.value).startswith(said)


def test_only_the_flow_of_a_changed_parameter_is_touched() -> None:
    law = load().law
    name = "hgr_foreign_percent"
    before = law.parameters[name].values[0].in_force.from_on
    change = f"""
    parameters:
      - name: {name}
        type: int
        unit: percent
        says: {SAYS}
        values:
          - {{in_force: [{before}, null], value: 40, source: draft, confidence: V}}
    """
    assert flows_touched(law, amended(law, change)) == ("data", "materials")
