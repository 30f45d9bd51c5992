"""A permit while a transaction adds passages to it, as much of it read as the addition needs.

A standing permit is used for years. One passage concerns one crossing: that one is read, the others are counted from their rows.
A batch of passages reads the whole permit once and folds each onto it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length

from twoparks.crossings import rules
from twoparks.crossings.models import CrossingRow
from twoparks.crossings.projection import project
from twoparks.federation.queries import acts, acts_numbered
from twoparks.federation.types import StoredAct, StreamId
from twoparks.permits import actions as permits
from twoparks.permits.besides import Besides
from twoparks.permits.models import PermitRow
from twoparks.permits.rules import NoPermit, fold
from twoparks.permits.types import PermitState
from twoparks.registry.zone import zone

FEW = 3  # passages of one permit in a batch, up to which each reads what concerns it


@dataclass
class Opened:
    """A permit being added to: what was read of it, and which crossings were touched."""

    state: PermitState
    acts: list[StoredAct]
    whole: bool = True
    touched: set[str] = field(default_factory=set)

    def add(self, act: StoredAct) -> None:
        """An act about one crossing, stored already."""
        self.acts.append(act)
        self.state = fold([act], self.state)
        self.touched.add(act.body["crossing"])

    def write(self) -> None:
        """Write the permit's rows and those of the crossings touched."""
        permits.project(self.state)
        found = rules.crossings(self.state, self.acts)
        project(self.state, [crossing for crossing in found if crossing.id in self.touched], self.acts)


class Streams:
    """The permits that a batch of passages adds to; `many` says how many passages each gets."""

    def __init__(self, many: Counter[str]) -> None:
        self._many = many
        self._open: dict[str, Opened] = {}

    def of(self, stream: StreamId, leg: rules.Leg) -> Opened | None:
        """The permit, with what a passage of that leg needs; None when no declaration of it is known here."""
        if stream in self._open:
            return self._open[stream]
        return opened(stream, leg=leg) if self._many[stream] <= FEW else opened(stream)

    def keep(self, at: Opened) -> None:
        """Go on with the permit after an act was added to it: read whole it is written at the end, else at once."""
        if at.whole:
            self._open[at.state.id] = at
        else:
            at.write()

    def write(self) -> None:
        """Write what is not written yet."""
        for at in self._open.values():
            at.write()


def opened(
    stream: StreamId, before: int | None = None, leg: rules.Leg | None = None, about: str | None = None
) -> Opened | None:
    """The permit as the acts numbered below `before` make it, or None without a declaration.

    With the `leg` that is to be added, or the crossing an act is `about`, only that crossing is read, the others are counted.
    """
    try:
        if (leg is None and about is None) or not _counted(stream):
            known = acts(stream, before=before)
            return Opened(fold(known), known)
        return _brief(stream, before, leg, about)
    except NoPermit:
        return None


def _counted(stream: str) -> bool:
    """Whether the rows of the permit and all its crossings hold what is needed to count them."""
    known = PermitRow.objects.filter(pk=stream).exists()
    return known and not CrossingRow.objects.filter(permit=stream, acts__isnull=True).exists()


def _brief(stream: StreamId, before: int | None, leg: rules.Leg | None, about: str | None) -> Opened:
    said = acts(stream, without="crossing.", before=before)
    bare = fold(said)
    every = CrossingRow.objects.filter(permit=stream)
    at_hand = every.filter(pk=about) if leg is None else _at_hand(bare, every, leg)
    read = dict(at_hand.values_list("pk", "acts"))
    moved = acts_numbered(number for numbers in read.values() for number in numbers)
    total = PermitRow.objects.values_list("acts", flat=True).get(pk=stream)
    besides = _besides(bare, every, every.exclude(pk__in=list(read)))
    state = replace(fold(moved, bare), besides=besides, acts=total)
    return Opened(state, [*said, *moved], whole=False)


def _at_hand(bare: PermitState, every: QuerySet[CrossingRow], leg: rules.Leg) -> QuerySet[CrossingRow]:
    """The crossings that the passage may belong to, as `rules.next_crossing` looks for them."""
    lacks = Q(exit_at=None) if leg.leg == "exit" else Q(entry_at=None)
    way = rules.way_under(bare, leg.crosses)
    if bare.current.declaration.traveller is None:
        number = every.exclude(lacks).count() + 1
        return every.filter(pk=f"{bare.id}-{way}{number}")
    within = zone().timing.transit_max
    near = Q(first_at__range=(leg.at - within, leg.at + within))
    return every.filter(lacks, near, pk__startswith=f"{bare.id}-{way}", control_point="")


def _besides(bare: PermitState, every: QuerySet[CrossingRow], others: QuerySet[CrossingRow]) -> Besides:
    """The crossings that were not read, in numbers."""
    version, person = bare.current.number, bare.current.declaration.traveller is not None
    left, came, stated = (Q(**{f"{leg}_version": version}) for leg in ("exit", "entry", "stated"))
    explained = Q(recorded__gt="", open_code="")
    counted = others.aggregate(
        exits=Count("exit_at"),
        entries=Count("entry_at"),
        begun=Count("pk", filter=came | stated if person else left | came),
        under_way=Count("pk", filter=left & ~Q(entry_version=version) & ~explained),
    )
    ways = (rules.OUT, rules.BACK) if person else ()
    return Besides(True, **counted, highest={way: _highest(every, f"{bare.id}-{way}") for way in ways})


def _highest(every: QuerySet[CrossingRow], beginning: str) -> int:
    """The highest number among the crossings whose ids begin so: the longest id, and of these the last."""
    ids = every.filter(pk__startswith=beginning).order_by(Length("pk").desc(), "-pk")
    last = ids.values_list("pk", flat=True).first()
    return rules.number_of(last) if last else 0
