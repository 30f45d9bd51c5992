"""From what people type, on the page or in a file, to a declaration; or every problem at once, each saying what would be accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from twoparks.law.pack import Measure
from twoparks.law.zone import Zone as Law
from twoparks.permits.reading import Reader
from twoparks.permits.stated import stated_facts
from twoparks.permits.types import (
    APPLICANT,
    UNITS,
    Declaration,
    Evidence,
    Item,
    Party,
    ProjectRef,
)
from twoparks.registry.zone import Leg, Zone

GOODS = ("items", "containers", "seal", "customs_declaration")
FIELDS = frozenset(
    {"project", "flow", "crosses", "facts", "evidence", *GOODS, "route", "uses", "valid_from", "valid_until"}
)
MASSES = ("gross_mass_g", "net_mass_g")
ITEM_FIELDS = frozenset(
    {"description", "hs_code", "origin", "quantity", "unit", "value_hkd_cents", *MASSES, "un_number"}
)
EVIDENCE_FIELDS = frozenset({"measure", "number", "authority", "valid_until"})
MOST_DAYS, MOST_ITEMS, MOST_CONTAINERS, MOST_USES = 366, 100, 50, 1000
MOST = 10**12  # largest whole number taken for an amount or a mass


@dataclass(frozen=True)
class Context:
    """What a declaration is read against: its project with both parties, approvals held, the zone, the law, the day."""

    project: ProjectRef
    applicant: Party
    partner: Party
    approvals: tuple[Evidence, ...]  # used when the declaration does not list its own evidence
    zone: Zone
    law: Law
    today: date


def check_declaration(raw: Mapping[str, Any], context: Context) -> Declaration:
    """The declaration in `raw`; raises Invalid with every problem. Whole numbers and dates may come as text."""
    reader = Reader(context.today)
    reader.only(raw, FIELDS)
    flow = reader.choice(raw.get("flow"), "flow", ("materials",))
    crosses = reader.choice(raw.get("crosses"), "crosses", tuple(context.zone.directions))
    first, last = _days(reader, raw, context.today)
    items = _items(reader, raw.get("items"), context)
    evidence = _evidence(reader, raw.get("evidence"), context, first)
    facts = stated_facts(reader, raw.get("facts"), items, context.law.facts_of("materials"))
    route = _route(reader, raw.get("route"))
    exit_group = _group(reader, route, "exit", crosses, context.zone)
    entry_group = _group(reader, route, "entry", crosses, context.zone)
    if exit_group and entry_group:
        _same_point(reader, exit_group, entry_group, context.zone)
    containers = _containers(reader, raw.get("containers"))
    seal = reader.text(raw.get("seal"), "seal", 40, optional=True)
    if seal and seal.upper() in {c.upper() for c in containers}:
        reader.wrong("seal", seal, _("this is already a container label; a seal has its own number"))
    customs = reader.text(raw.get("customs_declaration"), "customs_declaration", 40, optional=True)
    uses = _uses(reader, raw)
    reader.done()
    sender, recipient = _parties(context, crosses)
    return Declaration(
        flow=flow,
        crosses=crosses,
        project=context.project,
        sender=sender,
        recipient=recipient,
        facts=facts,
        evidence=evidence,
        items=items,
        containers=containers,
        seal=seal or None,
        customs_declaration=customs or None,
        exit_group=exit_group,
        entry_group=entry_group,
        uses=uses,
        valid_from=first,
        valid_until=last,
    )


def _days(reader: Reader, raw: Mapping[str, Any], today: date) -> tuple[date, date]:
    first = reader.day(raw.get("valid_from"), "valid_from")
    last = reader.day(raw.get("valid_until"), "valid_until")
    if first is None or last is None:
        return today, today
    if last < first:
        reader.wrong("valid_until", last, _("the last day lies before the first; give a later day"))
    elif last < today:
        reader.wrong("valid_until", last, _("this day has passed; give today or a later day"))
    elif (last - first).days >= MOST_DAYS:
        reader.wrong("valid_until", last, _("at most %(days)d days in all") % {"days": MOST_DAYS})
    return first, last


def _items(reader: Reader, raw: object, context: Context) -> tuple[Item, ...]:
    rows = reader.rows(raw, "items", 1, MOST_ITEMS)
    return tuple(_item(reader, row, number, context) for number, row in enumerate(rows, 1))


def _item(reader: Reader, row: Mapping[str, Any], line: int, context: Context) -> Item:
    at = f"items.{line}."
    reader.only(row, ITEM_FIELDS, at)
    gross = reader.whole(row.get("gross_mass_g"), at + "gross_mass_g", 0, MOST)
    net = reader.whole(row.get("net_mass_g"), at + "net_mass_g", 0, MOST)
    if net > gross:
        reader.wrong(
            at + "net_mass_g", net, _("the net mass is greater than the gross mass; give at most that")
        )
    un_number = row.get("un_number")
    un_numbers = context.law.facts["un_numbers"].values
    return Item(
        line=line,
        description=reader.text(row.get("description"), at + "description", 200),
        hs_code=reader.hs_code(row.get("hs_code"), at + "hs_code"),
        origin=reader.country(row.get("origin"), at + "origin"),
        quantity=reader.whole(row.get("quantity"), at + "quantity", 1, MOST),
        unit=reader.choice(row.get("unit"), at + "unit", UNITS),
        value_hkd_cents=reader.whole(row.get("value_hkd_cents"), at + "value_hkd_cents", 0, MOST),
        gross_mass_g=gross,
        net_mass_g=net,
        un_number=reader.choice(un_number, at + "un_number", un_numbers) if un_number else None,
    )


def _evidence(reader: Reader, raw: object, context: Context, first: date) -> tuple[Evidence, ...]:
    if raw is None:
        return tuple(e for e in context.approvals if e.valid_until is None or e.valid_until >= first)
    rows = reader.rows(raw, "evidence", 0, MOST_ITEMS)
    found = [_one_evidence(reader, row, number, context.law) for number, row in enumerate(rows, 1)]
    for number, (evidence, row) in enumerate(zip(found, rows, strict=True), 1):
        if evidence.valid_until is not None and evidence.valid_until < first:
            reader.wrong(
                f"evidence.{number}.valid_until",
                row["valid_until"],
                _(
                    "this approval ends before the first day; leave it out or give one that is still valid then"
                ),
            )
        if evidence in found[: number - 1]:
            reader.wrong(
                f"evidence.{number}", evidence.measure, _("this row repeats an earlier one; leave it out")
            )
    return tuple(found)


def _one_evidence(reader: Reader, row: Mapping[str, Any], number: int, law: Law) -> Evidence:
    at = f"evidence.{number}."
    reader.only(row, EVIDENCE_FIELDS, at)
    measure = reader.choice(row.get("measure"), at + "measure", tuple(law.measures))
    accepted = _authorities(law.measures[measure]) if measure else ()
    given = row.get("authority")
    if given is None and len(accepted) == 1:
        authority = accepted[0]
    else:
        authority = reader.choice(given, at + "authority", accepted) if accepted else ""
    own = authority == APPLICANT
    until = row.get("valid_until")
    return Evidence(
        measure=measure,
        number=reader.text(row.get("number"), at + "number", 80, optional=own),
        authority=authority,
        valid_until=reader.day(until, at + "valid_until") if until not in (None, "") else None,
    )


def _route(reader: Reader, raw: object) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        reader.only(raw, {"exit_group", "entry_group"}, "route.")
        return raw
    return {}


def _authorities(measure: Measure) -> tuple[str, ...]:
    """Whoever grants it now or granted it once."""
    dated = [key for term in measure.terms for key in term.authority]
    return tuple(dict.fromkeys([*measure.authority, *dated]))


def _group(reader: Reader, route: Mapping[str, Any], leg: Leg, crosses: str, zone: Zone) -> str:
    known = tuple(str(g.id) for g in zone.groups(crosses, leg)) if crosses else ()
    return reader.choice(route.get(f"{leg}_group"), f"route.{leg}_group", known) if known else ""


def _same_point(reader: Reader, exit_group: str, entry_group: str, zone: Zone) -> None:
    groups = {str(g.id): g for g in zone.gate_groups.values()}
    if groups[exit_group].control_point != groups[entry_group].control_point:
        reader.wrong(
            "route.entry_group",
            entry_group,
            _("exit and entry must be at the same control point; choose a pair"),
        )


def _containers(reader: Reader, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = [label for label in raw.replace(",", "\n").splitlines() if label.strip()]
    if not isinstance(raw, Sequence) or not 1 <= len(raw) <= MOST_CONTAINERS:
        accepted = _("give 1 to %(most)d labels, each as it stands on its container") % {
            "most": MOST_CONTAINERS
        }
        reader.wrong("containers", raw, accepted)
        return ()
    found = [reader.text(label, f"containers.{n}", 40) for n, label in enumerate(raw, 1)]
    for number, label in enumerate(found, 1):
        if label and label.upper() in {other.upper() for other in found[: number - 1]}:
            reader.wrong(
                f"containers.{number}", label, _("this label is listed twice; each container has its own")
            )
    return tuple(found)


def _uses(reader: Reader, raw: Mapping[str, Any]) -> int | None:
    if "uses" in raw and raw["uses"] is None:
        return None
    return reader.whole(raw.get("uses", 1), "uses", 1, MOST_USES)


def _parties(context: Context, crosses: str) -> tuple[Party, Party]:
    leaving = context.zone.directions[crosses][0]
    both = (context.applicant, context.partner)
    return both if context.applicant.park == leaving else (both[1], both[0])
