"""The packs' own cases tell the law from what is nearly the law."""

from __future__ import annotations

import pytest

from twoparks.law.mutation import chosen_mutants, survivors
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database

STILL_LIVING = 113
"""Of some 3,600 mutants, those that no case tells yet: most on terms of measures and on what facts imply. It may only fall."""

IN_A_SAMPLE = 12
"""A sample of 150 holds five of them on average; which they are changes with every provision added."""


def test_hardly_a_mutant_of_a_sample_survives() -> None:
    found = survivors(FOLDER, chosen_mutants(load().law, sample=150), processes=1)
    assert len(found) <= IN_A_SAMPLE, "\n".join(map(str, found))


@pytest.mark.soak
def test_no_more_mutants_survive_than_are_known() -> None:
    found = survivors(FOLDER, chosen_mutants(load().law))
    assert len(found) <= STILL_LIVING, "\n".join(map(str, found))
