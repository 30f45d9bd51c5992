"""Pages of the demonstration in Chinese: no English sentence stands on them, whoever wrote what they show."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override
from tests.site.conftest import Stage
from tests.travel import OUT, Travel

from twoparks.crossings.actions import close_discrepancy, open_discrepancies
from twoparks.crossings.types import CrossingId
from twoparks.registry.phrases import phrase

LANGUAGES = ("zh-hant", "zh-hans")
SENTENCE = re.compile(r"[A-Za-z][a-z]+(?:[,;:’'.-]? [A-Za-z]?[a-z]+){3,}")
BROKE = "Tubes broke on the way; the broken ones were counted and destroyed under record."
PAGES = {
    "sz-lab": ("/", "/work/", "/projects/", "/projects/sz-j-multicentre/", "/permits/", "/permits/{permit}/", "/permits/{valid}/paper/permit/", "/permits/{permit}/paper/receipt/", "/permits/{permit}/paper/letter/", "/crossings/", "/crossings/{permit}-x1/", "/declare/", "/check/", "/zone/", "/travellers/", "/verify/", "/accounts/", "/tokens/"),
    "sz-lab-admin": ("/people/", "/travellers/days/", "/people/new/", "/travellers/new/"),
    "sz-officer": ("/work/", "/waiting/", "/permits/{waiting}/decide/", "/permits/{permit}/", "/ledger/", "/ledger/acts/"),
    "hk-officer": ("/permits/{permit}/", "/crossings/{permit}-x1/", "/crossings/"),
    "sz-gate": ("/gate/", "/gate/sz-huanggang-exit-a/"),
    "sz-commuter": ("/my-pass/", "/my-pass/movements/"),
}  # fmt: skip


def sentences(html: str) -> list[str]:
    """Runs of four English words or more between the tags; codes, and what says that it is English, are passed over."""
    html = re.sub(r"<(script|style|head|pre)\b.*?</\1>", " ", html, flags=re.S)
    html = re.sub(r'<(\w+)[^>]*(?:class="[^"]*\bcode\b[^"]*"|lang="en")[^>]*>.*?</\1>', " ", html, flags=re.S)
    return SENTENCE.findall(re.sub(r"<[^>]+>", "|", html))


@pytest.fixture
def told(stage: Stage) -> dict[str, str]:
    """A permit asked back, answered, granted and used, whose crossing came short and was explained; another waits."""
    story = stage.story
    permit = story.in_force()
    story.cross(permit, quantities={1: 35})
    with story.nodes.at("hk"):
        open_discrepancies(story.nodes.now)
        close_discrepancy(
            story.user("hk-officer"), CrossingId(f"{permit}-x1"), "short", BROKE, story.nodes.now
        )
    travel = Travel(story)
    travel.pass_gates(travel.in_force(), *OUT)
    return {"permit": str(permit), "valid": str(story.in_force()), "waiting": str(story.declare())}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_demonstration_says_an_english_sentence(
    stage: Stage, told: dict[str, str], language: str
) -> None:
    found = {}
    for person, addresses in PAGES.items():
        for address in addresses:
            shown = stage.get(person, address.format(**told), accept_language=language)
            assert shown.status == 200, (person, address, shown.status)
            if said := sentences(shown.html):
                found[person, address] = said
    assert found == {}


def test_an_english_sentence_is_found() -> None:
    assert sentences('<p>字</p><p>Tubes broke on the way.</p><span class="code">a b c d e</span>')


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_of_the_phrase_book_is_read_in_ones_language_and_any_other_as_written(language: str) -> None:
    with override(language):
        assert phrase("No objection.") in {"沒有異議。", "无异议。"}
        assert phrase("No objection. Really.") == "No objection. Really."
        assert "；" in phrase("Plasma aliquots, coded; freezer F-12, logger attached")
    with override("en"):
        assert phrase("沒有異議。") == phrase("无异议。") == "No objection."
