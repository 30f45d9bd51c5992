"""Parts that several papers share: the parties, what was declared, provisions cited, the marks on top."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from twoparks.permits import declarations, letter
from twoparks.permits.queries import PermitDetail
from twoparks.permits.types import Declaration, Item, Party
from twoparks.registry.phrases import phrase
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.site.paper import wording
from twoparks.site.paper.shape import Block, Box, Column, Law, Line, Pairs, Provision, Table

ASSUMED = "assumed"


def marks(detail: PermitDetail) -> Iterator[str]:
    """What a reader must know before believing a paper: made up, simulated, assumed."""
    if zone().demonstration:
        yield _("Demonstration: organisations, people and cases are fictitious")
    if any(check.simulated for check in detail.version.checks):
        yield _("Simulated register: an approval was checked with a register that is not the real one")
    if trial := detail.version.trial:
        yield _("On trial: declared under trial %(trial)s of both parks, which ends with it") % {
            "trial": trial
        }
    held = (line for answer in detail.answer.all for line in answer.provisions if line.holds)
    if any(line.status == ASSUMED for line in held):
        yield _("Assumed: at least one provision or figure is assumed, not published")


def parties(declaration: Declaration) -> Pairs:
    """Who sends and who receives, each with its park; the project stands over the title."""
    return Pairs(
        (
            Line(_("From"), (_party(declaration.sender),)),
            Line(_("To"), (_party(declaration.recipient),)),
        )
    )


def _party(party: Party) -> str:
    said = {"name": words(party.name), "park": wording.park(party.park)}
    return _("%(name)s, %(park)s") % said


def goods(declaration: Declaration) -> list[Block]:
    """The list of goods as declared, with everything a gate can read off the consignment; nothing where there is none."""
    if not declaration.items:
        return []
    columns = (
        Column(_("Line")),
        Column(_("Description"), share=1),
        Column(_("HS code"), code=True),
        Column(_("Origin")),
        Column(_("Quantity"), numeric=True),
        Column(_("Value, HKD"), numeric=True),
        Column(_("Gross / net, g"), numeric=True),
        Column(_("Class")),
    )
    rows = tuple(_goods_row(item) for item in declaration.items)
    return [Table(_("Goods as declared"), columns, rows), Pairs(labels(declaration))]


def _goods_row(item: Item) -> tuple[str, ...]:
    return (
        str(item.line),
        phrase(item.description),
        item.hs_code,
        item.origin,
        wording.quantity(item.quantity, item.unit),
        wording.dollars(item.value_hkd_cents),
        f"{wording.whole(item.gross_mass_g)} / {wording.whole(item.net_mass_g)}",
        (item.un_number or "—").upper(),
    )


def labels(declaration: Declaration) -> tuple[Line, ...]:
    """Container labels, seal and customs declaration, where there are any."""
    said = declarations.to_json(declaration)
    found = (
        (_("Container labels"), ", ".join(said.get("containers") or ())),
        (_("Seal number"), said.get("seal")),
        (_("Customs declaration number"), said.get("customs_declaration")),
    )
    return tuple(Line(label, (str(value),), code=True) for label, value in found if value)


def person(declaration: Declaration) -> list[Block]:
    """The person as the declaration names one: by a pseudonym and by the phone's key; nothing where goods cross."""
    said = declarations.to_json(declaration).get("person")
    if not said:
        return []
    return [
        Pairs(
            (
                Line(_("Person, by pseudonym"), (said["pseudonym"],), code=True),
                Line(_("Key of the phone"), (said["holder"],), code=True),
            )
        )
    ]


def law(provisions: Iterable[str]) -> Law:
    """Provisions by their ids, each once; one that these packs do not hold is cited by its id alone."""
    return Law(tuple(_provision(each) for each in dict.fromkeys(provisions)))


def _provision(provision: str) -> Provision:
    cited = letter.provision(provision)
    if cited is None:
        return Provision(provision, "", _("not in this park's packs"), "", ())
    marked = [_("assumed")] if cited.status == ASSUMED else []
    if cited.confidence != "V":
        marked.append(_("second-hand source") if cited.confidence == "S" else _("not yet verified"))
    return Provision(
        cited.id, cited.says, f"{cited.title} {_article(cited.article)}".strip(), cited.source, tuple(marked)
    )


def _article(article: str) -> str:
    return _("article %(n)s") % {"n": article} if re.fullmatch(r"\d[\d, –-]*", article) else article


def box(park: str, texts: Iterable[str], lines: Iterable[Line] = ()) -> Box:
    """What one park says, under its name."""
    found = zone().park(park)
    return Box(found.side, words(found.name), tuple(text for text in texts if text), tuple(lines))
