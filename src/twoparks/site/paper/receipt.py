"""The receipt on paper: what was declared, when it was recorded, and by which digests it can be found again."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from twoparks.federation.types import StoredAct
from twoparks.packs import load
from twoparks.permits import letter
from twoparks.permits.queries import PermitDetail
from twoparks.permits.terms import offer
from twoparks.permits.types import Declaration, Evidence
from twoparks.site.paper import parts, wording
from twoparks.site.paper.shape import Block, Column, Line, Pairs, Section, Table, Text


def answer(detail: PermitDetail) -> str:
    """The first sentence of a receipt."""
    return _("Declared on %(at)s, recorded by %(park)s.") % {
        "at": wording.moment(detail.version.at),
        "park": wording.park(detail.state.home),
    }


def sections(detail: PermitDetail) -> tuple[Section, ...]:
    """The parts of a receipt for the current version."""
    declaration = detail.version.declaration
    return (
        Section(
            _("What was declared"),
            (parts.parties(declaration), *parts.goods(declaration), *parts.person(declaration), _way(detail)),
        ),
        Section(_("Answers to the law's questions"), (_answers(declaration),)),
        Section(_("Approvals and own steps relied on"), tuple(_evidence(declaration))),
        Section(_("How it is recorded"), tuple(_record(detail))),
    )


def _way(detail: PermitDetail) -> Pairs:
    declaration, asked = detail.version.declaration, offer(detail.version.declaration, "UTC")
    lines = [
        Line(_("Leaves by"), tuple(wording.group(group) for group in asked.exit_groups)),
        Line(_("Enters by"), tuple(wording.group(group) for group in asked.entry_groups)),
        Line(_("First day"), (wording.day(declaration.valid_from),)),
        Line(_("Last day"), (wording.day(declaration.valid_until),)),
        Line(_("Number of uses"), (wording.uses(declaration.uses),)),
    ]
    if asked.hours is not None:
        lines.append(Line(_("Hours"), (asked.hours.text,)))
    return Pairs(tuple(lines))


def _answers(declaration: Declaration) -> Block:
    specs = load().facts_of(declaration.flow)
    rows = tuple(
        (wording.asked(specs[name]), wording.answered(specs[name], value))
        for name, value in declaration.facts.items()
        if name in specs
    )
    columns = (Column(_("Question"), share=3), Column(_("Answer"), share=2))
    return Table(_("Answers"), columns, rows)


def _evidence(declaration: Declaration) -> Iterator[Block]:
    if not declaration.evidence:
        yield Text(_("None."))
        return
    columns = (
        Column(_("What"), share=3),
        Column(_("Given by"), share=2),
        Column(_("Number"), code=True, share=2),
        Column(_("Last day")),
    )
    yield Table(_("Approvals and own steps"), columns, tuple(_approval(e) for e in declaration.evidence))


def _approval(evidence: Evidence) -> tuple[str, ...]:
    return (
        letter.measure_name(evidence.measure),
        letter.authority_name(evidence.authority),
        evidence.number or "—",
        wording.day(evidence.valid_until) if evidence.valid_until else _("no end stated"),
    )


def _record(detail: PermitDetail) -> Iterator[Block]:
    declared = [act for act in detail.acts if act.kind == "permit.declared"]
    yield Text(
        _(
            "Each version is one act in the log of the park where it was declared. The digests below are SHA-256 of its "
            "canonical bytes: whoever holds the declaration can compute them again and compare."
        )
    )
    for act in declared:
        yield Pairs(tuple(_act_lines(detail, act)))
    yield Text(
        _(
            "A receipt says that something was declared. It does not allow anything to cross: only a permit does."
        ),
        soft=True,
    )


def _act_lines(detail: PermitDetail, act: StoredAct) -> Iterator[Line]:
    version = detail.state.version(act.body["version"])
    yield Line(_("Version"), (str(act.body["version"]),))
    yield Line(_("Recorded"), (wording.moment(act.at),))
    yield Line(_("Act"), (act.id,), code=True)
    yield Line(_("Digest of the act"), (act.digest,), code=True)
    if version is not None:
        yield Line(_("Digest of the declaration"), (version.digest,), code=True)
