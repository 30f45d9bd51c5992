"""The only readers of crossings for pages and API. What a user may not see raises Forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from twoparks.crossings import bundles, rules
from twoparks.crossings.days import Bounds, Month, Moved, ended_months, months
from twoparks.crossings.device import NotReady
from twoparks.crossings.models import CrossingRow, GateDevice, GateEvent
from twoparks.crossings.types import Crossing, CrossingId, Opened, State
from twoparks.federation.queries import acts
from twoparks.federation.types import StoredAct, StreamId
from twoparks.lists.search import RARE
from twoparks.permits import issued
from twoparks.permits.rules import NoPermit
from twoparks.permits.subjects import movement_subject, subject_of
from twoparks.permits.types import PermitState
from twoparks.registry.access import (
    Scope,
    Seer,
    Subject,
    Verb,
    demand,
    demand_somewhere,
    may,
    scopes_of,
    who_may,
)
from twoparks.registry.models import Person, User
from twoparks.registry.node import this_node
from twoparks.registry.zone import GateGroup, GroupId, zone

BEFORE = timedelta(days=62)  # read before the first month counted: where the person was when it began
DESK = 8  # events on a gate's own page; all of them are a list


@dataclass(frozen=True)
class CrossingDetail:
    """One crossing with its permit; `closable` are the recorded discrepancies this user may close."""

    crossing: Crossing
    state: State
    permit: PermitState
    due_at: datetime | None  # when a lone leg becomes a discrepancy
    closable: tuple[Opened, ...]


@dataclass(frozen=True)
class CrossingLine:
    """One crossing in a list."""

    row: CrossingRow
    state: State


@dataclass(frozen=True)
class GateDesk:
    """A gate as its officer and the park see it."""

    gate: str
    group: GateGroup
    enrolled: bool
    cut_off_at: datetime | None
    synced_at: datetime | None
    permits_held: int
    ready: str  # empty when the gate can decide, else what it lacks
    events: tuple[
        tuple[GateEvent, str], ...
    ]  # the last ones handed over, with the permit unless a person crosses by it


@dataclass(frozen=True)
class Today:
    """What crossed since midnight at this park's clock, and what is wrong now."""

    exits: int
    entries: int
    under_way: int
    open_discrepancies: int
    own_discrepancies: int


def detail(user: User, crossing: CrossingId, now: datetime) -> CrossingDetail:
    """One crossing for one user; raises NoPermit when there is none, or Forbidden."""
    permit = rules.permit_of(crossing)
    if permit is None:
        raise NoPermit(f"{crossing!r} is not a crossing")
    state = issued.permit_state(permit)
    found = next((c for c in rules.crossings(state, acts(StreamId(permit))) if c.id == crossing), None)
    if found is None:
        _demand_seeing(user, state, ())
        raise NoPermit(f"{crossing} has not passed a gate yet")
    _demand_seeing(user, state, found.opened)
    closes = may(user, Verb.CLOSE_DISCREPANCY, subject_of(state))
    here = this_node().id
    closable = [o for o in found.opened if o.closed_at is None and o.discrepancy.owner == here]
    stands = rules.state(found, now, zone().timing.transit_max)
    lone = stands in (State.DEPARTED, State.ARRIVED)
    due_at = found.first_at + zone().timing.transit_max if lone else None
    return CrossingDetail(found, stands, state, due_at, tuple(closable) if closes else ())


def _demand_seeing(user: User, state: PermitState, opened: tuple[Opened, ...]) -> None:
    """Goods: whoever sees the permit. A person's movements: that person; officers only what is wrong and to be explained."""
    subject = subject_of(state)
    if state.current.declaration.traveller is None:
        demand(user, Verb.SEE_CROSSING, subject)
    elif not (opened and may(user, Verb.ASK_MOVEMENTS, subject)):
        demand(user, Verb.SEE_MOVEMENTS, movement_subject(state))


