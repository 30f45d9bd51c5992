"""`twoparks law` answers with its exit code, in words or JSON, and says what is wrong with what it cannot use."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.law.small import case, provision, zone

from twoparks.law.command import main

pytestmark = pytest.mark.one_database

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Write a case and ask the command, giving exit code, output and errors."""
    packs = tmp_path / "packs"
    packs.mkdir()
    small = zone(
        packs,
        provision("F", "fragile", "forbid: movement"),
        provision("R", "alive", "refer: gate"),
        provision("Q", "mass_g > 100", "require: stamp"),
    )

    def run(text: str, *words: str, name: str = "case.yaml") -> tuple[int, str, str]:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        code = main(["check", str(file), *words], small)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def written(**facts: object) -> str:
    return json.dumps({"flow": "goods", "crosses": "out", "on": "2026-01-15", "facts": facts})


@pytest.mark.parametrize(
    ("facts", "code", "outcome"),
    [
        ({"fragile": False, "alive": False, "mass_g": 1}, 0, "clear"),
        ({"fragile": False, "alive": False, "mass_g": 101}, 1, "conditional"),
        ({"fragile": True}, 2, "forbidden"),
        ({"fragile": False, "alive": True}, 3, "refer"),
        ({"fragile": False}, 4, "unknown"),
    ],
)
def test_each_outcome_has_its_exit_code(ask: Ask, facts: dict[str, object], code: int, outcome: str) -> None:
    found, out, _ = ask(written(**facts), "--json")
    assert (found, json.loads(out)["outcome"]) == (code, outcome)


def test_a_json_answer_names_measures_provisions_and_what_is_missing(ask: Ask) -> None:
    answer = json.loads(ask(written(mass_g=101), "--json")[1])
    assert set(answer["missing"]) == {"fragile", "alive"}
    assert answer["measures"] == [
        {
            "id": "stamp",
            "kind": "step",
            "bank": "ml",
            "one_of": [],
            "held": False,
            "authority": "post",
            "working_days": None,
            "provisions": ["Q"],
            "sure": True,
        }
    ]
    assert {line["id"]: line["holds"] for line in answer["provisions"]} == {"F": None, "R": None, "Q": True}


def test_held_may_stand_beside_the_facts_or_within(ask: Ask) -> None:
    inside = written(fragile=False, alive=False, mass_g=101, held=["stamp"])
    beside = json.dumps(json.loads(written(fragile=False, alive=False, mass_g=101)) | {"held": ["stamp"]})
    assert (ask(inside)[0], ask(beside)[0]) == (0, 0)


def test_the_answer_in_words_says_it_first(ask: Ask) -> None:
    assert ask(written(fragile=True))[1].startswith("FORBIDDEN.")


def test_the_day_of_the_command_prevails_over_the_one_in_the_file(ask: Ask) -> None:
    out = ask(written(fragile=True), "--json", "--on", "2026-03-01")[1]
    assert json.loads(out)["facts"]["on"] == "2026-03-01"


def test_one_bank_may_be_asked(ask: Ask) -> None:
    answer = json.loads(ask(written(fragile=True), "--json", "--bank", "ml")[1])
    assert answer["banks"] == {"ml": "forbidden"}


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("flow: goods\ncrosses: out\non: 2026-02-30\nfacts: {}\n", (), "on: '2026-02-30' is not a date"),
        (
            "flow: goods\ncrosses: out\non: 2026-01-15\nfacts: {mass_g: -1}\n",
            (),
            "mass_g: -1 is out of range",
        ),
        (
            "flow: goods\ncrosses: out\non: 2026-01-15\nfacts: {kind: tin}\n",
            (),
            "accepted are box, barrel, animal",
        ),
        ("flow: goods\ncrosses: out\non: 2026-01-15\nfacts: {masss: 1}\n", (), "near it are mass_g"),
        (
            "flow: goods\ncrosses: out\non: 2026-01-15\nfacts: {mass_g: 1.5}\n",
            (),
            "1.5 is not a whole number",
        ),
        ("flow: goods\ncrosses: out\nfats: {}\n", (), "fats: is not known here; accepted beside facts are"),
        ("flow: goods\ncrosses: out\nfacts: [1]\n", (), "is not a mapping"),
        (
            "flow: goods\ncrosses: out\nheld: []\nfacts: {held: [stamp]}\n",
            (),
            "stands twice with different values",
        ),
        ("crosses: out\n", (), "flow: is not stated; accepted are goods, people"),
        ("a: [1\n", (), "not YAML"),
        ("- 1\n", (), "a case is a mapping"),
        ("", (), "the file is empty"),
        (written(), ("--on", "2026-13-01"), "is not a date"),
        (written(), ("--bank", "us"), "invalid choice"),
    ],
)
def test_bad_input_is_refused_with_what_would_be_accepted(
    ask: Ask, text: str, words: tuple[str, ...], says: str
) -> None:
    code, _, err = ask(text, *words)
    assert code == 64
    assert says in err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = zone(tmp_path, provision("F", "fragile", "forbid: movement"))
    assert main(["check", str(tmp_path / "nothing.yaml")], small) == 64
    assert "cannot be read" in capsys.readouterr().err


