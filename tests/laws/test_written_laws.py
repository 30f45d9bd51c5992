"""What is written back reads the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from tests.laws.expressions import conditions

from twoparks.law.language import parse
from twoparks.law.written import written
from twoparks.packs import load

pytestmark = pytest.mark.one_database


def shape(text: str) -> str:
    """The tree of a text without the offsets, which differ with spaces and brackets."""
    return re.sub(r"at=\d+", "", repr(parse(text)))


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_a_condition_written_back_is_the_same_tree(text: str) -> None:
    assert shape(written(parse(text))) == shape(text)


def test_every_condition_of_the_packs_written_back_is_the_same_tree() -> None:
    for provision in load().provisions.values():
        assert shape(written(provision.when.tree)) == shape(provision.when.text)
