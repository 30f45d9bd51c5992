"""The lists of what waits: a desk's own work, and all that waits at this park. Pages, files and API are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twoparks.lists import search
from twoparks.lists.statuses import status_word
from twoparks.lists.types import (
    Choice,
    Column,
    Days,
    Exactly,
    Kind,
    Listing,
    Options,
    Row,
    Rows,
    Search,
    View,
)
from twoparks.packs import load
from twoparks.permits import finding, letter, queries, telling
from twoparks.permits.lists import directions
from twoparks.permits.models import PermitRow, Work
from twoparks.permits.pieces import marked, pieces, without_desk
from twoparks.permits.queries import PermitLine
from twoparks.permits.types import Todo
from twoparks.registry.access import Verb, demand, roles_of, scopes_of
from twoparks.registry.models import Role, User
from twoparks.registry.node import this_node
from twoparks.registry.queries import desks
from twoparks.registry.words import direction_word, words

PARK = "park"


@dataclass(frozen=True)
class WaitingLine:
    """One permit that waits, with the pieces of work its reader was given; `ready` when the park may clear it now."""

    permit: PermitLine
    work: tuple[Todo, ...]
    since: datetime
    ready: bool


def _alive(now: datetime) -> Rows:
    return PermitRow.objects.filter(waits_here__in=["authority", PARK], expires_at__gt=now)


def _for_park() -> Q:
    """What the park's officers have to see: theirs, and what waits for an authority that has no desk here."""
    return Q(waits_here=PARK) | Q(pk__in=without_desk(desks()).values("permit"))


def _own(user: User, now: datetime) -> Rows:
    """What waits for the desks of this user, each row carrying the work of those desks alone."""
    reach, mine = Q(pk__in=[]), Q(pk__in=[])
    for role in {role for role, _scope in scopes_of(user, Verb.SEE_QUEUE)}:
        if role.kind == Role.Kind.AUTHORITY_OFFICER:
            desk = Q(authority=role.authority)
            reach, mine = reach | Q(pk__in=Work.objects.filter(desk).values("permit")), mine | desk
        if role.kind == Role.Kind.PARK_OFFICER:
            stuck = Q(pk__in=without_desk(desks()).values("pk"))
            reach, mine = reach | _for_park(), mine | Q(permit__waits_here=PARK) | stuck
    return _alive(now).filter(reach).prefetch_related(Prefetch("work", Work.objects.filter(mine), "shown"))


def _all(user: User, now: datetime) -> Rows:
    """All that waits at this park, for those whose reach is the whole of it; raises Forbidden for others."""
    demand(user, Verb.SEE_QUEUE)
    return _alive(now).prefetch_related(Prefetch("work", Work.objects.all(), "shown"))


def _lines(rows: Sequence[Row], now: datetime) -> Sequence[WaitingLine]:
    here = desks()
    return [_line(row, marked(pieces(row.shown), here), now) for row in rows]


def _line(row: Row, work: tuple[Todo, ...], now: datetime) -> WaitingLine:
    since = min((piece.since for piece in row.shown), default=row.changed_at)
    return WaitingLine(queries.line(row, now), work, since, row.waits_here == PARK and not work)


def _authorities() -> Options:
    """The park itself, and every authority this bank's law names."""
    bank = this_node().park.bank
    named = [
        (key, letter.authority_name(key)) for key, a in load().authorities.items() if a.bank in {bank, "both"}
    ]
    return [(PARK, _("the park")), *named]


def _before(rows: Rows, value: str, _now: datetime) -> Rows:
    if value == PARK:
        return rows.filter(_for_park())
    return rows.filter(pk__in=Work.objects.filter(authority=value).values("permit"))


def _each(texts: Sequence[str]) -> str:
    return " · ".join(dict.fromkeys(texts))


def _about(line: WaitingLine) -> str:
    return status_word("ready") if line.ready else _each([telling.about(todo) for todo in line.work])


def _why(line: WaitingLine) -> str:
    """Why each piece waits; said to be simulated where a simulated register answered."""
    simulated = [str(_("simulated register"))] if any(todo.simulated for todo in line.work) else []
    return _each([*(telling.why(todo) for todo in line.work), *simulated])


def _ready(user: User) -> Sequence[View]:
    """One view a desk, for those who answer for several."""
    roles = roles_of(user)
    kept = dict.fromkeys(r.authority for r in roles if r.kind == Role.Kind.AUTHORITY_OFFICER)
    found = [View(letter.authority_name(key), f"authority={key}") for key in kept]
    if any(r.kind == Role.Kind.PARK_OFFICER for r in roles):
        found.append(View(_("the park"), f"authority={PARK}"))
    return found if len(found) > 1 else ()


WORK: Listing[WaitingLine] = Listing(
    name="work",
    title=_("My work"),
    columns=(
        Column(
            "title",
            _("Declaration"),
            lambda line: words(line.permit.title),
            href=lambda line: reverse("decide", args=[line.permit.id]),
            note=lambda line: (
                f"{words(line.permit.sender_name)} → {words(line.permit.recipient_name)} · {line.permit.id}"
            ),
        ),
        Column("id", _("Number"), lambda line: line.permit.id, Kind.CODE, on_page=False),
        Column(
            "work",
            _("What waits"),
            _about,
            note=_why,
        ),
        Column(
            "authority",
            _("Waits for"),
            lambda line: _each([telling.whose(t) for t in line.work] or [_park()]),
        ),
        Column(
            "since",
            pgettext_lazy("column: the moment from which", "Since"),
            lambda line: line.since,
            Kind.MOMENT,
        ),
        Column(
            "crosses", _("Direction"), lambda line: line.permit.crosses, word=direction_word, on_page=False
        ),
        Column("version", _("Version"), lambda line: line.permit.version, Kind.NUMBER, on_page=False),
        Column("project", _("Project"), lambda line: line.permit.project, Kind.CODE, on_page=False),
        Column(
            "declared",
            pgettext_lazy("column: the moment when", "Declared"),
            lambda line: line.permit.declared_at,
            Kind.MOMENT,
            sort="declared_at",
        ),
        Column(
            "changed",
            _("Changed"),
            lambda line: line.permit.changed_at,
            Kind.MOMENT,
            sort="changed_at",
            on_page=False,
        ),
    ),
    filters=(
        Search(
            _("Search"),
            _(
                "Words of the title, the parties, the goods or labels, or the number; in either Chinese script."
            ),
            lambda rows, typed: search.narrow(rows, finding.KIND, typed),
        ),
        Choice("authority", _("Waits for"), _authorities, _before),
        Choice("crosses", _("Direction"), directions, lambda rows, value, _now: rows.filter(crosses=value)),
        Days("declared", pgettext_lazy("column: the moment when", "Declared"), "declared_at"),
        Exactly("project", _("Project"), "project"),
    ),
    rows=_own,
    lines=_lines,
    order="declared",
    empty=_(
        "Nothing waits here. A declaration comes when the law names this desk, or when everything else is decided."
    ),
    ready=_ready,
)


def _park() -> str:
    return str(_("the park"))


WAITING: Listing[WaitingLine] = replace(
    WORK,
    name="waiting",
    title=_("All that waits at this park"),
    columns=tuple(
        replace(column, href=lambda line: reverse("permit", args=[line.permit.id])) if column.href else column
        for column in WORK.columns
    ),
    rows=_all,
    ready=lambda _user: (),
)
