"""The lists' rows, written from the acts in the same transaction, and made again by `twoparks rebuild`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from twoparks.federation.queries import acts, streams
from twoparks.lists import search
from twoparks.lists.compiled import Compiled
from twoparks.permits import finding, issued, rules, signatures, terms
from twoparks.permits.bank_law import BankAnswer, ask
from twoparks.permits.models import PermitGate, PermitRow, StatusPlace, Work
from twoparks.permits.on_trial import law_for
from twoparks.permits.subjects import subject_of
from twoparks.permits.types import APPLICANT, OPEN, USABLE, PermitState, Status, Terms, Todo, Waits
from twoparks.permits.work import todo
from twoparks.registry.node import this_node

_BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_PARK_ONLY = frozenset({Waits.LAW, Waits.DENIED})


def project(state: PermitState, law: Callable[[], BankAnswer] | None = None) -> None:
    """Write the permit's rows as its acts make them; `law` gives this bank's answer where the caller has asked already."""
    park = this_node().park
    version, status = state.current, rules.status(state, _BEFORE_TIME)
    work: tuple[Todo, ...] = ()
    if status in OPEN and park.id not in version.cleared:
        answer = law() if law is not None else ask(version.declaration, park.bank, law_for(state))
        work = todo(version, answer.answered())
    columns = _columns(state, status, work)
    if not PermitRow.objects.filter(id=state.id).update(**columns):
        PermitRow.objects.create(id=state.id, **columns)
    _write_gates(state)
    _write_work(state, work)
    _write_places(state)
    search.keep(finding.KIND, state.id, finding.texts(state))
    for told in _told:
        told(state)


_told: list[Callable[[PermitState], None]] = []
_GATES = Compiled(lambda permit: PermitGate.objects.filter(permit=permit).values_list("group"))
_PLACES = Compiled(lambda permit: StatusPlace.objects.filter(permit=permit).values_list("version", "ended"))
_others: dict[str, Callable[[], int]] = {}


def register_told(function: Callable[[PermitState], None]) -> None:
    """Tell another app of every permit whose rows are written, in the same transaction."""
    _told.append(function)


def register_rebuild(name: str, function: Callable[[], int]) -> None:
    """Have `rebuild` call another app's own, which returns how many of its rows changed."""
    _others[name] = function


@transaction.atomic
def rebuild() -> int:
    """Make every row again from the acts; returns how many changed, which is none unless something was wrong."""
    return _rebuild_permits() + sum(function() for function in _others.values())


def _rebuild_permits() -> int:
    before = _snapshot()
    StatusPlace.objects.all().delete()
    PermitRow.objects.all().delete()
    search.forget_all(finding.KIND)
    for stream in streams():
        found = acts(stream)
        if found and found[0].kind == "permit.declared":
            project(rules.fold(found))
    after = _snapshot()
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _columns(state: PermitState, status: Status, work: tuple[Todo, ...]) -> dict[str, Any]:
    version = state.current
    declaration = version.declaration
    allowed = terms.agreed(version)
    asked = terms.offer(declaration, this_node().park.time_zone)
    window = allowed if isinstance(allowed, Terms) else asked
    own, signature = version.determined.get(this_node().id), version.signed.get(this_node().id)
    return {
        "home": state.home,
        "flow": declaration.flow,
        "crosses": declaration.crosses,
        "version": version.number,
        "trial": version.trial,
        "status": status,
        "expires_at": window.valid_until if status in OPEN | {Status.IN_FORCE} else None,
        "outcome": own.outcome if own else "",
        "acts": state.acts,
        "sender": declaration.sender.id,
        "recipient": declaration.recipient.id,
        "sender_name": dict(declaration.sender.name),
        "recipient_name": dict(declaration.recipient.name),
        "project": declaration.project.id,
        "title": dict(declaration.project.title),
        "terms": issued.terms_document(state) if status in USABLE else None,
        "signed_with": signatures.signed_with(signature) if signature else "",
        "exit_group": declaration.exit_groups[0],
        "entry_group": declaration.entry_groups[0],
        "person": declaration.traveller.pseudonym if declaration.traveller else "",
        "valid_from": window.valid_from,
        "valid_until": window.valid_until,
        "authorities": _before(state, work),
        "waits_here": _waits(state, status, work),
        "declared_at": state.versions[0].at,
        "changed_at": state.changed_at,
    }


