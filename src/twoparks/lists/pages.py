"""Any list as a page, as the part of it that changes, or as a file; and the views a person saved."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from twoparks.lists import actions, asked, queries, sheets
from twoparks.lists.fields import fields, orders, said
from twoparks.lists.types import Asked, Cell, Column, Line, Listing, Problem, Refused

NARROW = "narrow"  # what the form of a sealed search says it does
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Head:
    """A column's heading: where its link leads when it can be ordered by, and how it is ordered now."""

    column: Column[Any]  # Any: of whichever line the list has
    query: str
    aria: str  # ascending, descending, none, or empty when it cannot be sorted


@dataclass(frozen=True)
class Shown:
    """One cell of a page."""

    column: Column[Any]  # Any: as in Head
    value: Cell
    word: str
    href: str
    note: str


def show(
    request: HttpRequest,
    listing: Listing[Line],
    template: str = "lists/list.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    """The list for this reader; `?as=csv` and `?as=xlsx` give it as a file. A POST keeps its filter as a view, or asks what no address says."""
    user, now = cast(AbstractBaseUser, request.user), timezone.now()
    narrows = listing.seals and request.POST.get("do") == NARROW
    try:
        given = request.POST if narrows else request.GET
        wanted = asked.read(listing, given.dict())  # type: ignore[arg-type]  # of strings, as every query
        if request.method == "POST" and not narrows:
            return _saved(request, listing, wanted)
        if narrows and not _swaps(request):
            return redirect(_address(request, asked.query(listing, wanted), wanted))
        if (form := request.GET.get("as", "")) in FORMATS:
            return _file(listing, user, wanted, form)
        page = queries.page(listing, user, wanted, now)
    except Refused as wrong:
        return _page(request, listing, (template, more, wrong.problems), None, Asked())
    except queries.TooMany as wrong:
        return _page(request, listing, (template, more, (Problem("as", str(wrong)),)), None, wanted)
    return _page(request, listing, (template, more, ()), page, wanted)


def _page(
    request: HttpRequest,
    listing: Listing[Line],
    how: tuple[str, Mapping[str, Any] | None, tuple[Problem, ...]],
    page: queries.Page[Line] | None,
    wanted: Asked,
) -> HttpResponse:
    template, more, problems = how
    keep = asked.query(listing, wanted)
    typed = (request.POST or request.GET) if problems else wanted.values
    context = {
        "listing": listing,
        "address": request.path,
        "page": page,
        "problems": problems,
        "fields": fields(listing, typed),
        "orders": orders(listing, wanted.sort or listing.order),
        "narrowed": bool(wanted.values) or bool(problems),
        "heads": _heads(listing, wanted),
        "rows": [_row(listing, line) for line in page.rows] if page else [],
        "keep": keep,
        "opens": any(column.on_page and column.href for column in listing.columns),
        "swapped": _swaps(request),
        "views": _views(request, listing, keep),
        **(more or {}),
    }
    response = render(
        request,
        "lists/_results.html" if context["swapped"] else template,
        context,
        status=422 if problems and not context["swapped"] else 200,
    )
    if context["swapped"]:
        response.headers["HX-Push-Url"] = _address(request, keep, wanted)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _swaps(request: HttpRequest) -> bool:
    """Whether only the part of the page that changes is asked for."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def _address(request: HttpRequest, keep: str, wanted: Asked) -> str:
    """The shortest address of what is shown, for the browser's address bar; as typed while it cannot be used."""
    if request.method == "GET" and request.GET and not wanted.sort:
        return request.get_full_path()
    place = {name: key for name, key in (("after", wanted.after), ("before", wanted.before)) if key}
    said_here = "&".join(part for part in (keep, urlencode(place)) if part)
    return f"{request.path}?{said_here}" if said_here else request.path


def _heads(listing: Listing[Line], wanted: Asked) -> list[Head]:
    sort = wanted.sort or listing.order
    heads = []
    for column in listing.columns:
        if not column.on_page:
            continue
        ordered = sort.removeprefix("-") == column.name
        aria = (
            ""
            if not column.sort
            else ("none" if not ordered else "descending" if sort.startswith("-") else "ascending")
        )
        turned = column.name if ordered and sort.startswith("-") else f"-{column.name}"
        heads.append(
            Head(column, asked.query(listing, Asked(wanted.values, turned)) or f"sort={turned}", aria)
        )
    return heads


def _row(listing: Listing[Line], line: Line) -> list[Shown]:
    found = []
    for column in listing.columns:
        if column.on_page:
            value = column.value(line)
            word = column.word(value) if column.word and isinstance(value, str) else ""
            href = column.href(line) if column.href else ""
            found.append(Shown(column, value, word, href, column.note(line) if column.note else ""))
    return found


def _views(request: HttpRequest, listing: Listing[Line], keep: str) -> list[dict[str, Any]]:
    user = cast(AbstractBaseUser, request.user)
    own = [(v.name, v.query) for v in queries.saved_views(user, listing.name)] if _known(request) else []
    ready = [(str(view.name), view.query) for view in listing.ready(user)]
    return [
        {"name": name, "query": said_query, "here": said_query == keep} for name, said_query in (*ready, *own)
    ]


def _known(request: HttpRequest) -> bool:
    """Whether somebody signed in: a list that everybody may read keeps no views of strangers."""
    return bool(request.user.is_authenticated)


def _saved(request: HttpRequest, listing: Listing[Line], wanted: Asked) -> HttpResponse:
    if not _known(request):
        return redirect_to_login(request.get_full_path())
    try:
        kept = actions.save_view(
            cast(AbstractBaseUser, request.user), listing, wanted, request.POST.get("name", "")
        )
    except actions.NotKept as wrong:
        messages.error(request, str(wrong))
    else:
        messages.success(request, _("Kept as %(name)s. Only you see it.") % {"name": kept.name})
    return redirect(f"{request.path}?{asked.query(listing, wanted)}")


def _file(listing: Listing[Line], user: AbstractBaseUser, wanted: Asked, form: str) -> HttpResponseBase:
    now = timezone.now()
    lines = queries.every(listing, user, wanted, now)
    columns = sheets.columns_of(listing.columns)
    name = f"{listing.name}-{timezone.localdate(now).isoformat()}.{form}"
    response: HttpResponseBase
    if form == "csv":
        response = StreamingHttpResponse(sheets.csv_lines(columns, lines), content_type=FORMATS[form])
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        book = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  # the response closes it when it is sent
        about = [*said(listing, wanted), (_("Made"), timezone.localtime(now).isoformat(timespec="seconds"))]
        sheets.write_xlsx(Path(book.name), sheets.Sheet(str(listing.title), about), columns, lines)
        book.seek(0)
        response = FileResponse(book, as_attachment=True, filename=name, content_type=FORMATS[form])
    response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
def views(request: HttpRequest) -> HttpResponse:
    """The person's own views: open, rename, throw away."""
    user = cast(AbstractBaseUser, request.user)
    if request.method == "POST":
        number = request.POST.get("view", "")
        view = int(number) if number.isdigit() and len(number) < 19 else 0
        try:
            if request.POST.get("do") == "delete":
                actions.delete_view(user, view)
                messages.success(request, _("The view is gone."))
            else:
                actions.rename_view(user, view, request.POST.get("name", ""))
                messages.success(request, _("The view has its new name."))
        except actions.NotKept as wrong:
            messages.error(request, str(wrong))
        return redirect("views")
    own = [
        {"view": view, "href": f"{reverse(view.listing)}?{view.query}"} for view in queries.saved_views(user)
    ]
    return render(request, "lists/views.html", {"views": own})
