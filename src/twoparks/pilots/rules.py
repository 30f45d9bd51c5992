"""What a trial is: a pure function of its acts. No clock, no database, no user in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from twoparks.federation.types import StoredAct
from twoparks.pilots import protocol as p
from twoparks.pilots.types import (
    Agreed,
    Harmed,
    Joined,
    Protocol,
    Reported,
    Said,
    Status,
    Stopped,
    Trial,
    TrialId,
    Version,
    Why,
)
from twoparks.registry.zone import Zone

RUNNING = frozenset({Status.SHADOW, Status.LIVE})
OVER = frozenset({Status.REFUSED, Status.STOPPED, Status.ENDED, Status.REPORTED})
SIGNABLE = frozenset({Status.FILED})


class NoTrial(LookupError):
    """The stream holds no protocol: there is no such trial at this node."""


def fold(acts: Iterable[StoredAct], zone: Zone, before: Trial | None = None) -> Trial:
    """The trial its acts make, whatever the order in which two parks' acts came in; raises NoTrial when there is none."""
    trial = before
    for act in acts:
        if act.kind == "trial.filed":
            trial = _filed(trial, act, zone)
        elif trial is not None and act.kind in _FOLDS:
            trial = _FOLDS[act.kind](trial, act)
            trial = replace(trial, acts=trial.acts + 1, changed_at=max(trial.changed_at, act.at))
    if trial is None:
        raise NoTrial("no protocol under this number has reached this park")
    return trial


def agreed_at(trial: Trial) -> datetime | None:
    """When both parks had signed the current version, None before."""
    signed = trial.current.signed
    return max(said.at for said in signed.values()) if len(signed) == 2 else None


def opened_at(trial: Trial) -> datetime | None:
    """When both parks had agreed to go live, None before."""
    opened = trial.current.opened
    return max(said.at for said in opened.values()) if len(opened) == 2 else None


def shadow_at(trial: Trial) -> datetime:
    """The first moment of the shadow run."""
    return midnight(trial.protocol.shadow_from, trial.time_zone)


def live_at(trial: Trial) -> datetime:
    """The first moment at which it may decide."""
    return midnight(trial.protocol.live_from, trial.time_zone)


def ends_at(trial: Trial) -> datetime:
    """The first moment after its last day."""
    return midnight(trial.protocol.ends + timedelta(days=1), trial.time_zone)


def status(trial: Trial, now: datetime) -> Status:
    """Where the trial stands at `now`."""
    if trial.reported is not None:
        return Status.REPORTED
    stopped = trial.stopped
    if stopped is not None:
        return Status.ENDED if stopped.why is Why.END else Status.STOPPED
    if trial.current.refused:
        return Status.REFUSED
    if now >= ends_at(trial):
        return Status.ENDED
    if agreed_at(trial) is None:
        return Status.FILED
    if now < shadow_at(trial):
        return Status.AGREED
    return Status.LIVE if opened_at(trial) is not None and now >= live_at(trial) else Status.SHADOW


def watches(trial: Trial, flow: str, crosses: str, at: datetime) -> bool:
    """Whether a declaration of that flow and direction, made at that moment, is a case of the trial."""
    protocol, agreed = trial.protocol, agreed_at(trial)
    if agreed is None or protocol.flow != flow or protocol.crosses not in (None, crosses):
        return False
    return max(agreed, shadow_at(trial)) <= at and _is_open_at(trial, at)


def decides(trial: Trial, organisation: str, at: datetime) -> bool:
    """Whether what that organisation declared at that moment may be decided under the trial, whatever its caps say."""
    opened = opened_at(trial)
    if opened is None or at < max(opened, live_at(trial)) or not _is_open_at(trial, at):
        return False
    return takes_part(trial, organisation, at)


def still_decides(trial: Trial) -> bool:
    """Whether what was declared under it is still decided under it: not once it was stopped, but for a cap filled."""
    return all(stop.why is Why.CAP and not stop.figures.get("breach") for stop in trial.stops)


def takes_part(trial: Trial, organisation: str, at: datetime) -> bool:
    """Whether the organisation had joined by then, not left, and was drawn where a lot decides."""
    joined = trial.joined.get(organisation)
    if joined is None or joined.at > at or (joined.left_at is not None and joined.left_at <= at):
        return False
    return is_drawn(trial, organisation)


