"""The only readers of permits for pages, API and gates. What a user may not see raises Forbidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

from twoparks.federation.queries import acts
from twoparks.federation.types import StoredAct, StreamId
from twoparks.law.answer import Determination
from twoparks.law.pack import FactSpec
from twoparks.packs import load
from twoparks.passes.qr import svg
from twoparks.permits import applications, declarations, issued, rules, terms
from twoparks.permits.bank_law import BankAnswer, ask
from twoparks.permits.flows import FLOWS
from twoparks.permits.models import Draft, PermitRow
from twoparks.permits.on_trial import LawFor, law_for
from twoparks.permits.pieces import marked, pieces, without_desk
from twoparks.permits.subjects import movement_subject, subject_of
from twoparks.permits.types import (
    OPEN,
    USABLE,
    Action,
    Clearance,
    Declaration,
    Determined,
    DraftId,
    PermitId,
    PermitState,
    Possible,
    Said,
    Signature,
    Status,
    Terms,
    Todo,
    Version,
)
from twoparks.permits.work import todo
from twoparks.registry.access import Scope, Seer, Subject, Verb, demand, may, scopes_of, who_may
from twoparks.registry.models import Person, User
from twoparks.registry.node import this_node
from twoparks.registry.queries import desks
from twoparks.registry.zone import Park, zone

PAGE = 25
Row = TypeVar("Row")
_VERBS = {
    Action.VARY: Verb.VARY,
    Action.WITHDRAW: Verb.WITHDRAW,
    Action.CLEAR: Verb.CLEAR,
    Action.REFUSE: Verb.REFUSE,
    Action.REVOKE: Verb.REVOKE,
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list; `number` from 1, `pages` at least 1."""

    rows: tuple[Row, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True)
class PermitLine:
    """One permit in a list."""

    id: PermitId
    status: Status
    version: int
    home: str
    crosses: str
    sender_name: Mapping[str, str]
    recipient_name: Mapping[str, str]
    project: str
    title: Mapping[str, str]
    outcome: str
    trial: str  # the trial of rules it was declared under
    waits: str  # authority, applicant, park, peer, or empty
    valid_from: datetime
    valid_until: datetime
    declared_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class QueueLine:
    """One permit in a queue, with what waits for whoever reads it; `ready` when the park may clear it now."""

    permit: PermitLine
    work: tuple[Todo, ...]
    since: datetime
    ready: bool


@dataclass(frozen=True)
class BankView:
    """Where a permit stands at one park. `work` is known for this node's park only."""

    park: Park
    determined: Determined | None
    clearance: Clearance | None
    refused: Said | None
    revoked: Said | None
    signed: Signature | None
    work: tuple[Todo, ...] | None


@dataclass(frozen=True)
class PermitDetail:
    """Everything a page says about one permit. Carry `state.acts` as `seen` into any action."""

    state: PermitState
    status: Status
    banks: tuple[BankView, ...]  # in the zone's order: north above south
    answer: BankAnswer  # this bank's law
    under: LawFor  # which law that was
    work: tuple[Todo, ...]
    possible: tuple[Possible, ...]  # only those this user's roles allow
    acts: tuple[StoredAct, ...]
    terms: Terms | None  # what both allow, once both cleared
    offer: Terms  # what this park would clear unless the officer narrows it
    remaining: Mapping[int, int]
    deciding_for: tuple[str, ...]  # authorities for which this user may decide here; '' for the park itself
    seers: tuple[Seer, ...]  # who can see it at this park

    @property
    def version(self) -> Version:
        """The current version."""
        return self.state.current


def detail(user: User, permit: PermitId, now: datetime) -> PermitDetail:
    """One permit for one user; raises NoPermit or Forbidden."""
    found = acts(StreamId(permit))
    state = rules.fold(found)
    park = this_node().park
    under = law_for(state)
    answer = ask(state.current.declaration, park.bank, under)
    status = rules.status(state, now)
    open_here = status in OPEN and park.id not in state.current.cleared
    work = marked(todo(state.current, answer.answered()), desks()) if open_here else ()
    subject = subject_of(state, work)
    demand(user, Verb.SEE_PERMIT, subject)
    shared = terms.agreed(state.current)
    ends = [check.valid_until for check in state.current.checks if check.answer == "valid"]
    return PermitDetail(
        state=state,
        status=status,
        banks=tuple(
            _bank_view(p, state.current, work if p.id == park.id else None) for p in zone().parks.values()
        ),
        answer=answer,
        under=under,
        work=work,
        possible=_possible_for(user, state, work, subject, now),
        acts=_shown(user, state, found),
        terms=shared if isinstance(shared, Terms) else None,
        offer=terms.offer(state.current.declaration, park.time_zone, [*ends, under.last_day]),
        remaining=rules.remaining(state.current),
        deciding_for=_deciding_for(user, work),
        seers=who_may(Verb.SEE_PERMIT, subject),
    )


