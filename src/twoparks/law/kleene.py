"""Three truth values in two bits, so that `and`, `or` and `not` cost one operation each.

Bit 0: it may be true. Bit 1: it is certainly true. Hence FALSE is 0, UNKNOWN 1, TRUE 3, conjunction is `&`,
disjunction is `|`, and negation a look-up.
"""

from __future__ import annotations

from typing import Final

FALSE: Final = 0
UNKNOWN: Final = 1
TRUE: Final = 3

NOT: Final = (TRUE, UNKNOWN, FALSE, FALSE)


class _Missing:
    """The value of a fact that was not stated."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def truth(state: int) -> bool | None:
    """True, False, or None for unknown."""
    return None if state == UNKNOWN else state == TRUE


def state_of(value: bool | None) -> int:
    """The inverse of `truth`."""
    return UNKNOWN if value is None else TRUE if value else FALSE
