"""From what people type, on the page or in a file, to a declaration; or every problem at once, each saying what would be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from twoparks.law.pack import Measure
from twoparks.law.zone import Zone as Law
from twoparks.permits.flows import FLOWS, Context, Flow
from twoparks.permits.reading import Reader
from twoparks.permits.stated import stated_facts
from twoparks.permits.types import APPLICANT, Declaration, Evidence, Party

FIELDS = frozenset({"project", "flow", "crosses", "facts", "evidence", "uses", "valid_from", "valid_until"})
EVIDENCE_FIELDS = frozenset({"measure", "number", "authority", "valid_until"})
MOST_DAYS, MOST_EVIDENCE, MOST_USES = 366, 100, 1000


def check_declaration(raw: Mapping[str, Any], context: Context) -> Declaration:
    """The declaration in `raw`; raises Invalid with every problem. Whole numbers and dates may come as text."""
    reader = Reader(context.today)
    key = reader.choice(raw.get("flow"), "flow", tuple(FLOWS))
    reader.done()
    flow = FLOWS[key]
    reader.only(raw, FIELDS | flow.fields)
    crosses = reader.choice(raw.get("crosses"), "crosses", tuple(context.zone.directions))
    first, last = _days(reader, raw, context.today)
    found = flow.read(reader, raw, crosses, context)
    evidence = _evidence(reader, raw.get("evidence"), flow, context, first)
    facts = stated_facts(reader, raw.get("facts"), flow, found.carries, context.law)
    uses = _uses(reader, raw)
    if not reader.problems:
        flow.agreed(reader, raw, facts, context)
    reader.done()
    sender, recipient = _parties(context, crosses)
    return Declaration(
        flow=flow.key,
        crosses=crosses,
        project=context.project,
        sender=sender,
        recipient=recipient,
        facts=facts,
        evidence=evidence,
        carries=found.carries,
        exit_groups=found.exit_groups,
        entry_groups=found.entry_groups,
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


def _evidence(reader: Reader, raw: object, flow: Flow, context: Context, first: date) -> tuple[Evidence, ...]:
    if raw is None and not flow.numbers:
        return ()
    if raw is None:
        return tuple(e for e in context.approvals if e.valid_until is None or e.valid_until >= first)
    rows = reader.rows(raw, "evidence", 0, MOST_EVIDENCE)
    found = [_one_evidence(reader, row, number, flow, context.law) for number, row in enumerate(rows, 1)]
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


def _one_evidence(reader: Reader, row: Mapping[str, Any], number: int, flow: Flow, law: Law) -> Evidence:
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
    if not flow.numbers and row.get("number"):
        accepted = _("leave it out: a number of a person's document stays with the person and the authority")
        reader.wrong(at + "number", _("a number"), accepted)
    return Evidence(
        measure=measure,
        number=reader.text(row.get("number"), at + "number", 80, optional=own or not flow.numbers),
        authority=authority,
        valid_until=reader.day(until, at + "valid_until") if until not in (None, "") else None,
    )


def _authorities(measure: Measure) -> tuple[str, ...]:
    """Whoever grants it now or granted it once."""
    dated = [key for term in measure.terms for key in term.authority]
    return tuple(dict.fromkeys([*measure.authority, *dated]))


def _uses(reader: Reader, raw: Mapping[str, Any]) -> int | None:
    if "uses" in raw and raw["uses"] is None:
        return None
    return reader.whole(raw.get("uses", 1), "uses", 1, MOST_USES)


def _parties(context: Context, crosses: str) -> tuple[Party, Party]:
    leaving = context.zone.directions[crosses][0]
    both = (context.applicant, context.partner)
    return both if context.applicant.park == leaving else (both[1], both[0])
