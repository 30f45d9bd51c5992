"""The decision letter: the answer, why, the law it rests on, what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from twoparks.permits import letter, telling
from twoparks.permits.queries import BankView, PermitDetail
from twoparks.permits.types import APPLICANT, Decision, NotPossible, Said, Status, Waits
from twoparks.registry.phrases import phrase
from twoparks.registry.words import words
from twoparks.site.paper import parts, wording
from twoparks.site.paper.shape import Block, Box, Boxes, Column, Line, Section, Steps, Table, Text, Tint


def answer(detail: PermitDetail) -> str:
    """What was decided, in one sentence."""
    parks = {view.park.id: words(view.park.name) for view in detail.banks}
    version = detail.version
    if detail.status is Status.WITHDRAWN:
        return _("The applicant took the declaration back; nothing is decided any more.")
    if version.revoked:
        return _("The permit was revoked by %(park)s.") % {"park": _names(parks, version.revoked)}
    if version.refused:
        return _("The application was refused by %(park)s.") % {"park": _names(parks, version.refused)}
    if len(version.signed) == len(parks):
        return _("Both parks have cleared the application: the permit was signed.")
    if version.cleared:
        waiting = {park: name for park, name in parks.items() if park not in version.cleared}
        said = {"park": _names(parks, version.cleared), "other": _names(waiting, waiting)}
        return _("%(park)s has cleared the application; %(other)s has not yet.") % said
    return _("Authorities have answered; the park has not decided yet.")


def tint(detail: PermitDetail) -> Tint:
    """How the answer is meant: yes, no, not yet, or over."""
    if detail.version.revoked or detail.version.refused:
        return "stop"
    if detail.status is Status.WITHDRAWN:
        return "plain"
    return "good" if len(detail.version.signed) == len(detail.banks) else "wait"


def exists(detail: PermitDetail) -> bool:
    """Whether anybody has decided anything about the current version."""
    version = detail.version
    return bool(version.decisions or version.cleared or version.refused or version.revoked)


def sections(detail: PermitDetail) -> tuple[Section, ...]:
    """The parts of a letter; raises NotPossible before anybody decided anything about this version."""
    if not exists(detail):
        says = _("Nobody has decided anything about this version yet, so there is no letter.")
        raise NotPossible("no_decision", says)
    found = [
        Section(_("What was asked"), (parts.parties(detail.version.declaration),)),
        Section(_("What each park says"), (Boxes(tuple(_park(view) for view in detail.banks)),)),
    ]
    if detail.version.decisions:
        found.append(Section(_("What the authorities decided"), (_decisions(detail),)))
    found.append(Section(_("The law it rests on"), tuple(_law(detail))))
    found.append(Section(_("What to do next"), (Steps(tuple(_next(detail))),)))
    return tuple(found)


def _names(parks: dict[str, str], which: object) -> str:
    assert isinstance(which, dict)
    return _(" and ").join(name for park, name in parks.items() if park in which)


def _park(view: BankView) -> Box:
    said = view.revoked or view.refused
    if said is not None:
        return parts.box(view.park.id, _said(view, said), _cited(said))
    if view.clearance is None:
        return parts.box(view.park.id, [_("It has not decided yet.")])
    grounds = tuple(_ground(ground) for ground in view.clearance.grounds)
    lines = [Line(_("It rests on"), grounds)] if grounds else []
    return parts.box(
        view.park.id, [_("Cleared on %(at)s.") % {"at": wording.moment(view.clearance.at)}], lines
    )


def _said(view: BankView, said: Said) -> list[str]:
    sentence = _("Revoked on %(at)s.") if view.revoked else _("Refused on %(at)s.")
    return [sentence % {"at": wording.moment(said.at)}, phrase(said.reasons.text)]


def _cited(said: Said) -> list[Line]:
    return [Line(_("Provisions"), said.reasons.provisions)] if said.reasons.provisions else []


def _ground(ground: object) -> str:
    assert isinstance(ground, dict)
    about = letter.measure_name(ground["measure"]) if ground["measure"] else str(ground["provision"])
    who = letter.authority_name(ground["authority"]) if ground["authority"] else _("the park")
    return _("%(about)s: %(who)s") % {"about": about, "who": who}


def _decisions(detail: PermitDetail) -> Block:
    columns = (
        Column(_("Authority"), share=4),
        Column(_("About"), share=5),
        Column(_("Decision")),
        Column(_("Reasons"), share=5),
        Column(_("Number"), code=True),
        Column(_("Decided on")),
    )
    return Table(_("Decisions"), columns, tuple(_decision(d) for d in detail.version.decisions))


def _decision(decision: Decision) -> tuple[str, ...]:
    about = letter.measure_name(decision.measure) if decision.measure else decision.provision or "—"
    return (
        letter.authority_name(decision.authority) if decision.authority else _("the park"),
        about,
        str(telling.DECISIONS[decision.decision]),
        phrase(decision.reasons.text),
        decision.number or "—",
        wording.day_of(decision.at),
    )


def _law(detail: PermitDetail) -> Iterator[Block]:
    version = detail.version
    said = [*version.refused.values(), *version.revoked.values()]
    cited = [p for each in said for p in each.reasons.provisions]
    cited += [p for each in version.decisions for p in each.reasons.provisions]
    if cited:
        yield Text(_("Cited by those who decided:"))
        yield parts.law(cited)
    rest = [p for p in detail.answer.applying() if p not in cited]
    if rest:
        yield Text(_("Applied by the law of this bank to what was declared:"))
        yield parts.law(rest)


def _next(detail: PermitDetail) -> Iterator[str]:
    status, declaration = detail.status, detail.version.declaration
    if status in {Status.REFUSED, Status.REVOKED}:
        yield _("Do not move anything under this application.")
        yield _(
            "Read the reasons and the provisions above. When what they miss can be mended, declare a new version; it is asked anew at both parks."
        )
        yield _(
            "When you think the decision wrong, write to the park or authority that made it and name this letter's number."
        )
    elif status in {Status.IN_FORCE, Status.IN_TRANSIT}:
        yield _("Print the permit or keep it on a phone, and show it at the gate.")
        last = wording.validity(detail.terms)[1] if detail.terms else wording.day(declaration.valid_until)
        yield _("Cross by the gates named in it, before its end: %(end)s.") % {"end": last}
    elif status in {Status.COMPLETED, Status.EXPIRED, Status.WITHDRAWN}:
        yield _("Nothing is left to do. For another crossing, declare anew.")
    else:
        yield from _open(detail)


def _open(detail: PermitDetail) -> Iterator[str]:
    for todo in detail.work:
        if todo.why is Waits.ASKED:
            yield _("Answer the question of %(who)s: %(question)s") % {
                "who": telling.whose(todo),
                "question": todo.question,
            }
        elif todo.authorities == (APPLICANT,):
            yield _("State or obtain: %(about)s.") % {"about": telling.about(todo)}
        else:
            yield _("Wait for %(who)s: %(about)s.") % {
                "who": telling.whose(todo),
                "about": telling.about(todo),
            }
    if not detail.work:
        yield _("Wait: what is left to decide is not yours. The permit page shows for whom it waits.")
    yield _("Do not move anything before both parks have signed the permit.")
