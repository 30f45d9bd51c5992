"""Mutants of a small zone: which there are, and which its cases tell from the law."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from tests.law.small import provision, zone

from twoparks.law.command import main
from twoparks.law.language import parse
from twoparks.law.mutants import mutants
from twoparks.law.mutation import Tried, chosen_mutants, tried
from twoparks.law.variants import variants
from twoparks.law.written import written

pytestmark = pytest.mark.one_database

LAW = (
    provision("heavy", "mass_g >= param.limit && fragile", "require: stamp", "in_force: [2026-01-10, null]"),
    provision("spared", 'kind in ["box", "barrel"]', "exempt: stamp"),
    provision("seen", "alive", "refer: gate", "unless: [heavy]"),
)
LIMIT = """
    parameters:
      - name: limit
        type: int
        unit: grams
        says: {en: x, zh-Hant: 甲, zh-Hans: 甲}
        values: [{in_force: [2020-01-01, null], value: 500, source: "https://example.org", confidence: V}]
"""
BITE = """
    flow: goods
    crosses: out
    base: {on: 2026-01-15, kind: animal, fragile: true, alive: false, mass_g: 500}
    cases:
      - {case: at the limit, expect: {holds: heavy, outcome: conditional}}
      - {case: below it, facts: {mass_g: 499}, expect: {not_holds: heavy}}
      - {case: not fragile, facts: {fragile: false}, expect: {not_holds: heavy}}
      - {case: the day before, facts: {"on": 2026-01-09}, expect: {not_holds: heavy}}
      - {case: the first day, facts: {"on": 2026-01-10}, expect: {holds: heavy}}
      - {case: box, facts: {kind: box}, expect: {holds: spared, outcome: clear}}
      - {case: barrel, facts: {kind: barrel}, expect: {holds: spared, outcome: clear}}
      - {case: alive, facts: {alive: true, fragile: false}, expect: {holds: seen, outcome: refer}}
      - {case: not alive, facts: {fragile: false}, expect: {not_holds: seen}}
      - {case: alive and heavy, facts: {alive: true}, expect: {not_holds: seen, outcome: conditional}}
"""


def packs(folder: Path, cases: str) -> Path:
    """The small zone with a parameter and these cases."""
    zone(folder, *LAW, more=LIMIT)
    (folder / "cases").mkdir()
    (folder / "cases" / "all.yaml").write_text(dedent(cases), encoding="utf-8")
    return folder


def surviving(folder: Path, cases: str) -> list[str]:
    law = zone(packs(folder, cases), *LAW, more=LIMIT).law
    return [found.what for found in tried(folder, chosen_mutants(law), processes=1).survivors]


def test_cases_that_tell_everything_apart_let_nothing_live(tmp_path: Path) -> None:
    assert surviving(tmp_path, BITE) == []


MOST = """
    definitions:
      - {name: most, flow: goods, in_force: [null, 2026-01-10], means: "100", says: {en: x, zh-Hant: 甲, zh-Hans: 甲}}
      - {name: most, flow: goods, in_force: [2026-01-10, null], means: param.limit, says: {en: x, zh-Hant: 甲, zh-Hans: 甲}}
"""


def test_a_value_that_begins_before_anything_is_compared_with_it_is_equivalent(tmp_path: Path) -> None:
    heavy = provision("heavy", "mass_g > most", "require: stamp")
    law = zone(tmp_path, heavy, more=MOST + LIMIT.replace("2020-01-01", "2026-01-10")).law
    (tmp_path / "cases").mkdir()
    begins = [at for at, mutant in enumerate(mutants(law)) if "param.limit: begins" in mutant.what]
    assert tried(tmp_path, begins, processes=1) == Tried(mutants=2, equivalent=1, survivors=())


TERMS = """
    measures:
      - key: stamp
        name: {en: x, zh-Hant: 甲, zh-Hans: 甲}
        terms:
          - {when: mass_g >= 500, applies: {en: x, zh-Hant: 甲, zh-Hans: 甲}, decision_working_days: 3, confidence: V, source: "https://example.org"}
          - {when: mass_g < 500, applies: {en: x, zh-Hant: 甲, zh-Hans: 甲}, decision_working_days: 1, confidence: V, source: "https://example.org"}
