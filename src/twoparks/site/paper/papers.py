"""The papers of one permit: which there are, and each as one value that page, PDF and command line show."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from twoparks.permits import letter
from twoparks.permits.queries import PermitDetail, pass_text
from twoparks.registry.node import this_node
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.site.paper import decision, parts, permit, receipt, verify, wording
from twoparks.site.paper.shape import Paper, PaperKind, Section, Tint


def available(detail: PermitDetail) -> tuple[PaperKind, ...]:
    """The papers that can be made of the permit as it stands."""
    found = [PaperKind.RECEIPT]
    if decision.exists(detail):
        found.insert(0, PaperKind.LETTER)
    if pass_text(detail) is not None:
        found.insert(0, PaperKind.PERMIT)
    return tuple(found)


def paper(detail: PermitDetail, kind: PaperKind, language: str) -> Paper:
    """One paper in `language`, which is also the language of the moment; raises NotPossible when there is none now."""
    park, state, at = this_node().park, detail.state, _last_said(detail)
    with letter.under(detail.under.law):
        sections = _sections(detail, kind)
        answer, tint = _answer(detail, kind)
    digest = permit.digest(detail) if kind is PaperKind.PERMIT else ""
    return Paper(
        kind=kind,
        language=language,
        title=title(kind),
        number=state.id,
        version=_("version %(n)s") % {"n": detail.version.number},
        subject=words(detail.version.declaration.project.title),
        answer=answer,
        tint=tint,
        marks=tuple(parts.marks(detail)),
        sections=sections,
        park=words(park.name),
        zone=words(zone().name),
        side=park.side,
        made_at=at,
        made=_("As it stood on %(at)s, time of %(zone)s")
        % {"at": wording.moment(at), "zone": park.time_zone},
        foot=_("No legal advice."),
        page_of=_("page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        check_says=_("Check this permit, without an account:") if digest else "",
        check_link=verify.link(state.id, digest) if digest else "",
    )


def title(kind: PaperKind) -> str:
    """What a paper is called."""
    return {
        PaperKind.PERMIT: _("Permit"),
        PaperKind.RECEIPT: _("Receipt of a declaration"),
        PaperKind.LETTER: _("Decision letter"),
    }[kind]


def _last_said(detail: PermitDetail) -> datetime:
    """When the last act was recorded that a paper rests on: passages are none of them, and where a person crosses, private."""
    return max(act.at for act in detail.acts if not act.kind.startswith("crossing."))


def _sections(detail: PermitDetail, kind: PaperKind) -> tuple[Section, ...]:
    makers = {
        PaperKind.PERMIT: permit.sections,
        PaperKind.RECEIPT: receipt.sections,
        PaperKind.LETTER: decision.sections,
    }
    return makers[kind](detail)


def _answer(detail: PermitDetail, kind: PaperKind) -> tuple[str, Tint]:
    match kind:
        case PaperKind.PERMIT:
            return permit.answer(detail), "good"
        case PaperKind.RECEIPT:
            return receipt.answer(detail), "plain"
        case PaperKind.LETTER:
            return decision.answer(detail), decision.tint(detail)
