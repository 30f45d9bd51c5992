"""The packs' own cases tell the law from what is nearly the law."""

from __future__ import annotations

import pytest

from twoparks.law.mutation import chosen_mutants, tried
from twoparks.packs import FOLDER, load

pytestmark = pytest.mark.one_database


def test_no_mutant_of_a_sample_survives() -> None:
    found = tried(FOLDER, chosen_mutants(load().law, sample=150), processes=1).survivors
    assert not found, "\n".join(map(str, found))


@pytest.mark.soak
def test_no_mutant_survives() -> None:
    found = tried(FOLDER, chosen_mutants(load().law)).survivors
    assert not found, "\n".join(map(str, found))
