"""What a permit is for: goods, or one person. Values only."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = ("tube", "vial", "slide", "block", "bag", "box", "bottle", "piece", "set", "g", "kg", "ml", "l")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Item:
    """One line of goods; money in cents, masses in grams, origin an ISO 3166 code."""

    line: int
    description: str
    hs_code: str
    origin: str
    quantity: int
    unit: str
    value_hkd_cents: int
    gross_mass_g: int
    net_mass_g: int
    un_number: str | None  # a value of the vocabulary's un_numbers


@dataclass(frozen=True)
class Goods:
    """A consignment, bound to the labels that a gate can read off it."""

    items: tuple[Item, ...]
    containers: tuple[str, ...]
    seal: str | None
    customs_declaration: str | None

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything a gate can read off the consignment: container labels and the seal."""
        return (*self.containers, *((self.seal,) if self.seal else ()))


@dataclass(frozen=True)
class Hours:
    """Minutes of the gate's local day, half-open [start, end), within one day."""

    start: int
    end: int

    def hold(self, minute: int) -> bool:
        """Whether that minute of the day lies within."""
        return self.start <= minute < self.end

    @property
    def text(self) -> str:
        """'07:00-23:00'; 24:00 is the end of the day."""
        return f"{self.start // 60:02d}:{self.start % 60:02d}-{self.end // 60:02d}:{self.end % 60:02d}"


@dataclass(frozen=True)
class Traveller:
    """One person by the pseudonym made for the other park, bound to the key of the person's phone. No name, no document."""

    pseudonym: str
    holder: str  # base64url of the 16 bytes by which a pass names the phone's key
    hours: Hours | None  # None: at any hour


Carried = Goods | Traveller
