"""What a flow must say of itself, and what its declarations are read against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from twoparks.law.zone import Zone as Law
from twoparks.passes.claims import Binding
from twoparks.permits.carried import Carried
from twoparks.permits.reading import Reader
from twoparks.permits.types import Declaration, Evidence, Party, ProjectRef
from twoparks.registry.zone import Zone


@dataclass(frozen=True)
class Registered:
    """A person whom the employer registered here: what a declaration may say of it."""

    id: str
    pseudonym: str
    holder: str | None  # of the phone's key, once the person made it
    agreed: frozenset[str]  # `consent_digest` of every consent that stands


@dataclass(frozen=True)
class Context:
    """What a declaration is read against: its project with both parties, approvals held, the zone, the law, the day."""

    project: ProjectRef
    applicant: Party
    partner: Party
    approvals: tuple[Evidence, ...]  # used when the declaration does not list its own evidence
    zone: Zone
    law: Law
    today: date
    person: Callable[[str], Registered | None]  # of the applicant's organisation, by id


@dataclass(frozen=True)
class Read:
    """What a flow read of what was typed."""

    carries: Carried
    exit_groups: tuple[str, ...]
    entry_groups: tuple[str, ...]


class Flow(Protocol):
    """One kind of thing that crosses."""

    key: str
    fields: frozenset[str]  # of a declaration, beside those of every flow
    both_ways: bool  # out and back under one permit
    numbers: bool  # whether approvals are declared with their numbers
    said: frozenset[str]  # facts that the declaration says by other fields

    def read(self, reader: Reader, raw: Mapping[str, Any], crosses: str, context: Context) -> Read:
        """What is carried and which gates it uses; every problem goes to `reader`."""
        ...

    def agreed(
        self, reader: Reader, raw: Mapping[str, Any], facts: Mapping[str, Any], context: Context
    ) -> None:
        """Tell `reader` where somebody's agreement to these facts is missing."""
        ...

    def derived(self, carries: Carried) -> Mapping[str, Any]:
        """Facts that what is carried settles by itself."""
        ...

    def asked(self, declaration: Declaration, zone: Zone) -> tuple[Mapping[str, Any], ...]:
        """What the law is asked beside the stated facts: once for each of these, the worst answer counts."""
        ...

    def to_json(self, declaration: Declaration) -> dict[str, Any]:
        """What is carried and the route, as `permit.declared` has them."""
        ...

    def from_json(self, raw: Mapping[str, Any]) -> Read:
        """The same, back from a body that its contract accepted."""
        ...

    def typed(self, declaration: Declaration, zone: Zone) -> dict[str, Any]:
        """What is carried and the route, as a file or form writes them, to be varied."""
        ...

    def refusal(self, declaration: Declaration, zone: Zone) -> tuple[str, str] | None:
        """Code and words of what is wrong with the other park's declaration, or None."""
        ...

    def binding(self, declaration: Declaration) -> tuple[Binding, bytes]:
        """What its pass is bound to: labels or a phone, and the digest that says which."""
        ...
