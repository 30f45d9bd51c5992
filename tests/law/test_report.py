"""The packs as a document: valid, without scripts, every provision in three languages with its source."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.law.small import SAYS, instrument, provision, zone

from twoparks.law.command import main
from twoparks.law.language import parse
from twoparks.law.pack import LANGUAGES, Interval
from twoparks.law.phrases import Phrase, Speaker
from twoparks.law.report import by_way, report
from twoparks.law.wording import WORDS
from twoparks.packs import load

pytestmark = pytest.mark.one_database

VOID = {"meta", "link", "br", "hr", "img", "input"}
BLOCKS = {"div", "ul", "table", "section", "article", "p", "h1", "h2", "h3", "h4", "header", "main"}
ONLY_PHRASES = {"p", "span", "h1", "h2", "h3", "h4", "a", "strong", "code"}
QUESTIONS = f"""
    flow: goods
    questions:
      - fact: kind
        question: {{en: What is it?, zh-Hant: 是何物？, zh-Hans: 是什么？}}
        labels: {{box: {{en: A box, zh-Hant: 盒, zh-Hans: 盒}}, barrel: {{en: A barrel, zh-Hant: 桶, zh-Hans: 桶}}, animal: {SAYS}}}
      - {{fact: fragile, question: {{en: Fragile?, zh-Hant: 易碎？, zh-Hans: 易碎？}}}}
"""


class Checker(HTMLParser):
    """Every tag closed in order, no block within a phrase, every id once, every link within the page answered."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        values = dict(attrs)
        if tag in BLOCKS and self.stack and self.stack[-1] in ONLY_PHRASES:
            self.wrong.append(f"{self.getpos()}: <{tag}> within <{self.stack[-1]}>")
        if "id" in values:
            self.ids.append(str(values["id"]))
        if str(values.get("href", "")).startswith("#"):
            self.links.add(str(values["href"])[1:])
        self.wrong.extend(f"{self.getpos()}: {name}" for name, _ in attrs if name.startswith("on"))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(f"{self.getpos()}: </{tag}> closes nothing")


def checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    checker.close()
    return checker


@cache
def whole() -> str:
    return report(load())


def test_every_tag_is_closed_and_stands_where_it_may() -> None:
    found = checked(whole())
    assert (found.wrong, found.stack) == ([], [])


def test_an_id_stands_once_and_every_link_within_the_page_leads_somewhere() -> None:
    found = checked(whole())
    assert len(found.ids) == len(set(found.ids))
    assert found.links <= set(found.ids)


def test_the_document_runs_nothing_and_loads_nothing() -> None:
    assert checked(whole()).tags.isdisjoint({"script", "iframe", "img", "link", "object", "form"})


def test_every_provision_stands_in_it_with_its_sentence_in_three_languages_and_its_source() -> None:
    text = whole().replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", '"')
    for each in load().provisions.values():
        assert f'id="{each.id}"' in text
        assert all(each.says[language] in text for language in LANGUAGES), each.id
        assert each.source in text


def test_a_document_of_one_flow_and_day_holds_what_is_in_force_then() -> None:
    day = date(2023, 6, 1)
    ids = set(checked(report(load(), "materials", day)).ids)
    for each in load().provisions.values():
        assert (each.id in ids) is ("materials" in each.flows and each.in_force.covers(day)), each.id


def test_a_definition_that_ended_is_not_in_the_document_of_a_later_day(tmp_path: Path) -> None:
    more = f"definitions: [{{name: old, flow: goods, in_force: [2020-01-01, 2021-01-01], means: fragile, says: {SAYS}}}]"
    law = zone(tmp_path, provision("p", "fragile", "forbid: movement"), more=more, questions=QUESTIONS)
    assert "<strong>old</strong>" in report(law, "goods", date(2020, 6, 1))
    assert "<strong>old</strong>" not in report(law, "goods", date(2021, 1, 1))


def test_what_a_pack_says_cannot_become_markup(tmp_path: Path) -> None:
    angry = provision("p", "fragile", "forbid: movement").replace("{en: x,", "{en: <b>x</b>,", 1)
    text = report(zone(tmp_path, instruments=[instrument([angry])], questions=QUESTIONS))
    assert "<b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


@pytest.mark.parametrize(
    ("language", "condition", "said"),
    [
        ("en", "fragile", Phrase("“Fragile?” — yes")),
        ("en", "!fragile", Phrase("“Fragile?” — no")),
        ("zh-Hans", 'kind == "box"', Phrase("“是什么？”——盒")),
        ("zh-Hant", 'kind in ["box", "barrel"]', Phrase("“是何物？”——其中之一：盒、桶")),
        ("en", 'kind != "box"', Phrase("“What is it?” — other than A box")),
        (
            "en",
            'fragile && kind == "box"',
            Phrase("all of these:", (Phrase("“Fragile?” — yes"), Phrase("“What is it?” — A box"))),
        ),
        (
            "en",
            '!(fragile && kind == "box")',
            Phrase(
                "at least one of these:", (Phrase("“Fragile?” — no"), Phrase("not: “What is it?” — A box"))
            ),
        ),
        ("zh-Hant", "true", Phrase("任何情形")),
    ],
)
def test_a_condition_is_said_in_the_words_of_its_questions(
    tmp_path: Path, language: str, condition: str, said: Phrase
) -> None:
    law = zone(tmp_path, provision("p", "fragile", "forbid: movement"), questions=QUESTIONS)
    assert Speaker(law, "goods", language).condition(parse(condition)) == said


