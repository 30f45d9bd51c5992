"""Every verb of access has words."""

from twoparks.registry.access import Verb
from twoparks.registry.rights import SAYS


def test_every_verb_is_said_in_words() -> None:
    assert [verb for verb in Verb if verb not in SAYS] == []