def lines(small_folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return main(["check", "-"], zone(small_folder, provision("F", "fragile", "forbid: movement")))


def test_lines_of_cases_get_lines_of_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = lines(tmp_path, f"{written(fragile=True)}\n{written(fragile=False)}\n", monkeypatch)
    answers = [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()]
    assert (code, answers) == (0, ["forbidden", "clear"])


def test_a_bad_line_gets_an_error_and_the_others_their_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = lines(tmp_path, f"{written(fragile=3)}\nnot json\n{written(fragile=False)}\n", monkeypatch)
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 64
    assert answers[0]["line"] == 1
    assert "3 is neither true nor false" in answers[0]["error"][0]
    assert "line 2: not JSON" in answers[1]["error"][0]
    assert answers[2]["outcome"] == "clear"


def test_a_measure_is_told_as_the_packs_say_it_on_the_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = """
    measures:
      - key: stamp
        name: {en: Stamp, zh-Hant: 印, zh-Hans: 印}
        terms:
          - {in_force: [null, 2026-02-01], decision_working_days: 5, source: x, confidence: V}
          - {in_force: [2026-02-01, null], authority: gate, decision_working_days: 9, source: x, confidence: V}
    """
    small = zone(tmp_path, provision("Q", "true", "require: stamp"), more=more)
    found = {}
    for day in ("2026-01-31", "2026-02-01"):
        assert main(["measure", "stamp", "--on", day, "--json"], small) == 0
        told = json.loads(capsys.readouterr().out)
        found[day] = (told["authority"], told["decision_working_days"], told["open"])
    assert found == {"2026-01-31": ("post", 5, True), "2026-02-01": ("gate", 9, True)}


def test_a_measure_nobody_knows_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "stmp"], zone(tmp_path, provision("Q", "true", "require: stamp"))) == 64
    assert "'stmp' is not a measure; accepted are stamp, seal" in capsys.readouterr().err


def test_a_provision_is_explained_with_its_condition_and_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "Q"], zone(tmp_path, provision("Q", "mass_g > 100", "require: stamp"))) == 0
    told = capsys.readouterr().out
    assert "when     mass_g > 100" in told
    assert "source   https://example.org" in told


def test_cases_that_fail_are_named_and_fail_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "x.yaml").write_text(
        "flow: goods\ncrosses: out\nbase: {on: 2026-01-15}\ncases:\n"
        "  - {case: A fragile thing may go, facts: {fragile: true}, expect: {outcome: clear}}\n",
        encoding="utf-8",
    )
    small = zone(tmp_path, provision("F", "fragile", "forbid: movement"))
    assert main(["test", "--cases", str(cases)], small) == 1
    told = capsys.readouterr().out
    assert "A fragile thing may go" in told
    assert "outcome is forbidden, not clear" in told


def test_an_article_in_words_that_is_not_said_in_three_languages_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cited = provision("F", "true", "forbid: movement").replace("article: 1", "article: Sch. 1")
    assert main(["test", "--cases", str(tmp_path / "cases")], zone(tmp_path, cited)) == 1
    assert "citations: 'Sch. 1' is not said in three languages" in capsys.readouterr().out


def test_a_citation_that_nothing_uses_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = "citations: [{en: Sch. 9, zh-Hant: 附表9, zh-Hans: 附表9}]"
    small = zone(tmp_path, provision("F", "true", "forbid: movement"), more=f"    {more}")
    assert main(["test", "--cases", str(tmp_path / "cases")], small) == 1
    assert "citations: nothing is cited as 'Sch. 9'" in capsys.readouterr().out


def test_a_provision_without_a_case_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    questions = """
    flow: goods
    questions:
      - {fact: fragile, question: {en: x, zh-Hant: 甲, zh-Hans: 甲}}
    """
    small = zone(tmp_path, provision("F", "fragile", "forbid: movement"), questions=questions)
    assert main(["test", "--cases", str(cases)], small) == 1
    assert "no case in which F holds" in capsys.readouterr().out


def test_the_same_case_gives_the_same_bytes(tmp_path: Path) -> None:
    small = zone(tmp_path, provision("F", "fragile", "forbid: movement"))
    again = zone(tmp_path, provision("F", "fragile", "forbid: movement"))
    facts = case(fragile=True, marks=["red", "blue"])
    turned = dict(reversed(list(case(fragile=True, marks=["blue", "red"]).items())))
    assert small.determine(facts).to_json() == again.determine(turned).to_json()


def test_another_pack_has_another_digest(tmp_path: Path) -> None:
    one = zone(tmp_path, provision("F", "fragile", "forbid: movement")).digest
    assert zone(tmp_path, provision("F", "!fragile", "forbid: movement")).digest != one