def test_no_condition_of_the_packs_is_said_in_english_to_a_chinese_reader() -> None:
    law = load()
    for each in law.provisions.values():
        speaker = Speaker(law, each.flows[0], "zh-Hans")
        said = speaker.flat(speaker.condition(each.when.tree))
        meanings = [spec.meaning for spec in law.facts_of(each.flows[0]).values() if len(spec.meaning) > 12]
        assert not [meaning for meaning in meanings if meaning in said], each.id


def test_every_word_of_the_table_stands_in_three_languages_with_the_same_slots() -> None:
    for key, text in WORDS.items():
        slots = {
            language: sorted(part.split("}")[0] for part in text[language].split("{")[1:])
            for language in LANGUAGES
        }
        assert set(text) == set(LANGUAGES), key
        assert slots["en"] == slots["zh-Hant"] == slots["zh-Hans"], key


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    assert main(["report", str(tmp_path / "law.html"), "--flow", "data"]) == 0
    assert (tmp_path / "law.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_place_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path / "none" / "law.html")]) == 64
    assert "name a file to write" in capsys.readouterr().err


def test_a_condition_that_holds_in_several_ways_is_a_table_too(tmp_path: Path) -> None:
    when = 'fragile && (kind == "box" || kind == "barrel")'
    law = zone(tmp_path, provision("p", when, "require: stamp"), questions=QUESTIONS)
    shown = report(law)
    (table,) = [part.split("</table>")[0] for part in shown.split('<table class="ways">')[1:]]
    assert table.count("<tr>") == 4
    assert [row.count("✓") for row in table.split("<tr>")[2:]] == [2, 1, 1]
    assert "A barrel" in table


def test_a_condition_that_holds_in_one_way_has_no_table(tmp_path: Path) -> None:
    law = zone(tmp_path, provision("p", "fragile && !alive", "require: stamp"), questions=QUESTIONS)
    assert '<table class="ways">' not in report(law)


DEFINED = """
    definitions:
      - {name: big, flow: goods, in_force: [null, 2024-01-01], means: mass_g > 100, says: {en: over 100, zh-Hant: 過百, zh-Hans: 过百}}
      - {name: big, flow: goods, in_force: [2024-01-01, null], means: mass_g > 500, says: {en: over 500, zh-Hant: 過五百, zh-Hans: 过五百}}
"""


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        (Interval(None, date(2024, 1, 1)), "over 100"),
        (Interval(date(2024, 1, 1)), "over 500"),
        (
            Interval(date(2023, 1, 1)),
            "[from the beginning until 2024-01-01] over 100 [from 2024-01-01 until further notice] over 500",
        ),
    ],
)
def test_a_name_is_said_as_it_was_defined_in_the_time_of_the_provision(
    tmp_path: Path, interval: Interval, said: str
) -> None:
    law = zone(tmp_path, provision("p", "big", "require: stamp"), more=DEFINED)
    assert Speaker(law, "goods", "en").during(interval).condition(parse("big")) == Phrase(said)


def test_the_table_too_says_a_name_as_it_was_defined_in_the_time_of_the_provision(tmp_path: Path) -> None:
    old = provision("p", "big || fragile", "require: stamp", "in_force: [2020-01-01, 2024-01-01]")
    shown = report(zone(tmp_path, old, more=DEFINED, questions=QUESTIONS))
    table = shown.split('<table class="ways">')[1].split("</table>")[0]
    assert "over 100" in table
    assert "over 500" not in table


def test_a_table_for_each_flow_and_way_lists_its_provisions_at_a_glance(tmp_path: Path) -> None:
    rules = [
        provision("p", "fragile", "require: stamp", "in_force: [2024-01-01, null], confidence: S"),
        provision("q", "alive", "forbid: movement", "unless: [p], route: fast_lane"),
    ]
    shown = report(zone(tmp_path, *rules, questions=QUESTIONS))
    [table] = re.findall(r'<table class="glance">(.*?)</table>', shown, re.S)
    said = {row[:1]: re.sub("<[^>]+>", "|", row) for row in table.split('<th scope="row"><a href="#')[1:]}
    assert "goods" in table.partition("</caption>")[0]
    assert re.search(r"Mainland.*required: .*\|2024-01-01\|.*\|–\|.*from a secondary source", said["p"])
    assert re.search(r"where .* is asked for: may not cross.*\|p\|", said["q"])


def test_ways_under_the_same_provisions_share_a_table_and_none_is_left_out() -> None:
    law = load()
    for flow in law.flows:
        found = list(by_way(flow, law.law.provisions, law.directions))
        told = [way for ways, _provisions in found for way in ways]
        ruled = {way for p in law.law.provisions if flow in p.flows for way in p.crosses}
        assert sorted(told) == sorted(ruled)
        assert len({tuple(p.id for p in provisions) for _ways, provisions in found}) == len(found)


def test_the_document_says_what_one_filing_serves_on_both_banks() -> None:
    measure = re.search(r'<article id="gba_standard_contract">.*?</article>', whole(), re.S)
    assert measure
    assert "One filing serves both banks" in measure[0]
    assert "each party files that same contract" in measure[0]
