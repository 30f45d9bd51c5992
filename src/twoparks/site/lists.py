"""The list of acts in this node's log: what was recorded, by which park, under which number. No act's content is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from twoparks.federation.models import Act
from twoparks.federation.queries import logged
from twoparks.lists.types import Choice, Column, Exactly, Kind, Listing, Options, Row, Rows
from twoparks.permits.telling import KINDS
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import User
from twoparks.registry.words import park_word, words
from twoparks.registry.zone import zone


def _kinds() -> Options:
    return [(kind, str(word)) for kind, word in KINDS.items()]


def _parks() -> Options:
    return [(park.id, words(park.name)) for park in zone().parks.values()]


def _permit(act: Act) -> str:
    """The page of the permit an act is about; empty for acts about something else."""
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
        Column("stream", _("About"), lambda act: act.stream, Kind.CODE, href=_permit),
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