def _before(state: PermitState, work: tuple[Todo, ...]) -> str:
    keys = sorted(subject_of(state, work).authorities - {APPLICANT})
    return f" {' '.join(keys)} " if keys else ""


def _waits(state: PermitState, status: Status, work: tuple[Todo, ...]) -> str:
    if status not in OPEN:
        return ""
    if this_node().id in state.current.cleared:
        return "peer"
    if any(t.why in _PARK_ONLY for t in work):
        return "park"
    if any(t.authorities not in ((), (APPLICANT,)) and t.why is not Waits.ASKED for t in work):
        return "authority"
    if any(t.authorities == (APPLICANT,) or t.why is Waits.ASKED for t in work):
        return "applicant"
    return "park"


def _write_gates(state: PermitState) -> None:
    declaration = state.current.declaration
    wanted = {*declaration.exit_groups, *declaration.entry_groups}
    written = {group for (group,) in _GATES(state.id)}
    if wanted != written:
        PermitGate.objects.filter(permit=state.id, group__in=written - wanted).delete()
        PermitGate.objects.bulk_create(
            PermitGate(permit_id=state.id, group=group) for group in sorted(wanted - written)
        )


def _write_work(state: PermitState, work: tuple[Todo, ...]) -> None:
    Work.objects.filter(permit=state.id).delete()
    Work.objects.bulk_create(
        Work(
            permit_id=state.id,
            item=number,
            authority=authority,
            why=item.why,
            measures=list(item.measures),
            provisions=list(item.provisions),
            register_answer=item.register_answer or "",
            simulated=item.simulated,
            question=item.question,
            since=state.current.at,
        )
        for number, item in enumerate(work)
        for authority in item.authorities or ("",)
    )


def _write_places(state: PermitState) -> None:
    park, ended = this_node().id, rules.ended_versions(state)
    written = dict(_PLACES(state.id))
    for version in state.versions:
        clearance = version.cleared.get(park)
        if clearance is not None and written.get(version.number) is not (version.number in ended):
            StatusPlace.objects.update_or_create(
                list=clearance.place.list,
                index=clearance.place.index,
                defaults={
                    "permit": state.id,
                    "version": version.number,
                    "ended": version.number in ended,
                },
            )


def _snapshot() -> dict[str, object]:
    """Every projected value by permit, without the numbers the database gave its rows."""
    work: dict[str, list[object]] = {}
    fields = (
        "item",
        "authority",
        "why",
        "measures",
        "provisions",
        "register_answer",
        "simulated",
        "question",
        "since",
    )
    for permit, *values in Work.objects.order_by("id").values_list("permit_id", *fields):
        work.setdefault(permit, []).append(values)
    places: dict[str, list[object]] = {}
    for permit, *values in StatusPlace.objects.order_by("permit", "version").values_list(
        "permit", "version", "list", "index", "ended"
    ):
        places.setdefault(permit, []).append(values)
    gates: dict[str, list[object]] = {}
    for permit, group in PermitGate.objects.order_by("permit", "group").values_list("permit_id", "group"):
        gates.setdefault(permit, []).append(group)
    rows = {row["id"]: row for row in PermitRow.objects.values()}
    found_by = search.held(finding.KIND)
    return {
        key: (rows.get(key), work.get(key), places.get(key), gates.get(key), found_by.get(key))
        for key in rows.keys() | work.keys() | places.keys() | found_by.keys()
    }