def is_drawn(trial: Trial, organisation: str) -> bool:
    """Whether the lot falls on the organisation; without a lot it does on everybody.

    Drawn by the digest of trial and organisation: nobody chooses, and anybody can draw again.
    """
    share = trial.protocol.participants.drawn_per_mille
    if trial.protocol.participants.how != "lot" or share is None:
        return True
    drawn = int.from_bytes(sha256(f"{trial.id} {organisation}".encode()).digest()[:8], "big")
    return drawn % 1000 < share


def waiting_authorities(version: Version, bank: str) -> tuple[str, ...]:
    """Authorities of that bank named by the protocol that have not agreed to this version."""
    named = version.protocol.authorities.get(bank, ())
    return tuple(key for key in named if key not in version.agreed or not version.agreed[key].agrees)


def bank_of(protocol: Protocol, authority: str) -> str | None:
    """The bank for which the protocol names that authority."""
    return next((bank for bank, keys in protocol.authorities.items() if authority in keys), None)


def midnight(day: date, time_zone: str) -> datetime:
    """The first moment of a day there."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _is_open_at(trial: Trial, at: datetime) -> bool:
    """Whether it had neither ended nor been stopped before that moment."""
    return at < ends_at(trial) and all(at <= stop.at for stop in trial.stops)


# --- folding one act --------------------------------------------------------------------------------------------


def _filed(trial: Trial | None, act: StoredAct, zone: Zone) -> Trial:
    protocol = p.from_json(act.body["protocol"])
    version = Version(act.body["version"], protocol, p.digest_of(protocol), act.at)
    if trial is None:
        time_zone = zone.park(act.park).time_zone
        return Trial(TrialId(act.stream), act.park, time_zone, (version,), {}, (), (), None, 1, act.at)
    changed = max(trial.changed_at, act.at)
    return replace(trial, versions=(*trial.versions, version), acts=trial.acts + 1, changed_at=changed)


def _on_version(change: Callable[[Version, StoredAct], Version]) -> Callable[[Trial, StoredAct], Trial]:
    def folded(trial: Trial, act: StoredAct) -> Trial:
        number = act.body["version"]
        return replace(
            trial, versions=tuple(change(v, act) if v.number == number else v for v in trial.versions)
        )

    return folded


def _agreed(version: Version, act: StoredAct) -> Version:
    body = act.body
    made = Agreed(body["authority"], body["agrees"], body["reasons"], act.park, act.at)
    return replace(version, agreed={**version.agreed, made.authority: made})


def _signed(version: Version, act: StoredAct) -> Version:
    return replace(version, signed={act.park: Said(act.park, act.at), **version.signed})


def _refused(version: Version, act: StoredAct) -> Version:
    return replace(
        version, refused={act.park: Said(act.park, act.at, act.body["reasons"]), **version.refused}
    )


def _opened(version: Version, act: StoredAct) -> Version:
    said = Said(act.park, act.at, seen=act.body["seen"])
    return replace(version, opened={act.park: said, **version.opened})


def _joined(trial: Trial, act: StoredAct) -> Trial:
    body = act.body
    made = Joined(body["organisation"], act.park, body["sender_kind"], body["named"], act.at)
    if made.organisation in trial.joined:
        return trial
    return replace(trial, joined={**trial.joined, made.organisation: made})


def _left(trial: Trial, act: StoredAct) -> Trial:
    before = trial.joined.get(act.body["organisation"])
    if before is None:
        return trial
    return replace(trial, joined={**trial.joined, before.organisation: replace(before, left_at=act.at)})


def _harmed(trial: Trial, act: StoredAct) -> Trial:
    body = act.body
    made = Harmed(body["measure"], body["permit"], body["reasons"], act.park, act.at)
    return replace(trial, harms=tuple(sorted((*trial.harms, made), key=lambda h: (h.at, h.park))))


def _stopped(trial: Trial, act: StoredAct) -> Trial:
    body = act.body
    made = Stopped(Why(body["why"]), act.park, act.at, body["reasons"], body["figures"])
    return replace(trial, stops=tuple(sorted((*trial.stops, made), key=lambda s: (s.at, s.park))))


def _reported(trial: Trial, act: StoredAct) -> Trial:
    body = act.body
    made = Reported(body["proposal"], body["summary"], body["figures"], body["figures_digest"], act.at)
    return replace(trial, reported=made)


_FOLDS: Mapping[str, Callable[[Trial, StoredAct], Trial]] = {
    "trial.authority_agreed": _on_version(_agreed),
    "trial.signed": _on_version(_signed),
    "trial.refused": _on_version(_refused),
    "trial.opened": _on_version(_opened),
    "trial.joined": _joined,
    "trial.left": _left,
    "trial.harmed": _harmed,
    "trial.stopped": _stopped,
    "trial.reported": _reported,
}
