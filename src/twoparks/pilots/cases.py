"""The cases of a trial: each permit in its scope under both laws, written in the transaction of the act that made it so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twoparks.federation.queries import acts
from twoparks.federation.types import StreamId
from twoparks.law.calendar import CalendarGapError
from twoparks.law.facts import FactError
from twoparks.law.pack import PackError
from twoparks.packs import load
from twoparks.permits import rules as permits
from twoparks.permits.bank_law import BankAnswer, ask, worse
from twoparks.permits.declarations import party_of
from twoparks.permits.models import PermitRow
from twoparks.permits.on_trial import LawFor
from twoparks.permits.types import Clearance, PermitState, Signature, Status, Version
from twoparks.pilots import rules
from twoparks.pilots.models import TrialCase
from twoparks.pilots.trial_law import counted, law_of
from twoparks.pilots.types import Trial
from twoparks.registry.zone import Park, zone

_BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_RESULTS = {Status.REFUSED: "refused", Status.REVOKED: "revoked", Status.WITHDRAWN: "withdrawn"}
_RUN = frozenset({Status.IN_FORCE, Status.IN_TRANSIT, Status.COMPLETED})


def write(trial: Trial, state: PermitState) -> bool:
    """Write the permit's row in a trial, or take it out of its scope; returns whether a row changed."""
    before = TrialCase.objects.filter(trial=trial.id, permit=state.id).first()
    version = in_scope(trial, state)
    if version is None:
        if before is not None:
            before.delete()
        return before is not None
    columns = _standing(trial, state, version)
    if before is None or (before.version, before.law) != (version.number, _law_digest(trial)):
        try:
            columns |= _answers(trial, version)
        except (FactError, PackError):  # one of both laws cannot be asked about it, or not any more
            if before is None:
                return False
    if before is not None and all(getattr(before, name) == value for name, value in columns.items()):
        return False
    TrialCase.objects.update_or_create(trial=trial.id, permit=state.id, defaults=columns)
    return True


def in_scope(trial: Trial, state: PermitState) -> Version | None:
    """The last version of the permit that was declared in the trial's scope and time, None when none was."""
    for version in reversed(state.versions):
        declaration = version.declaration
        if rules.watches(trial, declaration.flow, declaration.crosses, version.at):
            return version
    return None


def catch_up(trial: Trial) -> int:
    """Write the rows of every permit declared in the trial's time that this node knew before it knew the trial."""
    agreed = rules.agreed_at(trial)
    if agreed is None:
        return 0
    since = max(agreed, rules.shadow_at(trial))
    rows = PermitRow.objects.filter(flow=trial.protocol.flow, changed_at__gte=since)
    known = TrialCase.objects.filter(trial=trial.id).values_list("permit", flat=True)
    found = dict.fromkeys([*rows.values_list("id", flat=True), *known])
    return sum(write(trial, permits.fold(acts(StreamId(permit)))) for permit in found)


def _law_digest(trial: Trial) -> str:
    try:
        return law_of(trial.protocol).digest
    except PackError:
        return ""


def _answers(trial: Trial, version: Version) -> dict[str, Any]:
    """What both banks' ordinary law and law on trial say of a version: at both parks the same."""
    law = LawFor(law_of(trial.protocol), trial.id)
    banks: dict[str, dict[str, Any]] = {}
    differ: set[str] = set()
    for park in zone().parks.values():
        ordinary, tried = (ask(version.declaration, park.bank, under) for under in (None, law))
        banks[park.bank] = {
            "before": str(ordinary.outcome),
            "after": str(tried.outcome),
            "measures_before": _required(ordinary),
            "measures_after": _required(tried),
        }
        differ |= set(ordinary.applying()) ^ set(tried.applying())
    return {
        "law": law.law.digest,
        "before": worse(bank["before"] for bank in banks.values()),
        "after": worse(bank["after"] for bank in banks.values()),
        "changed": any(
            bank[f"{what}before"] != bank[f"{what}after"]
            for bank in banks.values()
            for what in ("", "measures_")
        ),
        "banks": banks,
        "provisions": sorted(differ),
    }


def _required(answer: BankAnswer) -> list[str]:
    return sorted({line.id for each in answer.all for line in each.measures if not line.held})


def _standing(trial: Trial, state: PermitState, version: Version) -> dict[str, Any]:
    """What became of it, from acts both parks hold."""
    declaration = version.declaration
    organisation = party_of(declaration, state.home).id
    joined = trial.joined.get(organisation)
    kind = declaration.facts.get("sender_kind") or (joined.sender_kind if joined else "")
    takes_part = rules.takes_part(trial, organisation, version.at)
    in_force_at = _both(version.signed)
    crossings = {passage.crossing for passage in version.passages}
    minutes = None
    if in_force_at is not None:
        minutes = working_minutes(version.at, in_force_at, zone().park(state.home))
    return {
        "version": version.number,
        "home": state.home,
        "crosses": declaration.crosses,
        "organisation": organisation,
        "group": "participant" if takes_part else "waiting" if joined is not None else "other",
        "live": version.trial == trial.id,
        "sender_kind": str(kind),
        "declared_at": version.at,
        "cleared_at": _both(version.cleared),
        "in_force_at": in_force_at,
        "working_minutes": minutes,
        "result": _result(state, version),
        "crossings": len(crossings),
        "discrepancies": len(crossings & state.faulty),
        "quantity": counted(trial.protocol, declaration),
    }


def _both(said: Mapping[str, Clearance] | Mapping[str, Signature]) -> datetime | None:
    return max(each.at for each in said.values()) if len(said) == 2 else None


def _result(state: PermitState, version: Version) -> str:
    then = replace(state, versions=state.versions[: version.number])
    status = permits.status(then, _BEFORE_TIME)
    if status in _RUN:
        return "in_force"
    return _RESULTS.get(status, "" if version is state.current else "replaced")


def working_minutes(start: datetime, end: datetime, park: Park) -> int:
    """Minutes between two moments that fall on working days of the park's bank; all of them where no calendar is held."""
    local, total = ZoneInfo(park.time_zone), timedelta()
    calendar = load().calendars.of(park.bank)
    day, last = start.astimezone(local).date(), end.astimezone(local).date()
    try:
        while day <= last:
            if calendar.is_working(day):
                begins = datetime.combine(day, time(), local)
                total += max(min(end, begins + timedelta(days=1)) - max(start, begins), timedelta())
            day += timedelta(days=1)
    except CalendarGapError:
        total = end - start
    return int(total.total_seconds()) // 60


def snapshot(rows: Iterable[TrialCase]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row's values without the number the database gave it."""
    found = {}
    for row in rows:
        values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
        found[row.trial, row.permit] = values
    return found
