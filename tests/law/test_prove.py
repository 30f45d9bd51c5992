"""What is found about a small law, each with a case that shows it; and what is found about the packs is explained."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tests.law.small import SAYS, instrument, provision, zone

from twoparks.law.command import main
from twoparks.law.pack import Interval, PackError
from twoparks.law.prove import Finding, findings
from twoparks.law.zone import Zone
from twoparks.packs import load

pytestmark = pytest.mark.one_database


def found(law: Zone, kind: str, **more: object) -> list[Finding]:
    return [finding for finding in findings(law.law, flow="goods", **more) if finding.kind == kind]  # type: ignore[arg-type]


def two(folder: Path, one: str, other: str, bank: str = "ml") -> Zone:
    return zone(folder, instruments=[instrument([one]), instrument([other], key="other", bank=bank)])


def test_a_provision_whose_condition_nothing_fulfils_is_unreachable(tmp_path: Path) -> None:
    law = zone(tmp_path, provision("P", "mass_g > 5 && mass_g * 2 < 11", "forbid: movement"))
    (finding,) = found(law, "unreachable")
    assert (finding.provisions, finding.witness) == (("P",), None)


def test_a_provision_that_always_yields_is_shadowed(tmp_path: Path) -> None:
    law = zone(
        tmp_path,
        provision("WIDE", "mass_g > 5", "refer: gate"),
        provision("P", "mass_g > 7", "forbid: movement", "unless: [WIDE]"),
    )
    (finding,) = found(law, "shadowed")
    assert finding.provisions == ("P", "WIDE")
    assert finding.witness is not None
    assert int(str(finding.witness["mass_g"])) > 7


def test_a_provision_beside_which_another_always_says_the_same_is_shadowed(tmp_path: Path) -> None:
    law = two(
        tmp_path,
        provision("P", "fragile && alive", "require: stamp"),
        provision("Q", "alive", "require: stamp"),
    )
    (finding,) = found(law, "shadowed")
    assert (finding.provisions, finding.witness) == (
        ("P", "Q"),
        {"flow": "goods", "crosses": "out", "on": "2000-01-01", "fragile": True, "alive": True},
    )


def test_of_two_that_always_say_the_same_only_the_later_is_shadowed(tmp_path: Path) -> None:
    law = two(tmp_path, provision("P", "alive", "require: stamp"), provision("Q", "alive", "require: stamp"))
    assert [finding.provisions for finding in found(law, "shadowed")] == [("Q", "P")]


def test_a_case_of_which_only_a_catch_all_speaks_is_a_gap(tmp_path: Path) -> None:
    law = zone(
        tmp_path, provision("ALL", "true", "require: notice"), provision("P", "fragile", "require: stamp")
    )
    gap = next(finding for finding in found(law, "gap") if finding.bank == "ml")
    assert gap.witness == {"flow": "goods", "crosses": "out", "on": "2000-01-01", "fragile": False}


def test_a_law_that_speaks_of_every_case_has_no_gap(tmp_path: Path) -> None:
    law = zone(
        tmp_path, provision("P", "fragile", "require: stamp"), provision("Q", "!fragile", "require: seal")
    )
    assert [finding.bank for finding in found(law, "gap")] == ["hk"]


def test_an_exemption_and_a_requirement_of_two_instruments_that_do_not_yield_are_a_conflict(
    tmp_path: Path,
) -> None:
    law = two(
        tmp_path, provision("FREE", "alive", "exempt: stamp"), provision("P", "fragile", "require: stamp")
    )
    (finding,) = found(law, "conflict")
    assert finding.provisions == ("FREE", "P")
    assert finding.witness is not None
    assert (finding.witness["alive"], finding.witness["fragile"]) == (True, True)


def test_provisions_of_which_one_yields_are_no_conflict(tmp_path: Path) -> None:
    law = two(
        tmp_path,
        provision("FREE", "alive", "exempt: stamp", "unless: [P]"),
        provision("P", "fragile", "require: stamp"),
    )
    assert found(law, "conflict") == []


def test_what_one_bank_requires_and_the_other_closes_is_no_way_across(tmp_path: Path) -> None:
    law = two(
        tmp_path,
        provision("P", "fragile", "require: stamp"),
        provision("SHUT", "mass_g >= 10", "forbid: stamp"),
        bank="hk",
    )
    (finding,) = found(law, "no_way_across")
    assert finding.provisions == ("SHUT", "P")
    assert finding.witness is not None
    assert finding.witness["fragile"] is True


LIMIT = f"""
parameters:
  - name: limit
    type: int
    says: {SAYS}
    values:
      - {{in_force: [2020-01-01, 2024-01-01], value: 5, source: here, confidence: V}}
      - {{in_force: [2024-01-01, null], value: 6, source: here, confidence: V}}
