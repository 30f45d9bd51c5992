"""What a paper consists of: values that a page and a PDF show alike. No markup, no reading, no decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

Tint = Literal["good", "wait", "stop", "plain"]
Side = Literal["north", "south"]


class PaperKind(StrEnum):
    """The papers there are about one permit."""

    PERMIT = "permit"
    RECEIPT = "receipt"
    LETTER = "letter"


@dataclass(frozen=True)
class Text:
    """A paragraph; `soft` for what is said in passing."""

    text: str
    soft: bool = False
    type: str = field(default="text", init=False)


@dataclass(frozen=True)
class Line:
    """A label with what stands beside it, one entry a line; `code` for numbers and digests, read letter by letter."""

    label: str
    values: tuple[str, ...]
    code: bool = False


@dataclass(frozen=True)
class Pairs:
    """Labels and values."""

    lines: tuple[Line, ...]
    type: str = field(default="pairs", init=False)


@dataclass(frozen=True)
class Column:
    """One column of a table; `share` is its part of the width, 0 for as wide as it needs to be."""

    label: str
    numeric: bool = False
    code: bool = False
    share: int = 0


@dataclass(frozen=True)
class Table:
    """Rows under headed columns; `caption` says what they are."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    type: str = field(default="table", init=False)


@dataclass(frozen=True)
class Steps:
    """What to do, in this order."""

    items: tuple[str, ...]
    type: str = field(default="steps", init=False)


@dataclass(frozen=True)
class Provision:
    """A provision cited: what it says, where it stands, where to read it (empty where nothing was published)."""

    id: str
    says: str
    where: str
    source: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Law:
    """Provisions cited."""

    provisions: tuple[Provision, ...]
    type: str = field(default="law", init=False)


@dataclass(frozen=True)
class Box:
    """What one park says."""

    side: Side
    name: str
    texts: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Boxes:
    """Both parks, north above south."""

    boxes: tuple[Box, ...]
    type: str = field(default="boxes", init=False)


@dataclass(frozen=True)
class Code:
    """The pass: the text of its QR code, a description for who cannot see it, and the facts that stand beside it."""

    text: str
    says: str
    lines: tuple[Line, ...]
    type: str = field(default="code", init=False)


Block = Text | Pairs | Table | Steps | Law | Boxes | Code


@dataclass(frozen=True)
class Section:
    """A headed part of a paper."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Paper:
    """One paper in one language. `made_at` is the time of the last act it rests on, so that the same state gives the same paper."""

    kind: PaperKind | Literal["trial"]
    language: str  # en, zh-Hant or zh-Hans
    title: str
    number: str
    version: str
    subject: str
    answer: str
    tint: Tint
    marks: tuple[str, ...]  # fictitious, simulated register, assumed
    sections: tuple[Section, ...]
    park: str
    zone: str
    side: Side
    made_at: datetime
    made: str  # the same in words, with whose clock it is
    foot: str
    page_of: str  # with {page} and {pages} left in
    check_says: str = ""
    check_link: str = ""
