"""What happened to a permit, told in words: one line an act, with who, when and the digest that proves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.federation.contracts import contract
from twoparks.federation.types import StoredAct
from twoparks.lists.statuses import status_word
from twoparks.permits import letter
from twoparks.permits.types import APPLICANT, Todo, Waits
from twoparks.registry.phrases import phrase

KINDS: Mapping[str, object] = {
    "permit.declared": gettext_lazy("Declared"),
    "permit.determined": gettext_lazy("The bank's law answered"),
    "permit.register_checked": gettext_lazy("Checked with the register"),
    "permit.decided": gettext_lazy("Authority decided"),
    "permit.cleared": gettext_lazy("Cleared by the park"),
    "permit.refused": gettext_lazy("Refused by the park"),
    "permit.signed": gettext_lazy("Permit signed"),
    "permit.revoked": gettext_lazy("Revoked"),
    "permit.withdrawn": gettext_lazy("Withdrawn"),
    "crossing.passed": gettext_lazy("Passed a gate"),
    "crossing.declared": gettext_lazy("Return by another control point declared"),
    "person.consented": gettext_lazy("Consent given"),
    "person.consent_withdrawn": gettext_lazy("Consent withdrawn"),
    "person.counts_released": gettext_lazy("Monthly counts released to the employer"),
    "person.counts_withdrawn": gettext_lazy("Monthly counts taken back"),
    "person.movements_read": gettext_lazy("An officer read the movements"),
    "person.invited": gettext_lazy("Person invited"),
    "role.given": gettext_lazy("Role given"),
    "role.ended": gettext_lazy("Role ended"),
    "roles.noted": gettext_lazy("Roles noted that stood before"),
    "account.ended": gettext_lazy("Account ended"),
    "account.password_given": gettext_lazy("New password given"),
    "crossing.discrepancy_opened": gettext_lazy("Discrepancy found"),
    "crossing.discrepancy_closed": gettext_lazy("Discrepancy explained"),
}
ROLES: Mapping[str, object] = {
    "member": gettext_lazy("applicant"),
    "administrator": gettext_lazy("applicant"),
    "park_officer": gettext_lazy("park officer"),
    "authority_officer": gettext_lazy("authority officer"),
    "person": gettext_lazy("the person"),
    "gate": gettext_lazy("gate"),
    "auditor": gettext_lazy("auditor"),
    "rule_maker": gettext_lazy("rule maker"),
    "node": gettext_lazy("by the node itself"),
}
DECISIONS: Mapping[str, object] = {
    "grant": gettext_lazy("granted"),
    "refuse": gettext_lazy("refused"),
    "ask": gettext_lazy("asked the applicant"),
}
ANSWERS: Mapping[str, object] = {
    "valid": gettext_lazy("valid"),
    "unknown": gettext_lazy("number not known"),
    "expired": gettext_lazy("expired"),
    "revoked": gettext_lazy("revoked"),
    "other_holder": gettext_lazy("another holder"),
}
LEGS: Mapping[str, object] = {"exit": gettext_lazy("exit"), "entry": gettext_lazy("entry")}


@dataclass(frozen=True)
class Told:
    """One act as the page shows it."""

    title: str
    park: str
    who: str
    at: datetime
    version: int | None
    says: tuple[str, ...]
    provisions: tuple[str, ...]
    digest: str
    id: str
    simulated: bool


@dataclass(frozen=True)
class Crossed:
    """One kind of message that crossed about a permit: its title, by which parks, each field with the reason it crosses."""

    title: str
    parks: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]


def crossed(acts: Iterable[StoredAct], titles: Mapping[str, object] = KINDS) -> tuple[Crossed, ...]:
    """What crossed the river in these acts and why, as their contracts say; in the order it first crossed."""
    by_kind: dict[str, list[StoredAct]] = {}
    for act in acts:
        if contract(act.kind).crosses:
            by_kind.setdefault(act.kind, []).append(act)
    return tuple(
        Crossed(
            title=str(titles.get(kind, kind)),
            parks=tuple(dict.fromkeys(act.park for act in said)),
            fields=tuple(
                (name, _(field.why))
                for name, field in contract(kind).fields.items()
                if any(name in act.body for act in said)
            ),
        )
        for kind, said in by_kind.items()
    )


def told(act: StoredAct) -> Told:
    """One act in words."""
    body = act.body
    return Told(
        title=str(KINDS.get(act.kind, act.kind)),
        park=act.park,
        who=str(ROLES.get(act.by.role, act.by.role)),
        at=act.at,
        version=body.get("version"),
        says=tuple(_lines(act)),
        provisions=tuple(body.get("provisions", ())),
        digest=act.digest,
        id=act.id,
        simulated=bool(body.get("simulated", False)),
    )


def _lines(act: StoredAct) -> list[str]:
    body = act.body
    lines: list[str] = []
    match act.kind:
        case "permit.declared" if body.get("trial"):
            lines.append(_("Declared under trial %(trial)s.") % body)
        case "permit.determined":
            lines.append(status_word(body["outcome"]))
            if body.get("trial"):
                lines.append(_("The law on trial answered: trial %(trial)s.") % body)
        case "permit.register_checked":
            what = {
                "measure": letter.measure_name(body["measure"]),
                "number": body["number"],
                "answer": ANSWERS.get(body["answer"], body["answer"]),
            }
            lines.append(_("%(measure)s, number %(number)s: %(answer)s") % what)
        case "permit.decided":
            about = letter.measure_name(body["measure"]) if body["measure"] else (body["provision"] or "")
            who = letter.authority_name(body["authority"]) if body["authority"] else _("the park")
            what = {"who": who, "did": DECISIONS.get(body["decision"], ""), "about": about}
            lines.append(_("%(who)s %(did)s: %(about)s") % what)
        case "crossing.passed":
            lines.append(f"{LEGS.get(body['leg'], body['leg'])} · {body['gate']}")
    if reasons := body.get("reasons"):
        lines.append(phrase(reasons))
    return lines


def why(todo: Todo) -> str:
    """Why a piece of work waits, in one sentence; in two where nobody at this park can do it."""
    if todo.no_desk:
        who = _("There is no desk at this park for %(authority)s.") % {"authority": whose(todo)}
        return f"{who} {_why(todo)}"
    return _why(todo)


def _why(todo: Todo) -> str:
    match todo.why:
        case Waits.MISSING:
            return _("The law requires it and nothing is held.")
        case Waits.CONFIRM:
            return _("It is stated as held; the authority confirms it from its own records.")
        case Waits.REGISTER:
            answer = ANSWERS.get(todo.register_answer or "", todo.register_answer)
            return _("A number was given, but the register says: %(answer)s.") % {"answer": answer}
        case Waits.REFERRED:
            return _("The law leaves this point to a person.")
        case Waits.ASKED:
            return _("The authority asked the applicant: %(question)s") % {"question": phrase(todo.question)}
        case Waits.DENIED:
            return _("The authority refused it; the park can only refuse.")
        case Waits.STATEMENT:
            return _("The applicant has not stated its own step.")
        case Waits.LAW:
            return _("The law of this bank says no, or cannot answer; the park can only refuse.")


def whose(todo: Todo) -> str:
    """Whose desk a piece of work is on."""
    if not todo.authorities:
        return _("the park")
    names = [_("the applicant") if a == APPLICANT else letter.authority_name(a) for a in todo.authorities]
    return _(" or ").join(names)


def about(todo: Todo) -> str:
    """What a piece of work is about: its measures, else its provisions."""
    if todo.measures:
        return _(" or ").join(letter.measure_name(measure) for measure in todo.measures)
    found = [cited.says for p in todo.provisions if (cited := letter.provision(p)) is not None]
    return " ".join(found) or ", ".join(todo.provisions) or _("the whole movement")


def row(todo: Todo) -> dict[str, object]:
    """A piece of work as lists and pages show it."""
    return {"todo": todo, "about": about(todo), "whose": whose(todo), "why": why(todo)}