"""


def test_a_value_that_nothing_in_force_reads_is_dead(tmp_path: Path) -> None:
    reader = provision("P", "mass_g > param.limit", "require: stamp", "in_force: [2021-01-01, 2024-01-01]")
    law = zone(tmp_path, reader, more=LIMIT)
    dead = [finding for finding in findings(law.law) if finding.kind == "dead_parameter"]
    assert [(f.provisions, f.period) for f in dead] == [
        (("limit",), Interval(law.law.parameters["limit"].values[1].in_force.from_on))
    ]


def test_neighbouring_periods_with_the_same_finding_are_one(tmp_path: Path) -> None:
    law = zone(
        tmp_path,
        provision("P", "fragile && !fragile", "require: stamp"),
        provision("Q", "alive", "require: seal", "in_force: [2024-01-01, 2025-01-01]"),
    )
    assert [finding.period for finding in found(law, "unreachable")] == [Interval()]


def test_only_what_touches_a_provision_is_asked_when_it_is_named(tmp_path: Path) -> None:
    never = "fragile && !fragile"
    law = zone(tmp_path, provision("P", never, "require: stamp"), provision("Q", never, "require: seal"))
    assert [f.provisions for f in found(law, "unreachable", touching=frozenset({"Q"}))] == [("Q",)]


def test_what_z3_does_not_settle_within_its_steps_is_said(tmp_path: Path) -> None:
    law = zone(
        tmp_path, provision("P", "mass_g * 3 == share * 7 + 1 && mass_g > share * 5 - 20", "require: stamp")
    )
    assert [finding.provisions for finding in found(law, "unsettled", steps=1)][:1] == [("P",)]


MEANT = f"""
explained:
  - {{kind: unreachable, flow: goods, of: [P], cites: act, confidence: V, says: {SAYS}}}
"""


def test_an_explanation_that_cites_takes_a_finding_off_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = provision("P", "fragile && !fragile", "state: true")
    assert main(["prove"], zone(tmp_path, dead)) == 1
    assert "2 gap, 1 unreachable: 0 meant, 0 undecided, 3 unexplained" in capsys.readouterr().out
    assert main(["prove"], zone(tmp_path, dead, more=MEANT)) == 1
    assert "1 meant, 0 undecided, 2 unexplained" in capsys.readouterr().out


def test_what_is_cited_from_memory_is_shown_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = provision("P", "fragile && !fragile", "state: true")
    law = zone(tmp_path, dead, more=MEANT.replace("confidence: V", "article: 7, confidence: M"))
    main(["prove", "--all"], law)
    told = capsys.readouterr().out
    assert "(act, 7, cited from memory)" in told
    assert "1 meant (1 cited from memory), 0 undecided, 2 unexplained" in told


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("cites: nothing, confidence: V", "cites is 'nothing', which no pack holds"),
        ("cites: act, undecided: true", "cites an instrument or says undecided"),
        ("article: 1", "cites an instrument or says undecided"),
        ("undecided: true, confidence: M", "confidence is of what is cited"),
        ("cites: act", "confidence"),
    ],
)
def test_an_explanation_must_cite_or_say_undecided(tmp_path: Path, wrong: str, says: str) -> None:
    with pytest.raises(PackError, match=says):
        zone(
            tmp_path,
            provision("P", "alive", "state: true"),
            more=MEANT.replace("cites: act, confidence: V", wrong),
        )


@cache
def of_packs() -> tuple[Finding, ...]:
    return findings(load().law)


def test_every_finding_about_the_packs_is_explained() -> None:
    assert [(f.kind, f.flow, f.crosses, f.provisions) for f in of_packs() if f.explained is None] == []


def test_every_explanation_in_the_packs_explains_something() -> None:
    used = {finding.explained.place for finding in of_packs() if finding.explained is not None}
    assert [str(e.place) for e in load().law.explained if e.place not in used] == []


MOST = {"conflict": 55, "gap": 38, "shadowed": 12, "unreachable": 1}
"""As many as there are; a change of the packs may lower these numbers, never raise them."""


def test_the_findings_about_the_packs_only_become_fewer() -> None:
    kinds = Counter(finding.kind for finding in of_packs())
    assert {kind: number for kind, number in kinds.items() if number > MOST.get(kind, 0)} == {}
    assert sum(f.explained is not None and f.explained.undecided for f in of_packs()) <= 19


def test_the_case_of_every_finding_is_a_case_the_law_can_be_asked() -> None:
    shown = [finding.witness for finding in of_packs() if finding.witness is not None]
    assert shown
    assert [witness for witness in shown if load().check_facts(witness)] == []