def _shown(user: User, state: PermitState, found: Sequence[StoredAct]) -> tuple[StoredAct, ...]:
    """The acts this user may read: where a person crosses, movements are read by that person alone."""
    if state.current.declaration.traveller is None or may(user, Verb.SEE_MOVEMENTS, movement_subject(state)):
        return tuple(found)
    return tuple(act for act in found if not act.kind.startswith("crossing."))


def queue(user: User, now: datetime, authority: str | None = None, page: int = 1) -> Page[QueueLine]:
    """What waits for `authority`, or for the park's officers when None; what waits longest first.

    The park's own also shows, undecidable there, what waits for an authority without a desk at this node.
    """
    subject = Subject(authorities=frozenset({authority} if authority else ()))
    demand(user, Verb.SEE_QUEUE, subject)
    here = desks() if authority is None else frozenset()
    rows = PermitRow.objects.filter(waits_here__gt="", expires_at__gt=now).prefetch_related("work")
    if authority is None:
        stuck = Q(pk__in=without_desk(here).values("permit"))
        rows = rows.filter(Q(waits_here="park") | stuck).order_by("changed_at", "id")
    else:
        rows = rows.filter(work__authority=authority).distinct().order_by("declared_at", "id")
    return _page(rows, page, lambda row: _queue_line(row, authority, here, now))


