"""Random histories within a vocabulary, always the same for a seed: as cases for one reading, as columns for the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from twoparks.law.pack import FactSpec

Case = dict[str, object]
_FIXED = ("flow", "crosses")


def cases(
    specs: Mapping[str, FactSpec],
    *,
    seed: int,
    count: int,
    days: Sequence[date],
    measures: Sequence[str] = (),
    missing: float = 0.25,
) -> list[Case]:
    """So many cases; each fact but the day is left out with the chance `missing`. `days` are those they fall on."""
    random = Random(seed)
    return [
        {"on": random.choice(days), **_facts(random, specs.values(), missing, days, measures)}
        for _ in range(count)
    ]


def _facts(
    random: Random,
    specs: Iterable[FactSpec],
    missing: float,
    days: Sequence[date],
    measures: Sequence[str],
) -> Case:
    found: Case = {}
    for spec in specs:
        if spec.name in (*_FIXED, "on") or random.random() < missing:
            continue
        if spec.name == "sought":
            found["sought"] = random.sample(measures, 1) if random.random() < 0.15 else []
        elif spec.name == "held":
            found["held"] = random.sample(measures, min(len(measures), random.randrange(6)))
        else:
            found[spec.name] = _value(random, spec, days)
    return found


def _value(random: Random, spec: FactSpec, days: Sequence[date]) -> object:
    if spec.nullable and random.random() < 0.2:
        return None
    if spec.type == "bool":
        return random.random() < 0.5
    if spec.type == "enum":
        return random.choice(spec.values)
    if spec.type == "set":
        return random.sample(spec.values, min(len(spec.values), random.randrange(4)))
    if spec.type == "date":
        return random.choice(days) + timedelta(days=random.choice([-90, -30, -1, 0, 0, 1, 30, 400]))
    least = spec.minimum or 0
    most = spec.maximum if spec.maximum is not None else random.choice([10, 1_000, 10**9])
    return random.randint(least, most)
