"""The permit on paper: the pass, what both parks allow, their signatures, and what to do at the gate."""

from __future__ import annotations

from django.utils.translation import gettext as _

from twoparks.permits import queries, signatures, terms
from twoparks.permits.queries import BankView, PermitDetail
from twoparks.permits.types import NotPossible, Terms
from twoparks.registry.phrases import phrase
from twoparks.registry.zone import zone
from twoparks.site.paper import parts, wording
from twoparks.site.paper.shape import (
    Block,
    Box,
    Boxes,
    Code,
    Column,
    Line,
    Pairs,
    Section,
    Steps,
    Table,
    Text,
)


def answer(detail: PermitDetail) -> str:
    """The first sentence of a permit."""
    leaving, arriving = (wording.park(park) for park in zone().directions[detail.version.declaration.crosses])
    if _to_holder(detail):
        return _(
            "The holder is pre-cleared to cross between %(leaving)s and %(arriving)s within these terms. "
            "Boundary control as at other land crossings remains."
        ) % {"leaving": leaving, "arriving": arriving}
    return _("What is listed here may cross from %(leaving)s to %(arriving)s within these terms.") % {
        "leaving": leaving,
        "arriving": arriving,
    }


def sections(detail: PermitDetail) -> tuple[Section, ...]:
    """The parts of a permit that can be used now; raises NotPossible when it cannot."""
    text, allowed = queries.pass_text(detail), detail.terms
    if text is None or allowed is None:
        raise NotPossible("no_pass", _("This permit is not in force, so there is no pass to print."))
    declaration = detail.version.declaration
    return (
        Section(_("The pass"), (Code(text, _("Pass as a QR code"), _terms(allowed)),)),
        Section(
            _("What may cross, and for whom"),
            (parts.parties(declaration), *_goods(detail, allowed), *parts.person(declaration)),
        ),
        Section(_("At the gate"), (Steps(_steps(detail)),)),
        Section(
            _("Signed by both parks"),
            (
                Text(
                    _(
                        "Both parks signed the same bytes. Neither park alone can make a permit; either can end it."
                    )
                ),
                Boxes(tuple(_signed(detail, view) for view in detail.banks)),
                Pairs((Line(_("Digest of the permit"), (digest(detail),), code=True),)),
            ),
        ),
    )


def digest(detail: PermitDetail) -> str:
    """SHA-256 of the bytes both parks signed, hex; empty while they have not."""
    return next((signature.permit_digest for signature in detail.version.signed.values()), "")


def _terms(allowed: Terms) -> tuple[Line, ...]:
    first, last = wording.validity(allowed)
    lines = [
        Line(_("Valid from"), (first,)),
        Line(_("Valid until"), (last,)),
        Line(_("May be used"), (wording.uses(allowed.uses),)),
        Line(_("Leaves by"), tuple(wording.group(group) for group in allowed.exit_groups)),
        Line(_("Enters by"), tuple(wording.group(group) for group in allowed.entry_groups)),
    ]
    if allowed.hours is not None:
        lines.insert(2, Line(_("Hours"), (allowed.hours.text,)))
    return tuple(lines)


def _goods(detail: PermitDetail, allowed: Terms) -> list[Block]:
    declared = {item.line: item for item in detail.version.declaration.items}
    if not declared:
        return []
    columns = (
        Column(_("Line")),
        Column(_("Description"), share=1),
        Column(_("HS code"), code=True),
        Column(_("Class")),
        Column(_("Allowed at most"), numeric=True),
    )
    rows = tuple(
        (
            str(item.line),
            phrase(declared[item.line].description),
            declared[item.line].hs_code,
            (declared[item.line].un_number or "—").upper(),
            wording.quantity(item.quantity, item.unit),
        )
        for item in allowed.items
        if item.line in declared
    )
    return [Table(_("Goods allowed"), columns, rows), Pairs(parts.labels(detail.version.declaration))]


def _steps(detail: PermitDetail) -> tuple[str, ...]:
    if _to_holder(detail):
        shown = _(
            "Show this code together with the moving code on your phone: a copy of this paper opens no gate."
        )
        kept = _("Carry the documents that boundary control asks for; this permit does not replace them.")
    else:
        shown = _(
            "Show this code to the gate together with the boxes: it is bound to their labels and to the seal."
        )
        kept = _(
            "Leave labels and seal as they are. With another label, or one missing, the gate stays shut."
        )
    return (
        shown,
        kept,
        _("Use the gates named above, within the days named above."),
        _(
            "When the gate refers you to the counter, show this paper there. When it refuses, stay and ask the park."
        ),
        _("A permit can end before its last day. This paper cannot know it: check it at the address below."),
    )


def _signed(detail: PermitDetail, view: BankView) -> Box:
    lines = []
    if view.clearance is not None:
        lines.append(Line(_("Cleared"), (wording.moment(view.clearance.at),)))
        place = _("list %(list)s, place %(index)s")
        lines.append(
            Line(
                _("Its status list"),
                (place % {"list": view.clearance.place.list, "index": view.clearance.place.index},),
            )
        )
    if view.signed is not None:
        lines.insert(1, Line(_("Signed"), (wording.moment(view.signed.at),)))
        lines.insert(2, Line(_("Key"), (signatures.signed_with(view.signed),), code=True))
    return parts.box(view.park.id, (), lines)


def _to_holder(detail: PermitDetail) -> bool:
    claims = terms.permit_claims(detail.state.id, detail.version, zone())
    return claims is not None and claims.binding == "holder"
