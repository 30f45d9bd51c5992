"""What a list is: its columns, what it can be narrowed by, its order, and the views offered ready-made. Declared once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

Line = TypeVar("Line")
Row = Any  # Any: a row of whichever model the list reads; only its own declaration looks inside
Rows = QuerySet[Row]
Words = str | Promise  # a visible string, translated where it is shown
Cell = str | int | date | datetime | None
Options = Sequence[tuple[str, Words]]  # value in the address, word on the page


class Kind(StrEnum):
    """What a cell holds; page, file and API each show it in their own way."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    MOMENT = "moment"  # an instant
    DAY = "day"  # a local legal day
    STATUS = "status"  # a key of the house's statuses
    BANK = "bank"  # a park's id


@dataclass(frozen=True)
class Column(Generic[Line]):
    """One column. `sort` is the indexed field it orders by; empty: it cannot be sorted."""

    name: str
    label: Words
    value: Callable[[Line], Cell]
    kind: Kind = Kind.TEXT
    unit: Words = ""
    sort: str = ""
    word: Callable[[str], str] | None = None  # a key's word in the reader's language
    href: Callable[[Line], str] | None = None
    note: Callable[[Line], str] | None = None  # a second, soft line on the page
    on_page: bool = True
    in_file: bool = True


@dataclass(frozen=True)
class Choice:
    """Narrow to one of several values."""

    name: str
    label: Words
    options: Callable[[], Options]
    narrow: Callable[[Rows, str, datetime], Rows]

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters in an address."""
        return (self.name,)


@dataclass(frozen=True)
class Days:
    """Narrow to instants from one local day to another, both included; two parameters."""

    name: str
    label: Words
    field: str

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters in an address."""
        return (f"{self.name}_from", f"{self.name}_until")


@dataclass(frozen=True)
class Exactly:
    """Narrow to one code that another page links with; shown only when it is set. `narrow` where a field alone will not do."""

    name: str
    label: Words
    field: str = ""
    narrow: Callable[[Rows, str], Rows] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters in an address."""
        return (self.name,)


@dataclass(frozen=True)
class Search:
    """Narrow to rows in which every word typed begins a word. `sealed`: what is typed may name a person, so no address says it."""

    label: Words
    hint: Words
    narrow: Callable[[Rows, str], Rows]
    name: str = "q"
    sealed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters in an address."""
        return (self.name,)


Filter = Choice | Days | Exactly | Search


@dataclass(frozen=True)
class View:
    """A filter under a name; `query` is what stands after the question mark."""

    name: Words
    query: str


def _no_views(_user: AbstractBaseUser) -> Sequence[View]:
    return ()


@dataclass(frozen=True)
class Listing(Generic[Line]):
    """One list. `rows` are all that a user may see, in no order; `lines` makes what the columns read of some of them."""

    name: str  # also the name of its page's address and of its files
    title: Words
    columns: Sequence[Column[Line]]
    filters: Sequence[Filter]
    rows: Callable[[Any, datetime], Rows]  # Any: the project's own user model, which this room does not know
    lines: Callable[[Sequence[Row], datetime], Sequence[Line]]
    order: str  # '-changed': the column, downwards
    empty: Words  # what would fill it
    ready: Callable[[Any], Sequence[View]] = _no_views
    apart: Callable[[Any], Sequence[Q]] | None = (
        None  # conditions that together make `rows`, each with an index in the list's order
    )

    def column(self, name: str) -> Column[Line] | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def seals(self) -> bool:
        """Whether what is typed into its search is kept out of addresses."""
        return any(isinstance(narrowing, Search) and narrowing.sealed for narrowing in self.filters)

    def sortable(self) -> Iterable[Column[Line]]:
        """Columns it can be ordered by."""
        return (c for c in self.columns if c.sort)

    def parameters(self) -> tuple[str, ...]:
        """Every name that narrows or orders this list in an address."""
        return (*(name for narrowing in self.filters for name in narrowing.names), "sort")


@dataclass(frozen=True)
class Problem:
    """A value in the address that cannot be used, and what would be accepted."""

    name: str
    says: str


class Refused(ValueError):
    """A list was asked for with values it cannot use; nothing is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(p.says for p in problems))


@dataclass(frozen=True)
class Asked:
    """What was asked of a list: known parameters that are not empty, the order, and the row to go on from."""

    values: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""  # column name, '-' before it for downwards
    after: str = ""
    before: str = ""

    @property
    def downwards(self) -> bool:
        """Whether the order goes down."""
        return self.sort.startswith("-")