"""
TOLD = """
    flow: goods
    crosses: out
    base: {on: 2026-01-15, fragile: true}
    cases:
      - {case: heavy, facts: {mass_g: 500}, expect: {terms: {stamp: {decision_working_days: 3}}}}
      - {case: light, facts: {mass_g: 499}, expect: {terms: {stamp: {decision_working_days: 1}}}}
"""


@pytest.mark.parametrize(
    ("gone", "survivor"),
    [("none", None), ("heavy", "terms of stamp: >= made > in mass_g >= 500")],
)
def test_an_entry_that_an_earlier_one_always_precedes_is_equivalent_and_no_other_is(
    tmp_path: Path, gone: str, survivor: str | None
) -> None:
    law = zone(tmp_path, provision("p", "fragile", "require: stamp"), more=TERMS).law
    (tmp_path / "cases").mkdir()
    cases = "\n".join(line for line in TOLD.splitlines() if f"case: {gone}," not in line)
    (tmp_path / "cases" / "all.yaml").write_text(dedent(cases), encoding="utf-8")
    terms = [at for at, mutant in enumerate(mutants(law)) if mutant.what.startswith("terms of")]
    found = tried(tmp_path, terms, processes=1)
    assert (survivor is None) == (not found.survivors)
    assert survivor in [None, *(each.what for each in found.survivors)]
    assert found.equivalent == 1


@pytest.mark.parametrize(
    ("gone", "survivor"),
    [
        ("at the limit", "heavy: >= made > in mass_g >= param.limit"),
        ("below it", "heavy: mass_g >= param.limit left out"),
        ("box", 'spared: "box" left out of ["box", "barrel"]'),
        ("the day before", "heavy: begins on 2026-01-09, not 2026-01-10"),
        ("the first day", "heavy: begins on 2026-01-11, not 2026-01-10"),
        ("barrel", 'spared: "barrel" left out of ["box", "barrel"]'),
        ("alive and heavy", "seen: no longer yields to heavy"),
    ],
)
def test_without_the_case_at_a_boundary_its_mutant_survives(tmp_path: Path, gone: str, survivor: str) -> None:
    cases = "\n".join(line for line in BITE.splitlines() if f"case: {gone}," not in line)
    if gone == "at the limit":
        cases = cases.replace("mass_g: 500}", "mass_g: 501}")
    assert survivor in surviving(tmp_path, cases)


def test_a_survivor_names_its_line_and_the_case_that_would_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packs(tmp_path, BITE.replace("case: barrel, facts: {kind: barrel}", "case: other, facts: {kind: box}"))
    assert main(["test", "--mutate"], folder=tmp_path) == 1
    shown = capsys.readouterr().out
    assert 'pack.yaml:13:9: spared: "barrel" left out of ["box", "barrel"]' in shown
    assert 'a case in which the rest of spared holds and the fact is "barrel" would tell' in shown


def test_a_flow_that_is_none_is_refused_with_those_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", "--mutate", "--flow", "boxes"], folder=packs(tmp_path, BITE)) == 64
    assert "accepted are goods, people" in capsys.readouterr().err


def test_a_sample_is_the_same_each_time_and_no_larger_than_asked(tmp_path: Path) -> None:
    law = zone(tmp_path, *LAW, more=LIMIT).law
    first, second = (chosen_mutants(law, sample=5) for _ in range(2))
    assert first == second
    assert len(first) == 5
    assert len(chosen_mutants(law)) == len(list(mutants(law)))


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a && b && c", {"b && c", "a && c", "a && b"}),
        ("a || !b", {"a", "!b"}),
        ("!a", {"a"}),
        ("x < 3", {"x <= 3", "!(x < 3)"}),
        ('k == "v"', {'k != "v"', '!(k == "v")'}),
        ("min(x, y) > 2", {"max(x, y) > 2", "min(x, y) >= 2", "!(min(x, y) > 2)"}),
        ("s.exists(m, m in ['p', 'q'])", {'s.exists(m, m in ["q"])', 's.exists(m, m in ["p"])'}),
    ],
)
def test_each_place_of_a_condition_is_changed_once(text: str, changed: set[str]) -> None:
    found = {written(variant.tree) for variant in variants(parse(text), truth=True)}
    assert changed <= found
    assert all(parse(text) != parse(other) for other in found)
