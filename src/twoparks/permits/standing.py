"""What stands at this node now, in numbers, read from the projection; no names in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from twoparks.permits.models import PermitRow, Work
from twoparks.permits.pieces import without_desk
from twoparks.permits.types import APPLICANT, OPEN, Status
from twoparks.registry.queries import desks


@dataclass(frozen=True)
class Figures:
    """What stands at this node now; permits by status, and what waits by whom."""

    by_status: Mapping[Status, int]
    waiting_by_authority: Mapping[str, int]  # authority key -> pieces of work
    ready_to_clear: int
    waiting_for_applicant: int
    waiting_for_peer: int
    waiting_without_desk: Mapping[str, int]  # of them, by authority: nobody at this node decides for it


def figures(now: datetime) -> Figures:
    """What stands at this node now, from the projection."""
    live = PermitRow.objects.exclude(expires_at__lte=now)
    by_status = {
        Status(s): n for s, n in live.values_list("status").annotate(n=Count("*")).order_by("status")
    }
    expired = PermitRow.objects.filter(expires_at__lte=now).count()
    open_ones = live.filter(status__in=list(OPEN))
    waiting = open_ones.filter(waits_here__gt="")  # read from its index, whatever else this park holds
    waits = dict(waiting.values_list("waits_here").annotate(n=Count("*")).order_by())
    open_work = _open_work(Work.objects.all(), now)
    for_park = Count("permit", distinct=True, filter=Q(permit__waits_here="park"))
    begun = open_work.aggregate(n=for_park)["n"]
    return Figures(
        by_status={**by_status, **({Status.EXPIRED: expired} if expired else {})},
        waiting_by_authority=_by_authority(open_work.exclude(authority__in=["", APPLICANT])),
        ready_to_clear=waits.get("park", 0) - begun,
        waiting_for_applicant=waits.get("applicant", 0),
        waiting_for_peer=waits.get("peer", 0),
        waiting_without_desk=_by_authority(_open_work(without_desk(desks()), now)),
    )


def _open_work(work: QuerySet[Work], now: datetime) -> QuerySet[Work]:
    """Those of the pieces whose permit is open. Pieces are few and each looks its permit up, however many permits there are."""
    return work.filter(permit__status__in=list(OPEN)).exclude(permit__expires_at__lte=now)


def _by_authority(work: QuerySet[Work]) -> Mapping[str, int]:
    return dict(work.values_list("authority").annotate(n=Count("*")).order_by("authority"))
