"""Truths and numbers that are Python values where settled and z3 terms where open: z3 never sees what is already known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class Logic:
    """The operations of one z3 context; z3 is loaded with the first, so that the engine without proofs stays light."""

    def __init__(self) -> None:
        import z3

        self.z3 = z3
        self.context = z3.Context()

    def bit(self, name: str) -> Any:
        """An open truth."""
        return self.z3.Bool(name, self.context)

    def number(self, name: str) -> Any:
        """An open whole number."""
        return self.z3.Int(name, self.context)

    def word(self, name: str, values: Sequence[str]) -> tuple[Mapping[str, Any], Any]:
        """The truth of each word of an open word, by the binary digits of its place, and what must hold of the digits."""
        width = max(1, (len(values) - 1).bit_length())
        digits = [self.bit(f"{name} {digit}") for digit in range(width)]

        def at(place: int) -> Any:
            return self.all(d if place >> n & 1 else self.no(d) for n, d in enumerate(digits))

        unused = self.all(self.no(at(place)) for place in range(len(values), 1 << width))
        return {word: at(place) for place, word in enumerate(values)}, unused

    def no(self, part: Any) -> Any:
        """Negation."""
        return not part if isinstance(part, bool) else self.z3.Not(part)

    def all(self, parts: Iterable[Any]) -> Any:
        """Conjunction."""
        return self._joined(parts, neutral=True)

    def any(self, parts: Iterable[Any]) -> Any:
        """Disjunction."""
        return self._joined(parts, neutral=False)

    def _joined(self, parts: Iterable[Any], *, neutral: bool) -> Any:
        still = []
        for part in parts:
            if isinstance(part, bool):
                if part is not neutral:
                    return part
            else:
                still.append(part)
        if len(still) < 2:
            return still[0] if still else neutral
        return (self.z3.And if neutral else self.z3.Or)(still)

    def choose(self, test: Any, then: Any, other: Any) -> Any:
        """`then` where the test holds, else `other`; either truths or numbers."""
        if isinstance(test, bool):
            return then if test else other
        if isinstance(then, bool) or isinstance(other, bool):
            return self.any((self.all((test, then)), self.all((self.no(test), other))))
        if isinstance(then, int) and isinstance(other, int):
            if then == other:
                return then
            then = self.z3.IntVal(then, self.context)
        return then if then is other else self.z3.If(test, then, other)

    def least(self, left: Any, right: Any) -> Any:
        """Whether left is at most right."""
        return left <= right

    def same(self, left: Any, right: Any) -> Any:
        """Equality of numbers or of truths."""
        if isinstance(left, bool) or isinstance(right, bool):
            return self.any((self.all((left, right)), self.all((self.no(left), self.no(right)))))
        return left == right

    def apart(self, left: Any, right: Any) -> Any:
        """Inequality likewise."""
        return self.no(self.same(left, right))

    def floored(self, amount: Any, by: int) -> Any:
        """Division by a positive number, rounded down."""
        return amount // by if isinstance(amount, int) else amount / by