def of_permit(user: User, permit: str, now: datetime) -> tuple[CrossingLine, ...]:
    """The crossings under one permit that the user may see."""
    return tuple(line(row, now) for row in visible(user).filter(permit=permit).order_by("first_at", "id"))


def today(now: datetime) -> Today:
    """What crossed today and what is wrong; for the front page, no names in it. Each count reads an index."""
    midnight = _midnight(now)
    rows = CrossingRow.objects.order_by()
    open_ones = dict(rows.filter(open_code__gt="").values_list("owner").annotate(n=Count("*")))
    return Today(
        exits=rows.filter(exit_at__gte=midnight).count(),
        entries=rows.filter(entry_at__gte=midnight).count(),
        under_way=rows.filter(state=State.DEPARTED).exclude(open_code="", recorded__gt="").count(),
        open_discrepancies=sum(open_ones.values()),
        own_discrepancies=open_ones.get(this_node().id, 0),
    )


def begun_today(now: datetime) -> dict[str, dict[str, int]]:
    """Crossings whose first leg was passed since midnight, by control point and by the park they go to."""
    rows = CrossingRow.objects.filter(first_at__gte=_midnight(now)).order_by()
    found: dict[str, dict[str, int]] = {}
    for crosses, left, came, count in rows.values_list("crosses", "exit_group", "entry_group").annotate(
        n=Count("*")
    ):
        group = zone().gate_groups.get(GroupId(left or came))
        if group is not None and crosses in zone().directions:
            to = found.setdefault(group.control_point, {})
            arriving = zone().directions[crosses][1]
            to[arriving] = to.get(arriving, 0) + count
    return found


