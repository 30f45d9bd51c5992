"""A case that shows something, with no more facts than it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .facts import plain
from .pack import FactSpec

Facts = Mapping[str, object]

_KEPT = ("flow", "crosses", "on", "held", "sought")


def fewest(facts: Facts, shows: Callable[[Facts], bool]) -> dict[str, object]:
    """The facts without those that are not needed for `shows`, which holds of them; sets without words that are not."""
    found = dict(facts)
    for name in sorted(facts, key=lambda name: (not isinstance(facts[name], frozenset), name)):
        value = found[name]
        if isinstance(value, frozenset):
            for word in sorted(value):
                smaller = {**found, name: found[name] - {word}}  # type: ignore[operator]  # a set, as just seen
                if shows(smaller):
                    found = smaller
        if name in _KEPT and name not in ("held", "sought"):
            continue
        without = {key: value for key, value in found.items() if key != name}
        if shows(without):
            found = without
    return found


def written(facts: Facts, specs: Mapping[str, FactSpec]) -> dict[str, object]:
    """A case as it is written: in the order of the vocabulary, days as YYYY-MM-DD, nothing held or sought left out."""
    return {
        name: plain(facts[name], spec.type)
        for name, spec in specs.items()
        if name in facts and not (name in ("held", "sought") and not facts[name])
    }
