"""The readers of lists: one page, all of it for a file, a person's saved views. Work is bounded whatever the list holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.utils.translation import gettext as _

from twoparks.lists.asked import narrowed
from twoparks.lists.models import SavedView
from twoparks.lists.types import Asked, Line, Listing, Problem, Refused, Row, Rows, Search

PAGE = 25
COUNT_MAX, FOUND_MAX = 10_000, 1_000  # no page counts further; nor further than that what a search found
FILE_MAX = 50_000  # rows in a file
CHUNK = 500


@dataclass(frozen=True)
class Page(Generic[Line]):
    """One page; `total` is exact unless `more`, when there are more than that. `earlier` and `next` are rows to go on from."""

    rows: tuple[Line, ...]
    total: int
    more: bool = False
    earlier: str = ""
    next: str = ""


class TooMany(ValueError):
    """A file was asked of more rows than one holds."""


def page(listing: Listing[Line], user: Any, asked: Asked, now: datetime) -> Page[Line]:  # Any: as in Listing
    """The rows from where `asked` says, in its order; raises Refused when that place is gone."""
    seen = listing.rows(user, now)
    rows = narrowed(listing, seen, asked, now)
    most = (
        FOUND_MAX
        if any(isinstance(f, Search) and f.name in asked.values for f in listing.filters)
        else COUNT_MAX
    )
    total = rows.order_by()[: most + 1].count()
    back = bool(asked.before)
    found = _ordered(listing, rows, asked, back)
    if place := asked.before or asked.after:
        found = found.filter(_beyond(listing, seen, asked, place))
    some = list(_of_each(listing, user, found)[: PAGE + 1])
    further, some = len(some) > PAGE, some[:PAGE]
    if back:
        some.reverse()
    has_earlier, has_next = (further, True) if back else (bool(asked.after), further)
    return Page(
        rows=tuple(listing.lines(some, now)),
        total=min(total, most),
        more=total > most,
        earlier=str(some[0].pk) if some and has_earlier else "",
        next=str(some[-1].pk) if some and has_next else "",
    )


def _of_each(listing: Listing[Line], user: Any, found: Rows) -> Rows:
    """The same rows as far as one page reads: the first of each condition, which SQLite would otherwise sort all of."""
    conditions = listing.apart(user) if listing.apart else ()
    if len(conditions) < 2:
        return found
    first = Q()
    for condition in conditions:
        first |= Q(pk__in=found.filter(condition).values("pk")[: PAGE + 1])
    order = found.query.order_by
    return found.model._default_manager.filter(first).order_by(*order)


def every(listing: Listing[Line], user: Any, asked: Asked, now: datetime) -> Iterator[Line]:
    """Every row of every page in the same order; raises TooMany before the first when a file cannot hold them."""
    rows = narrowed(listing, listing.rows(user, now), asked, now)
    if rows.order_by()[: FILE_MAX + 1].count() > FILE_MAX:
        raise TooMany(
            _(
                "More than %(n)d rows match, and a file holds no more than that. "
                "Narrow the list first, by days for example, and take it in parts."
            )
            % {"n": FILE_MAX}
        )
    return _lines(listing, _ordered(listing, rows, asked, back=False), now)


def _lines(listing: Listing[Line], rows: Rows, now: datetime) -> Iterator[Line]:
    chunk: list[Row] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield from listing.lines(chunk, now)
            chunk = []
    yield from listing.lines(chunk, now)


def _field(listing: Listing[Line], asked: Asked) -> str:
    column = listing.column((asked.sort or listing.order).removeprefix("-"))
    assert column is not None, f"{listing.name}: {asked.sort} was not read by asked.read"
    return column.sort


def _ordered(listing: Listing[Line], rows: Rows, asked: Asked, back: bool) -> Rows:
    down = "-" if (asked.sort or listing.order).startswith("-") is not back else ""
    return rows.order_by(f"{down}{_field(listing, asked)}", f"{down}pk")


def _beyond(listing: Listing[Line], seen: Rows, asked: Asked, place: str) -> Q:
    """What lies beyond the row called `place`, which is one the reader may see; the index finds where to begin."""
    field = _field(listing, asked)
    try:
        found = seen.filter(pk=place).values_list(field, "pk").first()
    except (ValueError, OverflowError):
        found = None
    if found is None:
        says = _("The place in the list from which to go on is no longer there; begin at the first page.")
        raise Refused([Problem("before" if asked.before else "after", says)])
    value, key = found
    down = (asked.sort or listing.order).startswith("-") is not bool(asked.before)
    way = "lt" if down else "gt"
    if field == "pk":
        return Q(**{f"pk__{way}": key})
    here = Q(**{f"{field}__{way}e": value})
    return here & (Q(**{f"{field}__{way}": value}) | Q(**{f"pk__{way}": key}))


def saved_views(user: AbstractBaseUser, listing: str = "") -> tuple[SavedView, ...]:
    """The person's own views, of one list or of all."""
    own = SavedView.objects.filter(user=user)
    return tuple(own.filter(listing=listing) if listing else own)
