"""Why a pass, proof or list is not believed: a code with its values for programs, a sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twoparks.ledger.refusal import LedgerRefusal

Values = Mapping[str, str | int]


@dataclass(frozen=True)
class Refusal:
    """One reason not to believe something. `code` and `values` feed the catalogues, `plain` is English."""

    code: str
    plain: str
    values: Values = field(default_factory=dict)


class PassRefused(LedgerRefusal):
    """Raised with the refusal inside where a value cannot be returned."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.plain)
        self.refusal = refusal


def refuse(code: str, plain: str, **values: str | int) -> PassRefused:
    """The exception that carries this refusal."""
    return PassRefused(Refusal(code, plain, values))
