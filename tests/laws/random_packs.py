"""Random packs over the small vocabulary: every effect, exceptions, routes, memory, amounts, days, facts that others imply."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from tests.law import small
from tests.laws.expressions import conditions

from twoparks.law.language import parse
from twoparks.law.pack import Effect, Expression, Interval, Law, Place, Provision
from twoparks.law.zone import Zone

FLOW, CROSSES = "goods", "out"
DAYS = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2028, 2, 29)]
MEASURES = ("stamp", "seal", "notice", "fast_lane", "paper")
_QUESTION = "question: {en: q, zh-Hant: 甲, zh-Hans: 甲}, "
_QUESTIONS = f"""
flow: goods
questions:
  - {{fact: fragile, {_QUESTION}implied: [{{value: true, when: 'kind == "barrel"'}}]}}
  - {{fact: alive, {_QUESTION}implied: [{{value: true, when: 'kind == "animal"'}}, {{value: false, when: fragile}}]}}
"""
_WIDE = 2**62
_days = st.sampled_from(
    [
        "has(packed_on) && packed_on < on",
        "!has(packed_on) || on - packed_on <= 90",
        "has(packed_on) && on < months_after(packed_on, 1)",
        "has(packed_on) && months_after(packed_on, mass_g > 5 ? 1 : 25) <= on + 30",
        'has(packed_on) ? working_days_after("ml", packed_on, 5) <= on : fragile',
        'on >= date("2026-01-31")',
    ]
)
_amounts = st.sampled_from(
    [
        "min(mass_g, share * 3) < 40",
        "max(mass_g - 30, 0 - share) >= 7",
        "per_mille(mass_g - share, 333) == 0 - 1",
        "share(mass_g, 1, 3) > share",
        "(fragile ? mass_g : share) <= 12",
        f"mass_g * {_WIDE} + share * {_WIDE} > {_WIDE} * 60",
    ]
)
_whens = st.one_of(conditions, conditions, _days, _amounts)
_effects = st.one_of(
    st.just(Effect("forbid")),
    st.sampled_from(MEASURES).map(lambda measure: Effect("forbid", (measure,))),
    st.lists(st.sampled_from(MEASURES), min_size=1, max_size=2, unique=True).flatmap(
        lambda measures: st.builds(
            Effect, st.just("require"), st.just(tuple(measures)), st.booleans(), st.booleans()
        )
    ),
    st.sampled_from(MEASURES).map(lambda measure: Effect("exempt", (measure,))),
    st.sampled_from(MEASURES).map(lambda measure: Effect("permit", (measure,))),
    st.just(Effect("refer", authority="gate")),
    st.just(Effect("state")),
)


@cache
def base() -> Law:
    """The small vocabulary with two implied facts, and no provisions."""
    with TemporaryDirectory() as folder:
        return small.zone(
            Path(folder), small.provision("X-1", "fragile", "forbid: movement"), questions=_QUESTIONS
        ).law


@st.composite
def packs(draw: st.DrawFn) -> Zone:
    """A zone of up to five provisions; each may yield to those before it."""
    made: list[Provision] = []
    for at in range(draw(st.integers(1, 5))):
        effect = draw(_effects)
        tied = effect.kind in ("require", "refer") or effect == Effect("forbid")
        made.append(
            replace(
                base().provisions[0],
                id=f"P-{at}",
                bank=draw(st.sampled_from(["ml", "hk", "both"])),
                when=_expression(draw(_whens)),
                effect=effect,
                unless=tuple(p.id for p in made if draw(st.integers(0, 4)) == 0),
                route=draw(st.sampled_from([None, None, None, *MEASURES])) if tied else None,
                in_force=Interval(),
                confidence=draw(st.sampled_from(["V", "S", "S", "M"])),
                status=draw(st.sampled_from(["in_force", "in_force", "assumed", "pending"])),
            )
        )
    return Zone(replace(base(), provisions=tuple(made)))


def _expression(text: str) -> Expression:
    return Expression(text, parse(text), Place("random", 1, 1))