def titles(projects: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Titles of those projects under which this park knows a permit, by id. Titles are as their permits carry them."""
    rows = PermitRow.objects.filter(project__in=list(projects)).order_by("project")
    return dict(rows.values_list("project", "title").distinct())


def drafts(user: User) -> tuple[Draft, ...]:
    """Drafts of the user's organisations, the last changed first."""
    own = [role.organisation_id for role, scope in scopes_of(user, Verb.DECLARE) if scope is Scope.OWNER]
    return tuple(Draft.objects.select_related("project", "organisation").filter(organisation__in=own))


def draft(user: User, draft_id: DraftId) -> Draft:
    """One draft; raises Draft.DoesNotExist or Forbidden."""
    found = Draft.objects.select_related("project", "organisation").get(pk=draft_id)
    demand(user, Verb.DECLARE, Subject(owner=found.organisation_id))
    return found


def check(user: User, raw: Mapping[str, Any], now: datetime) -> Declaration:
    """What `declare` would declare, without doing it; raises Invalid with every problem."""
    return applications.read_declaration(user, raw, now)[0]


def determination(
    flow: str, crosses: str, facts: Mapping[str, object], held: Iterable[str], on: date
) -> Mapping[str, Determination]:
    """Each bank's answer to facts as far as they are stated, by bank; raises FactError. Nothing sought."""
    asked = {**facts, "flow": flow, "crosses": crosses, "on": on, "held": sorted(held), "sought": []}
    return {park.bank: load().determine(asked, park.bank) for park in zone().parks.values()}


def questions(flow: str, crosses: str, known: Mapping[str, object]) -> tuple[FactSpec, ...]:
    """Facts the law of both banks still needs, most settling first; `known` holds the day `on`. Raises FactError."""
    needed = load().relevant_facts(flow, crosses, known)  # raises for a flow that is none
    specs = load().facts_of(flow)
    return tuple(specs[name] for name in needed)


def typed(found: PermitDetail) -> dict[str, Any]:
    """The current version as a declaration file or form writes it, to be varied."""
    declaration = found.version.declaration
    said, flow = declarations.to_json(declaration), FLOWS[declaration.flow]
    asked = ("flow", "crosses", "facts", "evidence", "uses", "valid_from", "valid_until")
    who = declaration.traveller
    person = Person.objects.filter(pseudonym=who.pseudonym).first() if who else None
    return {
        "project": declaration.project.id,
        **{name: said[name] for name in asked},
        **flow.typed(declaration, zone()),
        **({"person": person.id} if person else {}),
    }


def pass_text(found: PermitDetail) -> str | None:
    """The text of the permit's QR code, once both parks signed and while it can be used."""
    return issued.pass_text(found.state) if found.status in USABLE else None


def qr_svg(found: PermitDetail) -> str | None:
    """The QR code as an SVG element, as long as there is a pass."""
    text = pass_text(found)
    return None if text is None else svg(text)


def _possible_for(
    user: User, state: PermitState, work: tuple[Todo, ...], subject: Subject, now: datetime
) -> tuple[Possible, ...]:
    found = rules.possible_actions(state, this_node().id, work, now)
    decides = bool(_deciding_for(user, work))
    return tuple(
        p for p in found if (decides if p.action is Action.DECIDE else may(user, _VERBS[p.action], subject))
    )


def _deciding_for(user: User, work: tuple[Todo, ...]) -> tuple[str, ...]:
    asked = dict.fromkeys(a for t in work for a in t.authorities)
    mine = [a for a in asked if may(user, Verb.DECIDE, Subject(authorities=frozenset({a})))]
    park_asked = any(not t.authorities and t.why == "referred" for t in work)
    return (*mine, *([""] if park_asked and may(user, Verb.CLEAR) else []))


def _bank_view(park: Park, version: Version, work: tuple[Todo, ...] | None) -> BankView:
    return BankView(
        park=park,
        determined=version.determined.get(park.id),
        clearance=version.cleared.get(park.id),
        refused=version.refused.get(park.id),
        revoked=version.revoked.get(park.id),
        signed=version.signed.get(park.id),
        work=work,
    )


def visible(user: User) -> QuerySet[PermitRow]:
    """The rows `may(user, SEE_PERMIT, …)` would allow, as one query."""
    reach = Q(pk__in=[])
    for condition in reaches(user):
        reach |= condition
    return PermitRow.objects.filter(reach)


def reaches(user: User) -> tuple[Q, ...]:
    """The conditions that together make what the user may see, each with an index of its own."""
    found: dict[str, Q] = {}
    for role, scope in scopes_of(user, Verb.SEE_PERMIT):
        if scope is Scope.NODE:
            return (~Q(pk__in=[]),)
        if scope is Scope.PARTY:
            own = role.organisation_id
            found |= {f"sent {own}": Q(sender=own), f"received {own}": Q(recipient=own)}
        if scope is Scope.AUTHORITY:
            found[role.authority] = Q(authorities__contains=f" {role.authority} ")
        if scope is Scope.SELF:
            found["own"] = Q(person__in=Person.objects.filter(user=user).values("pseudonym"))
    return tuple(found.values())


def in_status(rows: QuerySet[PermitRow], status: Status, now: datetime) -> QuerySet[PermitRow]:
    """The rows whose permits have that status at `now`."""
    late = Q(expires_at__lte=now)
    return (
        rows.filter(late | Q(status=status))
        if status is Status.EXPIRED
        else rows.filter(status=status).exclude(late)
    )


def _page(
    rows: QuerySet[PermitRow], number: int, made: Any
) -> Page[Any]:  # Any: the row's line, as the caller makes it
    total = rows.count()
    pages = max(1, -(-total // PAGE))
    at = min(max(1, number), pages)
    return Page(tuple(made(row) for row in rows[(at - 1) * PAGE : at * PAGE]), at, pages, total)


def line(row: PermitRow, now: datetime) -> PermitLine:
    """The row as a list shows it at `now`."""
    late = row.expires_at is not None and now >= row.expires_at
    return PermitLine(
        id=PermitId(row.id),
        status=Status.EXPIRED if late else Status(row.status),
        version=row.version,
        home=row.home,
        crosses=row.crosses,
        sender_name=row.sender_name,
        recipient_name=row.recipient_name,
        project=row.project,
        title=row.title,
        outcome=row.outcome,
        trial=row.trial,
        waits="" if late else row.waits_here,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        declared_at=row.declared_at,
        changed_at=row.changed_at,
    )


def _queue_line(row: PermitRow, authority: str | None, desks: Set[str], now: datetime) -> QueueLine:
    if authority is None:
        mine = marked(pieces(row.work.all()), desks)
        mine = mine if row.waits_here == "park" else tuple(todo for todo in mine if todo.no_desk)
    else:
        mine = pieces(w for w in row.work.all() if w.authority == authority)
    since = min((w.since for w in row.work.all()), default=row.changed_at)
    return QueueLine(line(row, now), mine, since, row.waits_here == "park" and not mine)
