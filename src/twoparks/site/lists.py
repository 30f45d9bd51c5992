"""The lists of this node's log: acts recorded (none's content), checkpoints signed over them, and what must not happen and did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twoparks.federation.models import Act, Checkpoint, Incident
from twoparks.federation.queries import logged
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
    View,
)
from twoparks.permits import telling as permits
from twoparks.pilots import telling as trials
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.registry.words import park_word, words
from twoparks.registry.zone import zone

KINDS = {**permits.KINDS, **trials.KINDS}


def _kinds() -> Options:
    return [(kind, str(word)) for kind, word in KINDS.items()]


def _parks() -> Options:
    return [(park.id, words(park.name)) for park in zone().parks.values()]


def _about(act: Act) -> str:
    """The page of the permit or trial an act is about; empty for acts about something else."""
    if act.kind.startswith("trial."):
        return reverse("trial", args=[act.stream])
    return reverse("permit", args=[act.stream]) if act.kind.startswith(("permit.", "crossing.")) else ""


def _rows(user: User, _now: datetime) -> Rows:
    demand(user, Verb.SEE_LEDGER)
    return logged()


def _as_they_are(rows: Sequence[Row], _now: datetime) -> Sequence[Row]:
    return rows


ACTS: Listing[Act] = Listing(
    name="acts",
    title=_("Acts in the log"),
    columns=(
        Column("number", _("Number"), lambda act: act.number, Kind.NUMBER, sort="pk"),
        Column("kind", _("What"), lambda act: act.kind, word=lambda key: str(KINDS.get(key, key))),
        Column("park", _("Park"), lambda act: act.park, Kind.BANK, word=park_word),
        Column("stream", _("About"), lambda act: act.stream, Kind.CODE, href=_about),
        Column("at", _("When"), lambda act: act.at, Kind.MOMENT),
        Column("recorded", _("Recorded here"), lambda act: act.recorded_at, Kind.MOMENT, on_page=False),
        Column("leaf", _("Leaf"), lambda act: act.leaf_index, Kind.NUMBER, on_page=False),
        Column("digest", _("Digest"), lambda act: act.digest, Kind.CODE, on_page=False),
        Column("short_digest", _("Digest"), lambda act: f"{act.digest[:16]}…", Kind.CODE, in_file=False),
    ),
    filters=(
        Choice("kind", _("What"), _kinds, lambda rows, value, _now: rows.filter(kind=value)),
        Choice("park", _("Park"), _parks, lambda rows, value, _now: rows.filter(park=value)),
        Exactly("stream", _("About"), "stream"),
    ),
    rows=_rows,
    lines=_as_they_are,
    order="-number",
    empty=_("The first act recorded or received here is the first entry."),
)


def _checkpoints(user: User, _now: datetime) -> Rows:
    demand(user, Verb.SEE_LEDGER)
    return Checkpoint.objects.all()


def _cosigned(row: Checkpoint) -> str:
    return "cosigned" if row.cosigned_at else "not_cosigned"


CHECKPOINTS: Listing[Checkpoint] = Listing(
    name="checkpoints",
    title=_("Checkpoints"),
    columns=(
        Column("acts", _("Acts"), lambda row: row.size, Kind.NUMBER, sort="size"),
        Column("root", _("Root"), lambda row: bytes(row.root).hex(), Kind.CODE, on_page=False),
        Column(
            "short_root", _("Root"), lambda row: f"{bytes(row.root).hex()[:16]}…", Kind.CODE, in_file=False
        ),
        Column("signed_at", _("Signed"), lambda row: row.signed_at, Kind.MOMENT),
        Column("state", _("State"), _cosigned, Kind.STATUS, word=status_word),
        Column("cosigned_at", _("Cosigned by the other park"), lambda row: row.cosigned_at, Kind.MOMENT),
    ),
    filters=(
        Choice(
            "state",
            _("State"),
            lambda: [(key, status_word(key)) for key in ("cosigned", "not_cosigned")],
            lambda rows, value, _now: rows.filter(cosigned_at__isnull=value == "not_cosigned"),
        ),
        Days("signed", _("Signed"), "signed_at"),
    ),
    rows=_checkpoints,
    lines=_as_they_are,
    order="-acts",
    empty=_("The first act makes the first checkpoint."),
    ready=lambda _user: [View(_("Not yet cosigned"), "state=not_cosigned")],
)


def _incidents(user: User, _now: datetime) -> Rows:
    demand(user, Verb.SEE_LEDGER)
    return Incident.objects.all()


def _settled(row: Incident) -> str:
    return "closed" if row.closed_at else "incident_open"


INCIDENTS: Listing[Incident] = Listing(
    name="incidents",
    title=_("Incidents"),
    columns=(
        Column("number", _("Number"), lambda row: row.pk, Kind.NUMBER, sort="pk"),
        Column(
            "kind", _("What"), lambda row: row.kind, Kind.CODE, note=lambda row: row.detail.get("plain", "")
        ),
        Column("plain", _("In words"), lambda row: row.detail.get("plain", ""), on_page=False),
        Column("stream", _("About"), lambda row: row.stream, Kind.CODE),
        Column("at", _("When"), lambda row: row.at, Kind.MOMENT),
        Column("state", _("State"), _settled, Kind.STATUS, word=status_word),
        Column(
            "closed_at",
            pgettext_lazy("column: the moment when", "Closed"),
            lambda row: row.closed_at,
            Kind.MOMENT,
            on_page=False,
        ),
    ),
    filters=(
        Choice(
            "state",
            _("State"),
            lambda: [(key, status_word(key)) for key in ("incident_open", "closed")],
            lambda rows, value, _now: rows.filter(closed_at__isnull=value == "incident_open"),
        ),
        Days("at", _("When"), "at"),
        Exactly("kind", _("What"), "kind"),
        Exactly("stream", _("About"), "stream"),
    ),
    rows=_incidents,
    lines=_as_they_are,
    order="-number",
    empty=_(
        "None. A message that contradicts an earlier one, a forged signature or two different logs would be listed here and never removed."
    ),
    ready=lambda _user: [View(_("Not settled"), "state=incident_open")],
)
