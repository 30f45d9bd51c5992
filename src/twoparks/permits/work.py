"""What is left to do at one park before it may clear, whose it is, and why. Pure: the law's answer goes in, work comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from twoparks.permits.flows import FLOWS
from twoparks.permits.types import APPLICANT, Decision, Evidence, RegisterCheck, Todo, Version, Waits

CLOSED_OUTCOMES = frozenset({"forbidden", "unknown"})


class Line(Protocol):
    """A measure the law requires, as a determination lists it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def one_of(self) -> object: ...
    @property
    def held(self) -> bool: ...
    @property
    def authority(self) -> tuple[str, ...]: ...
    @property
    def provisions(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Answered:
    """One bank's law about one version: what `todo` needs of a determination, authorities narrowed to this bank."""

    outcome: str
    groups: tuple[tuple[Line, ...], ...]  # each group: any of its measures serves
    referred: tuple[tuple[str, str | None], ...]  # provision, authority or None where the law names nobody
    closing: tuple[str, ...]  # provisions that forbid
    mine: Callable[[tuple[str, ...]], tuple[str, ...]]  # authorities of a measure -> those of this bank


@dataclass(frozen=True)
class ToCheck:
    """A number to ask a register about."""

    measure: str
    number: str
    authority: str


def todo(version: Version, law: Answered) -> tuple[Todo, ...]:
    """All work left for this version at this park; empty when the park officer may clear."""
    if law.outcome in CLOSED_OUTCOMES:
        return (Todo((), Waits.LAW, provisions=law.closing),)
    found = [work for group in law.groups if (work := _of_measures(version, group, law)) is not None]
    found += [
        work
        for provision, authority in law.referred
        if (work := _of_provision(version, provision, authority)) is not None
    ]
    if law.outcome == "refer" and not law.referred and not _park_granted(version):
        found.append(Todo((), Waits.REFERRED))
    return tuple(found)


def to_check(version: Version, law: Answered) -> tuple[ToCheck, ...]:
    """Every held approval whose authority keeps a register, in the order the law requires them."""
    found: dict[ToCheck, None] = {}
    for line in (line for group in law.groups for line in group):
        for evidence in _evidence_for(version, line.id):
            authorities = law.mine(line.authority)
            numbered = bool(evidence.number) or FLOWS[version.declaration.flow].numbers
            if numbered and APPLICANT not in authorities and authorities:
                authority = evidence.authority if evidence.authority in authorities else authorities[0]
                found[ToCheck(line.id, evidence.number, authority)] = None
    return tuple(found)


def grounds(version: Version, law: Answered) -> tuple[Mapping[str, str | None], ...]:
    """What a clearance rests on: each settled measure or provision with its authority."""
    found: list[Mapping[str, str | None]] = []
    for group in law.groups:
        line = next((line for line in group if _settled(version, line, law)), None)
        if line is not None:
            granted = _latest(version, lambda d, key=line.id: d.measure == key)  # type: ignore[misc]
            authorities = law.mine(line.authority)
            authority = granted.authority if granted else (authorities[0] if authorities else None)
            found.append({"measure": line.id, "provision": None, "authority": authority})
    for provision, authority in law.referred:
        found.append({"measure": None, "provision": provision, "authority": authority})
    return tuple(found)


def _of_measures(version: Version, group: tuple[Line, ...], law: Answered) -> Todo | None:
    if any(_settled(version, line, law) for line in group):
        return None
    measures = tuple(line.id for line in group)
    provisions = tuple(dict.fromkeys(p for line in group for p in line.provisions))
    authorities = tuple(dict.fromkeys(a for line in group for a in law.mine(line.authority)))
    officers = tuple(a for a in authorities if a != APPLICANT)
    if not officers:
        return Todo((APPLICANT,), Waits.STATEMENT, measures, provisions)
    decisions = [_latest(version, lambda d, key=m: d.measure == key) for m in measures]  # type: ignore[misc]
    if all(d is not None and d.decision == "refuse" for d in decisions):
        return Todo((), Waits.DENIED, measures, provisions)
    asked = next((d for d in decisions if d is not None and d.decision == "ask"), None)
    if asked is not None:
        return Todo(officers, Waits.ASKED, measures, provisions, question=asked.reasons.text)
    check = _bad_check(version, measures)
    if check is not None:
        return Todo(officers, Waits.REGISTER, measures, provisions, check.answer, check.simulated)
    why = Waits.CONFIRM if any(line.held for line in group) else Waits.MISSING
    return Todo(officers, why, measures, provisions)


def _of_provision(version: Version, provision: str, authority: str | None) -> Todo | None:
    decision = _latest(version, lambda d: d.provision == provision)
    officers = () if authority is None else (authority,)
    if decision is None:
        return Todo(officers, Waits.REFERRED, provisions=(provision,))
    match decision.decision:
        case "grant":
            return None
        case "refuse":
            return Todo((), Waits.DENIED, provisions=(provision,))
        case _:
            return Todo(officers, Waits.ASKED, provisions=(provision,), question=decision.reasons.text)


def _settled(version: Version, line: Line, law: Answered) -> bool:
    decision = _latest(version, lambda d: d.measure == line.id)
    if decision is not None:
        return decision.decision == "grant"
    if not line.held:
        return False
    authorities = law.mine(line.authority)
    if not authorities or APPLICANT in authorities:
        return True
    return any(check.measure == line.id and check.answer == "valid" for check in version.checks)


def _park_granted(version: Version) -> bool:
    decision = _latest(version, lambda d: d.measure is None and d.provision is None)
    return decision is not None and decision.decision == "grant"


def _bad_check(version: Version, measures: Iterable[str]) -> RegisterCheck | None:
    wanted = set(measures)
    return next((c for c in reversed(version.checks) if c.measure in wanted and c.answer != "valid"), None)


def _evidence_for(version: Version, measure: str) -> list[Evidence]:
    return [e for e in version.declaration.evidence if e.measure == measure]


def _latest(version: Version, matches: Callable[[Decision], bool]) -> Decision | None:
    return next((d for d in reversed(version.decisions) if matches(d)), None)
