"""How truths become an outcome, written once for any algebra of two truth values: bit planes, SQL, formulas.

`outcome` says the same of one case and is what is tested against; here nothing branches on a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from .answer import Outcome
from .pack import BANKS
from .verdict import BankRoots, Reading, RouteRoots


class Algebra(Protocol):
    """Two truth values under `&`, `|` and `~`."""

    def __and__(self, other: Self, /) -> Self: ...
    def __or__(self, other: Self, /) -> Self: ...
    def __invert__(self, /) -> Self: ...


B = TypeVar("B", bound=Algebra)


class Truth(NamedTuple, Generic[B]):
    """Whether something may be true and may be false; both where it is unknown. Negation swaps them."""

    may: B
    may_not: B

    @property
    def certain(self) -> B:
        """Whether it is certainly true."""
        return ~self.may_not


class Scale(NamedTuple, Generic[B]):
    """How severe: at least conditional, at least refer, forbidden. Each rung implies those before it."""

    conditional: B
    refer: B
    forbidden: B

    def worse(self, other: Scale[B]) -> Scale[B]:
        """The severer of both."""
        return Scale(*(mine | theirs for mine, theirs in zip(self, other, strict=True)))

    def where(self, asked: B) -> Scale[B]:
        """As it is where asked, clear elsewhere."""
        return Scale(*(rung & asked for rung in self))

    def differs(self, other: Scale[B]) -> B:
        """Whether the two are not equally severe."""
        return reduce(lambda x, y: x | y, ((a & ~b) | (b & ~a) for a, b in zip(self, other, strict=True)))


class Span(NamedTuple, Generic[B]):
    """The mildest and the severest that the missing facts allow."""

    least: Scale[B]
    most: Scale[B]

    def worse(self, other: Span[B]) -> Span[B]:
        """The severer of both, at either end."""
        return Span(self.least.worse(other.least), self.most.worse(other.most))

    def differs(self, other: Span[B]) -> B:
        """Whether either end differs."""
        return self.least.differs(other.least) | self.most.differs(other.most)

    @property
    def open(self) -> B:
        """Whether the missing facts still matter."""
        # The mildest is never severer than the severest.
        return reduce(
            lambda x, y: x | y, (high & ~low for low, high in zip(self.least, self.most, strict=True))
        )


class Many(Protocol[B]):
    """The cases an outcome is written for."""

    never: B
    """What is true of none of them."""

    def truth(self, node: int) -> Truth[B]:
        """A node of the reading's graph."""

    def states(self, fact: str, word: str) -> B:
        """Whether `held` or `sought` names a measure."""


Outcomes = Mapping[Outcome, B]
"""Which cases have which outcome: exactly one of them is true of each."""


def settle(
    reading: Reading, many: Many[B], banks: Sequence[str] = BANKS, sought: Sequence[str] = ()
) -> Outcomes[B]:
    """The outcome over these banks of each case; `sought` are the measures that some case may ask for."""
    if any(rule.provision.decides for rule in reading.rules):
        full = _over(many, reading.banks, banks)
        verified = _over(many, reading.banks_without_memory, banks) if reading.remembered() else full
        whole = _outcomes(full, verified)
        barred = full.least.forbidden
    else:
        barred = many.never
        whole = dict.fromkeys(Outcome, many.never) | {Outcome.REFER: ~many.never}
    return _sought(reading, many, sought, barred, whole) if sought else whole


def _over(many: Many[B], roots: Mapping[str, BankRoots], banks: Sequence[str]) -> Span[B]:
    return reduce(Span.worse, (_span(*map(many.truth, roots[bank])) for bank in banks))


def _span(forbidden: Truth[B], referred: Truth[B], unmet: Truth[B]) -> Span[B]:
    return Span(
        _scale(forbidden.certain, referred.certain, unmet.certain),
        _scale(forbidden.may, referred.may, unmet.may),
    )


def _scale(forbidden: B, referred: B, unmet: B) -> Scale[B]:
    refer = forbidden | referred
    return Scale(refer | unmet, refer, forbidden)


def _outcomes(full: Span[B], verified: Span[B]) -> dict[Outcome, B]:
    """What is settled and would not be without what rests on memory is for a person to decide."""
    scale, unknown = full.least, full.open
    by_memory = ~unknown & full.differs(verified)
    stands = ~(unknown | by_memory)
    return {
        Outcome.CLEAR: stands & ~scale.conditional,
        Outcome.CONDITIONAL: stands & scale.conditional & ~scale.refer,
        Outcome.REFER: by_memory | (stands & scale.refer & ~scale.forbidden),
        Outcome.FORBIDDEN: stands & scale.forbidden,
        Outcome.UNKNOWN: unknown,
    }


def _sought(
    reading: Reading, many: Many[B], measures: Sequence[str], barred: B, whole: Outcomes[B]
) -> Outcomes[B]:
    """The worst of the measures asked for, where some are; a movement certainly forbidden stays so."""
    spans, asks = [], many.never
    for measure in measures:
        asked = many.states("sought", measure)
        asks = asks | asked
        spans.append(_route(reading, many, measure, asked))
    span = reduce(Span.worse, spans)
    found = _outcomes(span, span)
    barred = barred & asks
    free = asks & ~barred
    chosen = {outcome: (found[outcome] & free) | (whole[outcome] & ~asks) for outcome in Outcome}
    return chosen | {Outcome.FORBIDDEN: chosen[Outcome.FORBIDDEN] | barred}


def _route(reading: Reading, many: Many[B], measure: str, asked: B) -> Span[B]:
    """One measure; refer where its settled answer turns on what is remembered, closed where the law never names it."""
    if measure not in reading.routes:
        return Span(Scale(asked, asked, asked), Scale(asked, asked, asked))
    waits = ~many.states("held", measure)
    full, verified = (
        _way(many, routes[measure], waits) for routes in (reading.routes, reading.routes_without_memory)
    )
    turns = ~full.open & full.differs(verified)
    least, most = (
        Scale(end.conditional | turns, end.refer | turns, end.forbidden & ~turns).where(asked) for end in full
    )
    return Span(least, most)


def _way(many: Many[B], roots: RouteRoots, waits: B) -> Span[B]:
    """Closed is forbidden, open and not held is conditional, perhaps open anything from clear to forbidden."""
    is_open, referred, unmet = map(many.truth, roots)
    certain, closed = is_open.certain, ~is_open.may
    least = _scale(closed, certain & referred.certain, certain & (waits | unmet.certain))
    return Span(least, _scale(is_open.may_not, referred.may, waits | unmet.may))


def conjunction(parts: Iterable[Truth[B]]) -> Truth[B]:
    """Kleene's `and`."""
    return reduce(lambda x, y: Truth(x.may & y.may, x.may_not | y.may_not), parts)


def disjunction(parts: Iterable[Truth[B]]) -> Truth[B]:
    """Kleene's `or`."""
    return reduce(lambda x, y: Truth(x.may | y.may, x.may_not & y.may_not), parts)
