"""What this node's rules refuse of the other park's acts about trials. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twoparks.federation.types import StoredAct
from twoparks.law.zone import Zone as Law
from twoparks.permits.received import LONGEST_ID, Refusal
from twoparks.pilots import checking, rules
from twoparks.pilots import protocol as p
from twoparks.pilots.types import Trial, Version
from twoparks.registry.zone import Zone

_OFFICER = frozenset({"park_officer"})
_MAKER = frozenset({"rule_maker"})
_ADMINISTRATOR = frozenset({"administrator"})
_SPEAKERS: Mapping[str, frozenset[str]] = {
    "trial.filed": _MAKER,
    "trial.authority_agreed": frozenset({"authority_officer"}),
    "trial.signed": _OFFICER,
    "trial.refused": _OFFICER,
    "trial.opened": _OFFICER,
    "trial.joined": _ADMINISTRATOR,
    "trial.left": _ADMINISTRATOR,
    "trial.harmed": _OFFICER | {"authority_officer"},
    "trial.stopped": _OFFICER | {"node"},
    "trial.reported": _MAKER,
}


def refusal(before: Trial | None, act: StoredAct, zone: Zone, law: Law) -> Refusal | None:
    """Why `act` cannot follow on what this node knew `before` it, or None when it can."""
    if act.by.role not in _SPEAKERS.get(act.kind, frozenset()):
        return Refusal("wrong_speaker", f"{act.kind} cannot be said by {act.by.role!r}")
    if act.kind == "trial.filed":
        return _filed(before, act, zone, law)
    if before is None:
        return Refusal("no_protocol", f"{act.kind} speaks of {act.stream}, which was never filed")
    if "version" in act.body:
        version = before.version(act.body["version"])
        if version is None:
            return Refusal("no_version", f"version {act.body['version']} of {act.stream} was never filed")
        check = _OF_A_VERSION.get(act.kind)
        return None if check is None else check(version, act, zone)
    return _OF_THE_TRIAL[act.kind](before, act)


def _filed(before: Trial | None, act: StoredAct, zone: Zone, law: Law) -> Refusal | None:
    expected = 1 if before is None else len(before.versions) + 1
    if before is not None and before.home != act.park:
        return Refusal("not_home", f"{act.stream} began at {before.home}; only that park files it anew")
    if not act.stream.startswith(f"{act.park}-t-") or len(act.stream) > LONGEST_ID:
        return Refusal("not_home", f"{act.stream} is not the number of a trial of {act.park}")
    if act.body["version"] != expected:
        return Refusal("version_skipped", f"version {expected} was expected, {act.body['version']} came")
    found = checking.faults(p.from_json(act.body["protocol"]), zone, law)
    return Refusal("protocol_unfit", f"{found[0].path}: {found[0].accepted}") if found else None


def _authority_agreed(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    authority = act.body["authority"]
    if act.by.authority != authority:
        return Refusal("wrong_speaker", f"an officer of {act.by.authority} does not speak for {authority}")
    if rules.bank_of(version.protocol, authority) != zone.park(act.park).bank:
        return Refusal("not_named", f"the protocol names no {authority} for the bank of {act.park}")
    return _same_bytes(version, act)


def _signed(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    waiting = rules.waiting_authorities(version, zone.park(act.park).bank)
    if waiting:
        return Refusal("not_agreed", f"{', '.join(waiting)} had not agreed when {act.park} signed")
    if act.park in version.signed:
        return Refusal("signed_before", f"{act.park} has signed version {version.number} before")
    return _same_bytes(version, act)


def _same_bytes(version: Version, act: StoredAct) -> Refusal | None:
    if act.body["protocol_digest"] != version.digest:
        return Refusal("other_protocol", "the answer is for other protocol bytes")
    return None


def _opened(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if len(version.signed) < 2:
        return Refusal("not_signed", f"version {version.number} was not signed by both parks")
    if act.park in version.opened:
        return Refusal("opened_before", f"{act.park} has opened version {version.number} before")
    return None


def _stopped(version: Version, act: StoredAct, zone: Zone) -> Refusal | None:
    if len(version.signed) < 2:
        return Refusal("not_signed", f"version {version.number} was not signed by both parks")
    if (act.body["why"] == "officer") != (act.by.role == "park_officer"):
        return Refusal("wrong_speaker", f"{act.body['why']} is not said by {act.by.role!r}")
    return None


def _joined(before: Trial, act: StoredAct) -> Refusal | None:
    if not act.body["organisation"].startswith(f"{act.park}-o-"):
        return Refusal("other_organisation", f"{act.body['organisation']} is not of {act.park}")
    if act.body["organisation"] in before.joined:
        return Refusal("joined_before", f"{act.body['organisation']} has joined {act.stream} before")
    if not any(len(version.signed) == 2 for version in before.versions):
        return Refusal("not_signed", f"{act.stream} was not signed by both parks")
    return None


def _left(before: Trial, act: StoredAct) -> Refusal | None:
    joined = before.joined.get(act.body["organisation"])
    if joined is None or joined.park != act.park:
        return Refusal("not_joined", f"{act.body['organisation']} takes no part for {act.park}")
    return None


def _harmed(before: Trial, act: StoredAct) -> Refusal | None:
    if all(version.protocol.harm_of(act.body["measure"]) is None for version in before.versions):
        return Refusal("no_measure", f"the protocol has no harm {act.body['measure']!r}")
    if act.by.authority is not None and rules.bank_of(before.protocol, act.by.authority) is None:
        return Refusal("not_named", f"the protocol does not name {act.by.authority}")
    return None


def _reported(before: Trial, act: StoredAct) -> Refusal | None:
    if before.home != act.park:
        return Refusal("not_home", f"{act.stream} began at {before.home}; only that park reports it")
    if before.reported is not None:
        return Refusal("reported_before", f"{act.stream} was reported before")
    if not (before.stops or act.at >= rules.ends_at(before)):
        return Refusal("not_over", f"{act.stream} runs still")
    return None


_OF_A_VERSION: Mapping[str, Callable[[Version, StoredAct, Zone], Refusal | None]] = {
    "trial.authority_agreed": _authority_agreed,
    "trial.signed": _signed,
    "trial.opened": _opened,
    "trial.stopped": _stopped,
}
_OF_THE_TRIAL: Mapping[str, Callable[[Trial, StoredAct], Refusal | None]] = {
    "trial.joined": _joined,
    "trial.left": _left,
    "trial.harmed": _harmed,
    "trial.reported": _reported,
}