def _midnight(now: datetime) -> datetime:
    """The last midnight by this park's clock."""
    local = now.astimezone(ZoneInfo(this_node().park.time_zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def desk(user: User, gate: str) -> GateDesk:
    """One gate of this park; raises ZoneError for an unknown one, or Forbidden."""
    group = zone().group_of_gate(gate)
    demand(user, Verb.SEE_GATE, Subject(gates=frozenset({gate})))
    row = GateDevice.objects.filter(gate=gate).first()
    ready, held = "", 0
    try:
        held = len(bundles.device(gate).bundle().terms)
    except NotReady as missing:
        ready = str(missing)
    last = list(GateEvent.objects.filter(gate=gate).order_by("-at", "-pk")[:DESK])
    shown = goods(event.permit for event in last)
    return GateDesk(
        gate=gate,
        group=group,
        enrolled=row is not None and row.cut_off_at is None,
        cut_off_at=row.cut_off_at if row else None,
        synced_at=row.synced_at if row else None,
        permits_held=held,
        ready=ready,
        events=tuple((event, event.permit if event.permit in shown else "") for event in last),
    )


def gates_seen(user: User) -> tuple[str, ...]:
    """Every gate of this park that the user may see, enrolled or not."""
    own = [g for group in zone().gate_groups.values() if group.park == this_node().id for g in group.gates]
    scopes = scopes_of(user, Verb.SEE_GATE)
    if any(scope is Scope.NODE for _role, scope in scopes):
        return tuple(own)
    at = {role.gate for role, _scope in scopes}
    return tuple(gate for gate in own if gate in at)


def gates(user: User) -> QuerySet[GateDevice]:
    """Gates that were enrolled here and that the user may see."""
    return GateDevice.objects.filter(gate__in=gates_seen(user))


def gate_events(user: User) -> QuerySet[GateEvent]:
    """What the gates that the user may see handed over."""
    if any(scope is Scope.NODE for _role, scope in scopes_of(user, Verb.SEE_GATE)):
        return GateEvent.objects.all()
    return GateEvent.objects.filter(gate__in=gates_seen(user))


def goods(permits: Iterable[str]) -> frozenset[str]:
    """Which of these permits are known here and carry goods: their passages tell nobody's movements."""
    return frozenset(issued.of_goods().filter(pk__in=set(permits)).values_list("id", flat=True))


def about_goods(events: QuerySet[GateEvent]) -> QuerySet[GateEvent]:
    """Those of the events whose permit is known here and carries goods."""
    return events.filter(Exists(issued.of_goods().filter(pk=OuterRef("permit"))))


def gate_events_since(number: int) -> tuple[int, dict[tuple[str, ...], int]]:
    """The newest event's row number, and how many came after row `number` by kind."""
    upto = GateEvent.objects.aggregate(n=Max("id"))["n"] or 0
    rows = GateEvent.objects.filter(id__gt=number, id__lte=upto).values_list("kind")
    return upto, {(kind,): n for kind, n in rows.annotate(n=Count("*")).order_by()}


def open_discrepancies() -> dict[tuple[str, str], int]:
    """Open discrepancies by code and owner."""
    rows = CrossingRow.objects.filter(open_code__gt="").values_list("open_code", "owner")
    return {(code, owner): n for code, owner, n in rows.annotate(n=Count("*")).order_by()}


def longest_out_of_touch() -> datetime | None:
    """When the gate that was synchronised longest ago was; None without a gate."""
    return GateDevice.objects.filter(cut_off_at=None).aggregate(at=Min("synced_at"))["at"]


def visible(user: User) -> QuerySet[CrossingRow]:
    """Goods by role; a person's movements to that person alone, to officers only where something is to be explained."""
    reach, goods = Q(pk__in=[]), Q(person="")
    for role, scope in scopes_of(user, Verb.SEE_CROSSING):
        if scope is Scope.NODE:
            reach |= goods | ~Q(recorded="")
        if scope is Scope.PARTY:
            reach |= goods & (Q(sender=role.organisation_id) | Q(recipient=role.organisation_id))
        if scope is Scope.GATE:
            group = zone().group_of_gate(role.gate).id
            reach |= goods & (Q(exit_group=group) | Q(entry_group=group))
        if scope is Scope.AUTHORITY:
            reach |= goods & _before(role.authority)
        if scope is Scope.SELF:
            reach |= Q(person__in=Person.objects.filter(user=user).values("pseudonym"))
    return CrossingRow.objects.filter(reach)


def _before(authority: str) -> Q:
    """Crossings under permits before an authority: few permits are looked up, many are met by reading along."""
    permits = issued.permits_before(authority)
    if permits[: RARE + 1].count() <= RARE:
        return Q(permit__in=permits)
    return Q(Exists(permits.filter(pk=OuterRef("permit"))))


def in_state(rows: QuerySet[CrossingRow], state: State, now: datetime) -> QuerySet[CrossingRow]:
    """The rows whose crossings stand so at `now`: a lone leg becomes late with time alone."""
    late = Q(late_at__lte=now)
    match state:
        case State.OVERDUE:
            return rows.filter(late, state=State.DEPARTED)
        case State.UNANNOUNCED:
            return rows.filter(late, state=State.ARRIVED)
        case State.DEPARTED | State.ARRIVED:
            return rows.filter(state=state).exclude(late)
    return rows.filter(state=state)


def line(row: CrossingRow, now: datetime) -> CrossingLine:
    """The row as a list shows it at `now`."""
    state = State(row.state)
    if row.late_at is not None and now >= row.late_at:
        state = State.OVERDUE if state is State.DEPARTED else State.UNANNOUNCED
    return CrossingLine(row, state)


def seers(found: CrossingDetail) -> tuple[Seer, ...]:
    """Who can see the crossing at this park."""
    subject = movement_subject(found.permit)
    if found.permit.current.declaration.traveller is None:
        return who_may(Verb.SEE_CROSSING, subject)
    return (*who_may(Verb.SEE_MOVEMENTS, subject), *who_may(Verb.ASK_MOVEMENTS, subject))


def told_of(found: CrossingDetail) -> tuple[StoredAct, ...]:
    """The acts about this crossing alone."""
    about = acts(StreamId(found.permit.id))
    return tuple(act for act in about if act.body.get("crossing") == found.crossing.id)


Movements = tuple[tuple[str, PermitState], ...]


def movements_of(pseudonym: str) -> Movements:
    """Every permit under which a person moved, with all its acts."""
    moved = CrossingRow.objects.filter(person=pseudonym).order_by("permit").values_list("permit", flat=True)
    return tuple((permit, issued.permit_state(permit)) for permit in moved.distinct())


def rows_of(pseudonym: str) -> QuerySet[CrossingRow]:
    """A person's movements, the latest first."""
    return CrossingRow.objects.filter(person=pseudonym)


def moves(pseudonyms: Iterable[str], since: datetime | None = None) -> dict[str, list[Moved]]:
    """Each person's movements told in time, those begun since then; a leg no gate saw is taken to be at the time of the other."""
    rows = CrossingRow.objects.filter(person__in=list(pseudonyms)).order_by()
    rows = rows if since is None else rows.filter(first_at__gte=since)
    found: dict[str, list[Moved]] = {}
    for who, crosses, left, came, said in rows.values_list(
        "person", "crosses", "exit_at", "entry_at", "declared_at"
    ):
        known = [at for at in (left, came, said) if at is not None]
        way = zone().directions[crosses]
        sure = left is not None and came is not None
        found.setdefault(who, []).append(Moved(*way, left or min(known), came or max(known), sure))
    return found


@dataclass(frozen=True)
class Released:
    """One person of an employer, and the months whose days across the person released to it."""

    person: Person
    months: tuple[Month, ...]


def own_months(person: Person, now: datetime) -> tuple[Month, ...]:
    """Every month the person can release, counted, the latest first."""
    return _months([person], {person.pseudonym: offered_months(person, now)})[0].months


def offered_months(person: Person, now: datetime) -> list[str]:
    """The months that are over and not from before the person was registered, the latest first."""
    since = f"{timezone.localdate(person.registered_at):%Y-%m}"
    return [name for name in ended_months(timezone.localdate(now)) if name >= since]


def employed(user: User) -> QuerySet[Person]:
    """People of the organisations for which the user may see what they released; Forbidden where there is none."""
    demand_somewhere(user, Verb.SEE_COUNTS)
    own = [role.organisation_id for role, _scope in scopes_of(user, Verb.SEE_COUNTS)]
    return Person.objects.select_related("organisation").filter(organisation__in=own)


def released(people: Iterable[Person], now: datetime) -> tuple[Released, ...]:
    """What these people released and is still counted: nothing else of their movements."""
    counted = set(ended_months(timezone.localdate(now)))
    return _months(people, {p.pseudonym: counted & set(p.counts_released) for p in people})


def _months(people: Iterable[Person], named: Mapping[str, Iterable[str]]) -> tuple[Released, ...]:
    """The months named of each person, the latest first, in one reading."""
    here, there = this_node().id, this_node().peer
    clock = ZoneInfo(there.time_zone)
    wanted = {who: sorted(names) for who, names in named.items() if names}
    first = min((names[0] for names in wanted.values()), default="")
    since = datetime.fromisoformat(f"{first}-01").replace(tzinfo=clock) - BEFORE if first else None
    known = moves(wanted, since) if wanted else {}
    return tuple(
        Released(
            p,
            months(known.get(p.pseudonym, ()), Bounds(there.id, here, clock), wanted.get(p.pseudonym, ()))[
                ::-1
            ],
        )
        for p in people
    )


def demand_asking(user: User, permit: str) -> None:
    """Raise Forbidden unless the user may read a person's movements for a reason, NoPermit when no person crosses."""
    state = issued.permit_state(permit)
    demand(user, Verb.ASK_MOVEMENTS, subject_of(state))
    if state.current.declaration.traveller is None:
        raise NoPermit(f"{permit} carries goods; its crossings are in the list")
