"""The lists of the registry: projects, organisations, approvals. Page, files and API are made from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from twoparks.lists import search
from twoparks.lists.types import Choice, Column, Exactly, Kind, Listing, Options, Row, Rows, Search
from twoparks.packs import load
from twoparks.registry import finding, queries
from twoparks.registry.models import Approval, Organisation, Project
from twoparks.registry.words import park_word, words
from twoparks.registry.zone import zone


def _as_they_are(rows: Sequence[Row], _now: datetime) -> Sequence[Row]:
    return rows


def _on(project: Project, side: str) -> Organisation:
    parties = (project.organisation, project.partner)
    return next((party for party in parties if zone().park(party.park).side == side), project.organisation)


def _parks() -> Options:
    return [(park.id, words(park.name)) for park in zone().parks.values()]


def _measure(key: str) -> str:
    known = load().measures.get(key)
    return words(known.name) if known else key


def _authority(key: str) -> str:
    known = load().authorities.get(key)
    return words(known.name) if known else key


def _validities() -> Options:
    return [("now", _("valid today")), ("ended", _("ended"))]


def _valid(rows: Rows, value: str, now: datetime) -> Rows:
    today = timezone.localdate(now)
    ended = rows.filter(valid_until__lt=today)
    return (
        ended if value == "ended" else rows.filter(valid_from__lte=today).exclude(pk__in=ended.values("pk"))
    )


PROJECTS: Listing[Project] = Listing(
    name="projects",
    title=_("Projects"),
    columns=(
        Column(
            "title", _("Project"), lambda p: words(p.title), href=lambda p: reverse("project", args=[p.pk])
        ),
        Column("id", _("Number"), lambda p: p.pk, Kind.CODE, sort="pk", on_page=False),
        Column("north", _("North bank"), lambda p: words(_on(p, "north").name)),
        Column("south", _("South bank"), lambda p: words(_on(p, "south").name)),
        Column("protocol", _("Protocol"), lambda p: p.protocol, Kind.CODE),
    ),
    filters=(
        Search(
            _("Search"),
            _("Words of the title or the parties, the protocol or the number; in either Chinese script."),
            lambda rows, typed: search.narrow(rows, finding.PROJECTS, typed),
        ),
        Choice(
            "park", _("Led from"), _parks, lambda rows, value, _now: rows.filter(organisation__park=value)
        ),
    ),
    rows=lambda user, _now: queries.projects(user),
    lines=_as_they_are,
    order="id",
    empty=_(
        "A project joins your organisation with a partner across the river. Its approvals are given once and serve every permit under it."
    ),
)

ORGANISATIONS: Listing[Organisation] = Listing(
    name="organisations",
    title=_("Organisations"),
    columns=(
        Column("name", _("Organisation"), lambda o: words(o.name), note=lambda o: str(o.pk)),
        Column("id", _("Number"), lambda o: o.pk, Kind.CODE, sort="pk", on_page=False),
        Column("park", _("Park"), lambda o: o.park, Kind.BANK, word=park_word),
        Column("kind", _("Kind"), lambda o: o.kind, word=queries.kind_word),
        Column("number", _("Registration number"), lambda o: o.number, Kind.CODE),
    ),
    filters=(
        Search(
            _("Search"),
            _("Words of the name, or a number; in either Chinese script."),
            lambda rows, typed: search.narrow(rows, finding.ORGANISATIONS, typed),
        ),
        Choice("park", _("Park"), _parks, lambda rows, value, _now: rows.filter(park=value)),
        Choice("kind", _("Kind"), queries.kinds, lambda rows, value, _now: rows.filter(kind=value)),
    ),
    rows=lambda user, _now: queries.known_organisations(user),
    lines=_as_they_are,
    order="id",
    empty=_("Organisations of both parks are listed here once this park knows them."),
)

APPROVALS: Listing[Approval] = Listing(
    name="approvals",
    title=_("Approvals"),
    columns=(
        Column("measure", _("What was approved"), lambda a: a.measure, word=_measure),
        Column("authority", _("By"), lambda a: a.authority, word=_authority),
        Column("number", _("Number"), lambda a: a.number, Kind.CODE),
        Column(
            "project",
            _("Project"),
            lambda a: words(a.project.title) if a.project else "",
            href=lambda a: reverse("project", args=[a.project_id]) if a.project_id else "",
        ),
        Column("organisation", _("Holder"), lambda a: words(a.organisation.name)),
        Column("valid_from", _("From"), lambda a: a.valid_from, Kind.DAY),
        Column("valid_until", _("Last day"), lambda a: a.valid_until, Kind.DAY),
        Column("id", _("Entry"), lambda a: a.pk, Kind.CODE, sort="pk", on_page=False),
    ),
    filters=(
        Choice("valid", _("Validity"), _validities, _valid),
        Exactly("project", _("Project"), "project"),
        Exactly("measure", _("What was approved"), "measure"),
    ),
    rows=lambda user, _now: queries.approvals(user),
    lines=_as_they_are,
    order="id",
    empty=_("Approvals of your projects, once recorded, are listed here and serve every permit of theirs."),
)
