"""Words as search compares them."""

from __future__ import annotations

import pytest

from twoparks.lists.folding import asked_words, folded, kept_words

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("皇崗口岸", "皇岗口岸"),
        ("衞生署", "卫生署"),
        ("早期肝癌多中心研究", "早期肝癌多中心研究"),
        ("樣本", "样本"),
        ("ＢＯＸ－ＲＢ－０００１", "box-rb-0001"),
        ("Straße", "STRASSE"),
    ],
)
def test_width_case_and_script_are_folded(typed: str, same: str) -> None:
    assert folded(typed) == folded(same)


def test_a_letter_folds_alike_whatever_stands_beside_it() -> None:
    assert folded("頭髮乾") == "".join(map(folded, "頭髮乾"))


def test_chinese_is_found_by_any_two_characters_that_stand_together() -> None:
    kept = kept_words(["罗湖生物样本"])
    assert all(f" {word}" in kept for word in asked_words("生物樣本"))


def test_chinese_is_found_by_its_last_character_alone() -> None:
    assert all(f" {word}" in kept_words(["样本"]) for word in asked_words("本"))


def test_the_beginning_of_a_word_finds_it_and_its_end_does_not() -> None:
    kept = kept_words(["Riverbank Oncology"])
    assert [all(f" {w}" in kept for w in asked_words(t)) for t in ("onco river", "cology")] == [True, False]


def test_letters_beside_characters_are_words_of_their_own() -> None:
    assert asked_words("CT掃描2026") == ("ct", "扫描", "2026")


def test_nothing_but_signs_is_no_word() -> None:
    assert asked_words(" *&' - ") == ()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("box-rb-0001", True),
        ("rb-0001", True),
        ("box rb", True),
        ("0001", True),
        ("box-0001", False),
        ("box-1", False),
    ],
)
def test_a_code_is_found_from_each_of_its_parts_on(typed: str, found: bool) -> None:
    kept = kept_words(["BOX-RB-0001"])
    assert all(f" {word}" in kept for word in asked_words(typed)) is found
