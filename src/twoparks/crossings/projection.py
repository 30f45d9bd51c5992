"""Crossings as lists show them, written in the transaction of the act that changed them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from twoparks.crossings import rules
from twoparks.crossings.models import CrossingRow
from twoparks.crossings.types import Crossing, State
from twoparks.federation.queries import acts, streams
from twoparks.federation.types import StoredAct
from twoparks.permits.rules import fold
from twoparks.permits.types import PermitState
from twoparks.registry.zone import zone

ROWS_A_STATEMENT = 30
_BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def project(permit: PermitState, found: Iterable[Crossing], about: Iterable[StoredAct]) -> None:
    """Write those of these crossings that differ from what the permit's acts make; `about` holds every act about each of them."""
    named = {str(crossing.id): crossing for crossing in found}
    numbers: dict[str, list[int]] = {name: [] for name in named}
    for act in about:
        if act.kind.startswith("crossing.") and act.body["crossing"] in numbers:
            numbers[act.body["crossing"]].append(act.number)
    changed: list[CrossingRow] = []
    written = {row["id"]: row for row in CrossingRow.objects.filter(id__in=list(named)).values()}
    for crossing in named.values():
        wanted = {**columns(permit, crossing), "acts": numbers[crossing.id], **_versions(permit, crossing)}
        before = written.get(crossing.id)
        if before is None or any(before[name] != value for name, value in wanted.items()):
            changed.append(CrossingRow(id=crossing.id, **wanted))
    CrossingRow.objects.bulk_create(
        changed,
        batch_size=ROWS_A_STATEMENT,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[field.name for field in CrossingRow._meta.fields if not field.primary_key],
    )


@transaction.atomic
def rebuild() -> int:
    """Make every row again from the acts; returns how many changed."""
    before = {row["id"]: row for row in CrossingRow.objects.values()}
    CrossingRow.objects.all().delete()
    for stream in streams():
        found = acts(stream)
        if any(act.kind == "crossing.passed" for act in found):
            permit = fold(found)
            project(permit, rules.crossings(permit, found), found)
    after = {row["id"]: row for row in CrossingRow.objects.values()}
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _versions(permit: PermitState, crossing: Crossing) -> dict[str, int | None]:
    stated = (v.number for v in permit.versions for one in v.declared if one.crossing == crossing.id)
    return {
        "exit_version": crossing.exit.version if crossing.exit else None,
        "entry_version": crossing.entry.version if crossing.entry else None,
        "stated_version": next(stated, None),
    }


def columns(permit: PermitState, crossing: Crossing) -> dict[str, object]:
    """One crossing's row."""
    version = permit.version(crossing.version) or permit.current
    declaration = version.declaration
    transit = zone().timing.transit_max
    state = rules.state(crossing, _BEFORE_TIME, transit)
    lone = state in (State.DEPARTED, State.ARRIVED)
    open_one = next((o for o in crossing.opened if o.closed_at is None), None)
    return {
        "permit": permit.id,
        "version": crossing.version,
        "crosses": zone().ways(declaration.crosses)[rules.way_of(crossing.id) == rules.BACK],
        "state": state,
        "late_at": crossing.first_at + transit if lone else None,
        "first_at": crossing.first_at,
        "exit_at": crossing.exit.at if crossing.exit else None,
        "entry_at": crossing.entry.at if crossing.entry else None,
        "declared_at": crossing.declared.at if crossing.incomplete and crossing.declared else None,
        "control_point": crossing.declared.control_point if crossing.declared else "",
        "person": declaration.traveller.pseudonym if declaration.traveller else "",
        "exit_group": crossing.exit.group if crossing.exit else "",
        "entry_group": crossing.entry.group if crossing.entry else "",
        "sender": declaration.sender.id,
        "recipient": declaration.recipient.id,
        "sender_name": dict(declaration.sender.name),
        "recipient_name": dict(declaration.recipient.name),
        "open_code": open_one.discrepancy.code if open_one else "",
        "owner": open_one.discrepancy.owner if open_one else "",
        "recorded": " ".join(o.discrepancy.code for o in crossing.opened),
    }
