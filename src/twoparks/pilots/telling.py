"""Trials in words: their acts, their measures, what each key stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.federation.types import StoredAct
from twoparks.packs import load
from twoparks.permits.letter import authority_name
from twoparks.permits.telling import ROLES
from twoparks.pilots import protocol as p
from twoparks.pilots.figures import Figures
from twoparks.pilots.flow_words import FLOW_WORDS
from twoparks.pilots.types import Harm, Protocol, Trial
from twoparks.registry.words import words

KINDS: Mapping[str, object] = {
    "trial.filed": gettext_lazy("Protocol filed"),
    "trial.authority_agreed": gettext_lazy("Authority answered"),
    "trial.signed": gettext_lazy("Signed by the park"),
    "trial.refused": gettext_lazy("Refused by the park"),
    "trial.opened": gettext_lazy("Opened: the park lets it decide"),
    "trial.joined": gettext_lazy("Organisation joined"),
    "trial.left": gettext_lazy("Organisation left"),
    "trial.harmed": gettext_lazy("Harm recorded"),
    "trial.stopped": gettext_lazy("Stopped"),
    "trial.reported": gettext_lazy("Reported"),
}
WHY: Mapping[str, object] = {
    "officer": gettext_lazy("by an officer"),
    "cap": gettext_lazy("its cap is filled"),
    "stop_rule": gettext_lazy("by its stop rule"),
    "law": gettext_lazy("the law changed and its change no longer fits"),
    "end": gettext_lazy("its last day is over"),
}
HOW: Mapping[str, object] = {
    "invited": gettext_lazy("by invitation"),
    "open": gettext_lazy("open to all who are eligible"),
    "lot": gettext_lazy("drawn by lot among those who join"),
}
COUNTED: Mapping[str, object] = {
    "working_minutes": gettext_lazy("time on working days from declaration to permit"),
    "in_force": gettext_lazy("share of declarations that come into force"),
    "clear_at_once": gettext_lazy("share of declarations that the law clears at once"),
    "refused": gettext_lazy("refusals after review, among decided cases"),
    "discrepancy": gettext_lazy("crossings with a discrepancy, among crossings"),
    "recorded": gettext_lazy("harms that officers record, among permits that came into force"),
}
RESULTS: Mapping[str, object] = {
    "": gettext_lazy("open"),
    "in_force": gettext_lazy("in force"),
    "refused": gettext_lazy("refused"),
    "revoked": gettext_lazy("revoked"),
    "withdrawn": gettext_lazy("withdrawn"),
    "replaced": gettext_lazy("declared anew"),
}
PROPOSALS: Mapping[str, object] = {
    "widen": gettext_lazy("Widen it"),
    "repeat": gettext_lazy("Repeat it"),
    "end": gettext_lazy("End it"),
}
HOWS: Mapping[str, object] = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "gone": gettext_lazy("dropped"),
}
AFTERWARDS: Mapping[str, object] = {
    "stays": gettext_lazy("Permits already in force stay in force."),
    "revoked": gettext_lazy("Permits already in force are revoked by both parks."),
}

ASSUMED: Mapping[str, object] = {
    "caps": gettext_lazy("caps"),
    "accepted_per_mille": gettext_lazy("accepted rates of harm"),
    "error_per_mille": gettext_lazy("error rate of the stop rule"),
    "places": gettext_lazy("places"),
}


@dataclass(frozen=True)
class Told:
    """One act as the page shows it."""

    title: str
    park: str
    who: str
    at: datetime
    version: int | None
    says: tuple[str, ...]
    digest: str
    id: str


@dataclass(frozen=True)
class HarmTold:
    """One measure of harm with how often it was seen and how much is accepted; rates in per mille."""

    words: str
    counted: str
    cases: int
    harms: int
    seen_per_mille: int
    accepted_per_mille: int
    tested: bool


def flow_word(flow: str) -> str:
    """What moves, in words."""
    return str(FLOW_WORDS.get(flow, flow))


def why_word(why: str) -> str:
    """Why a trial was stopped, in words."""
    return str(WHY.get(why, why))


def assumed_word(key: str) -> str:
    """A figure that is assumed, in words where the form of a protocol has them, else by its path."""
    return str(ASSUMED.get(key, key))


def result_word(result: str) -> str:
    """What became of a case, in words."""
    return str(RESULTS.get(result, result))


def decided_word(key: str) -> str:
    """Which law decides a case."""
    return _("the law on trial") if key == "trial" else _("the law in force")


def sender_word(kind: str) -> str:
    """A kind of organisation, in words."""
    return words(load().facts["sender_kind"].value_labels.get(kind)) or kind


def harms_told(protocol: Protocol, found: Figures) -> tuple[HarmTold, ...]:
    """Each harm of the protocol with its count so far."""
    return tuple(_harm(protocol, harm, found) for harm in protocol.harm)


def told(act: StoredAct) -> Told:
    """One act in words."""
    return Told(
        title=str(KINDS.get(act.kind, act.kind)),
        park=act.park,
        who=str(ROLES.get(act.by.role, act.by.role)),
        at=act.at,
        version=act.body.get("version"),
        says=tuple(_lines(act)),
        digest=act.digest,
        id=act.id,
    )


def protocol_digest(found: Trial) -> str:
    """What both parks sign, hex."""
    return p.digest_of(found.protocol)


def _harm(protocol: Protocol, harm: Harm, found: Figures) -> HarmTold:
    count = found.harms[harm.key]
    return HarmTold(
        words=words(harm.words),
        counted=str(COUNTED[harm.counted]),
        cases=count.cases,
        harms=count.harms,
        seen_per_mille=count.per_mille,
        accepted_per_mille=harm.accepted_per_mille,
        tested=harm.key == protocol.stop_rule.harm,
    )


def _lines(act: StoredAct) -> list[str]:
    body = act.body
    lines: list[str] = []
    match act.kind:
        case "trial.authority_agreed":
            said = {"authority": authority_name(body["authority"])}
            agrees = _("%(authority)s agrees.") if body["agrees"] else _("%(authority)s does not agree.")
            lines.append(agrees % said)
        case "trial.joined" | "trial.left":
            lines.append(str(body["organisation"]))
        case "trial.stopped":
            lines.append(why_word(body["why"]))
        case "trial.reported":
            lines += [str(PROPOSALS[body["proposal"]]), words(body["summary"])]
        case "trial.harmed" if body["permit"]:
            lines.append(str(body["permit"]))
    return [*lines, *([str(body["reasons"])] if body.get("reasons") else [])]
