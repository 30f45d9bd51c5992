"""What is made up is marked, lightly where names stand close together."""

from __future__ import annotations

import pytest
from django.utils import translation
from tests.site.conftest import Stage

from twoparks.site.templatetags.twoparks import lightly

MARK = '<span aria-hidden="true">°</span><span class="vh"> {}</span>'


@pytest.mark.parametrize(
    ("language", "name", "word"),
    [
        ("en", "Oyster Ltd {}", "(fictitious)"),
        ("zh-hant", "北岸{}", "（虛構）"),
        ("zh-hans", "北岸{}", "（虚构）"),
    ],
)
def test_the_word_for_fictitious_becomes_a_mark_that_is_read_out(language: str, name: str, word: str) -> None:
    with translation.override(language):
        shown = lightly(f"{name.format(word)} → B")
    assert shown == f"{name.format('').rstrip()}{MARK.format(word)} → B"


def test_a_name_without_the_word_is_left_alone_and_escaped() -> None:
    assert lightly("R<D") == "R&lt;D"


def test_a_list_says_what_its_mark_means(stage: Stage) -> None:
    stage.story.declare()
    page = stage.get("sz-lab", "/permits/").html
    assert ("° after a name means fictitious" in page, MARK.format("(fictitious)") in page) == (True, True)
