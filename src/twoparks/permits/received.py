"""What this node's rules refuse of the other park's acts. Pure; signatures over permit bytes are checked where keys are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twoparks.federation.types import StoredAct
from twoparks.permits import declarations, terms
from twoparks.permits.flows import FLOWS
from twoparks.permits.types import Declaration, PermitState, Version
from twoparks.permits.work import CLOSED_OUTCOMES
from twoparks.registry.zone import Zone


@dataclass(frozen=True)
class Refusal:
    """Why an act cannot be accepted."""

    code: str
    plain: str


LONGEST_ID = 40  # of a permit: its pass must stay small
_APPLICANT = frozenset({"member", "administrator"})
_HOLDER = frozenset({"person"})
_OFFICER = frozenset({"park_officer"})
_NODE = frozenset({"node"})
_SPEAKERS: Mapping[str, frozenset[str]] = {
    "permit.declared": _APPLICANT,
    "permit.withdrawn": _APPLICANT | _HOLDER,
    "permit.determined": _NODE,
    "permit.cleared": _OFFICER,
    "permit.refused": _OFFICER | _NODE,
    "permit.revoked": _OFFICER | _NODE,
    "permit.signed": _NODE,
}


def refusal(before: PermitState | None, act: StoredAct, zone: Zone) -> Refusal | None:
    """Why `act` cannot follow on what this node knew `before` it, or None when it can."""
    if act.by.role not in _SPEAKERS.get(act.kind, frozenset()):
        return Refusal("wrong_speaker", f"{act.kind} cannot be said by {act.by.role!r}")
    if act.kind == "permit.declared":
        return _declared(before, act, zone)
    if before is None:
        return Refusal("no_declaration", f"{act.kind} speaks of {act.stream}, which was never declared")
    if act.kind == "permit.withdrawn":
        return _withdrawn(before, act)
    version = before.version(act.body["version"])
    if version is None:
        return Refusal("no_version", f"version {act.body['version']} of {act.stream} was never declared")
    check = _CHECKS.get(act.kind)
    return None if check is None else check(version, act, zone)


def _declared(before: PermitState | None, act: StoredAct, zone: Zone) -> Refusal | None:
    declaration = declarations.from_json(act.body["declaration"])
    expected = 1 if before is None else len(before.versions) + 1
    if before is not None and before.home != act.park:
        return Refusal("not_home", f"{act.stream} began at {before.home}; only that park declares it anew")
    if len(act.stream) > LONGEST_ID:
        return Refusal("id_too_long", f"{act.stream} has more than {LONGEST_ID} characters")
    if not act.stream.startswith(f"{act.park}-p-"):
        return Refusal("not_home", f"{act.stream} does not begin with the id of {act.park}")
    if act.body["version"] != expected:
        return Refusal("version_skipped", f"version {expected} was expected, {act.body['version']} came")
    if before is not None and before.withdrawn_at is not None:
        return Refusal("withdrawn", f"{act.stream} was withdrawn; it cannot be declared anew")
    return _shape(declaration, act.park, zone)


def _shape(declaration: Declaration, home: str, zone: Zone) -> Refusal | None:
    way = zone.directions.get(declaration.crosses)
    if way is None:
        return Refusal("direction_unknown", f"{declaration.crosses!r} is no direction of this zone")
    if (declaration.sender.park, declaration.recipient.park) != way or home not in way:
        return Refusal(
            "parties_misplaced", "the sender is not on the bank left, or the recipient not on the other"
        )
    if declaration.valid_until < declaration.valid_from:
        return Refusal("validity", "the declaration ends before it begins")
    found = FLOWS[declaration.flow].refusal(declaration, zone)
    return None if found is None else Refusal(*found)


def _withdrawn(before: PermitState, act: StoredAct) -> Refusal | None:
    if act.park != before.home:
        return Refusal("not_home", f"{act.stream} began at {before.home}; only its applicant withdraws it")
    return None


def _determined(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if act.body["bank"] != zone.park(act.park).bank:
        return Refusal("other_bank", f"{act.park} does not speak for the law of bank {act.body['bank']!r}")
    return None


def _cleared(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if act.body["declaration_digest"] != version.digest:
        return Refusal("other_declaration", "the clearance is for other declaration bytes")
    determined = version.determined.get(act.park)
    if determined is None or determined.outcome in CLOSED_OUTCOMES:
        return Refusal("not_clearable", f"the law of {act.park} did not say that this can be cleared")
    if act.park in version.cleared or act.park in version.refused:
        return Refusal("decided_before", f"{act.park} has decided on version {version.number} before")
    asked = terms.offer(version.declaration, zone.park(act.park).time_zone)
    if (beyond := terms.exceeds(terms.from_json(act.body["terms"]), asked)) is not None:
        return Refusal("terms_beyond", beyond)
    return None


def _refused(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if act.body["declaration_digest"] != version.digest:
        return Refusal("other_declaration", "the refusal is for other declaration bytes")
    return None


def _after_clearance(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if act.park not in version.cleared:
        return Refusal("not_cleared", f"{act.park} has not cleared version {version.number}")
    return None


_CHECKS: Mapping[str, Callable[[Version, StoredAct, Zone], Refusal | None]] = {
    "permit.determined": _determined,
    "permit.cleared": _cleared,
    "permit.refused": _refused,
    "permit.revoked": _after_clearance,
    "permit.signed": _after_clearance,
}
