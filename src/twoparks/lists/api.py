"""Any list over the API, from the declaration its page is made from: parameters, rows, and the next page to ask for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Schema
from pydantic import create_model

from twoparks.lists import asked, queries
from twoparks.lists.types import Cell, Kind, Line, Listing

_TYPES: dict[Kind, Any] = {  # Any: a type as pydantic takes it
    Kind.NUMBER: int | None,
    Kind.MOMENT: datetime | None,
    Kind.DAY: date | None,
}


def parameters(listing: Listing[Line]) -> type[Schema]:
    """What the list can be asked, for the description of the API; values are checked by `asked.read`."""
    fields: dict[str, Any] = {}  # Any: as create_model takes them
    for narrowing in listing.filters:
        for name in narrowing.names:
            fields[name] = (str, Field("", description=f"Narrow by {narrowing.name}; empty: all."))
    orders = ", ".join(column.name for column in listing.sortable())
    fields["sort"] = (
        str,
        Field("", description=f"One of {orders}; '-' before it turns it. Now: {listing.order}."),
    )
    fields["after"] = (str, Field("", description="Go on after the row of this id, as `next` says."))
    fields["before"] = (str, Field("", description="Go back before the row of this id, as `earlier` says."))
    made: type[Schema] = create_model(f"{listing.name.title()}Asked", __base__=Schema, **fields)
    return made


def answers(listing: Listing[Line]) -> type[Schema]:
    """One page of the list; text is in the language asked for, statuses and directions are their keys."""
    cells: dict[str, Any] = {  # Any: as create_model takes them
        column.name: (_TYPES.get(column.kind, str), Field(...)) for column in listing.columns
    }
    row = create_model(f"{listing.name.title()}Row", __base__=Schema, **cells)
    made: type[Schema] = create_model(
        f"{listing.name.title()}Page",
        __base__=Schema,
        rows=(list[row], Field(...)),  # type: ignore[valid-type]  # made a line above
        total=(int, Field(..., description="How many there are; when `more`, at least so many.")),
        more=(bool, Field(...)),
        earlier=(str, Field(..., description="Value of `before` for the earlier page; empty on the first.")),
        next=(str, Field(..., description="Value of `after` for the next page; empty on the last.")),
    )
    return made


def answer(request: HttpRequest, listing: Listing[Line], given: Schema) -> dict[str, Any]:
    """One page for this reader; raises Refused naming each value that cannot be used."""
    wanted = asked.read(listing, given.dict())
    page = queries.page(listing, request.user, wanted, timezone.now())
    return {
        "rows": [{c.name: _cell(c.value(line), c.kind) for c in listing.columns} for line in page.rows],
        "total": page.total,
        "more": page.more,
        "earlier": page.earlier,
        "next": page.next,
    }


def _cell(cell: Cell, kind: Kind) -> Cell:
    return cell if kind in _TYPES or cell is not None else ""
