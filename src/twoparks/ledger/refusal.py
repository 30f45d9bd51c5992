"""What the ledger says when it will not accept something: a code for the program, a sentence for the reader."""

from __future__ import annotations

from typing import ClassVar


class LedgerRefusal(ValueError):
    """Base of every refusal; `code` is stable and part of the interface, the message is for people."""

    code: ClassVar[str] = "refused"

    @property
    def plain(self) -> str:
        """The sentence that says what happened, with which value, and what would be accepted."""
        return str(self)
