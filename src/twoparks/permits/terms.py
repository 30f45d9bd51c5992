"""Terms: what one park offers, what both allow, and the bytes both sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from twoparks.ledger.canonical import instant, read_instant
from twoparks.passes.claims import PassClaims, Place, terms_digest
from twoparks.permits.carried import Hours
from twoparks.permits.flows import FLOWS
from twoparks.permits.types import Declaration, Empty, ItemTerms, PermitId, Terms, Version
from twoparks.registry.zone import Zone


def offer(declaration: Declaration, time_zone: str, ends: Iterable[date | None] = ()) -> Terms:
    """All that was declared, ended by the first approval to end (`ends`: last days, inclusive)."""
    days = [declaration.valid_until, *(e.valid_until for e in declaration.evidence), *ends]
    last = min(day for day in days if day is not None)
    return Terms(
        items=tuple(ItemTerms(i.line, i.quantity, i.unit) for i in declaration.items),
        exit_groups=declaration.exit_groups,
        entry_groups=declaration.entry_groups,
        uses=declaration.uses,
        valid_from=_midnight(declaration.valid_from, time_zone),
        valid_until=_midnight(last + timedelta(days=1), time_zone),
        hours=declaration.traveller.hours if declaration.traveller else None,
    )


def exceeds(terms: Terms, declared: Terms) -> str | None:
    """What `terms` allow beyond the declaration, in words, or None: nobody may be given more than was asked."""
    asked = {item.line: item for item in declared.items}
    for item in terms.items:
        most = asked.get(item.line)
        if most is None or item.unit != most.unit or item.quantity > most.quantity:
            return _("Line %(line)d goes beyond what was declared.") % {"line": item.line}
    if not set(terms.exit_groups) <= set(declared.exit_groups) or not set(terms.entry_groups) <= set(
        declared.entry_groups
    ):
        return _("A gate group was not declared.")
    if declared.uses is not None and (terms.uses is None or terms.uses > declared.uses):
        return _("More uses than were declared.")
    if declared.hours is not None and _common_hours(terms.hours, declared.hours) != terms.hours:
        return _("Hours beyond those declared.")
    if terms.valid_from < declared.valid_from or terms.valid_until > declared.valid_until:
        return _("The validity goes beyond what was declared.")
    return None


def intersect(one: Terms, other: Terms) -> Terms | Empty:
    """What both allow: least quantities, common gate groups, fewest uses, latest start, earliest end; or what they do not share."""
    items = _items(one, other)
    exits = tuple(sorted(set(one.exit_groups) & set(other.exit_groups)))
    entries = tuple(sorted(set(one.entry_groups) & set(other.entry_groups)))
    uses = min((u for u in (one.uses, other.uses) if u is not None), default=None)
    start, end = max(one.valid_from, other.valid_from), min(one.valid_until, other.valid_until)
    hours = _common_hours(one.hours, other.hours)
    if not items and (one.items or other.items):
        return Empty("items", _("The two clearances have no line of goods in common."))
    if not exits:
        return Empty("exit_groups", _("The two clearances have no exit gate in common."))
    if not entries:
        return Empty("entry_groups", _("The two clearances have no entry gate in common."))
    if uses == 0:
        return Empty("uses", _("A clearance allows no use."))
    if hours is not None and hours.start >= hours.end:
        return Empty("hours", _("The two clearances have no hour of the day in common."))
    if start >= end:
        return Empty("validity", _("The two clearances have no day in common."))
    return Terms(items, exits, entries, uses, start, end, hours)


def agreed(version: Version) -> Terms | Empty | None:
    """What both parks' clearances of this version allow; None while one is missing."""
    clearances = list(version.cleared.values())
    return intersect(clearances[0].terms, clearances[1].terms) if len(clearances) == 2 else None


def permit_claims(permit: PermitId, version: Version, zone: Zone) -> PassClaims | None:
    """The claims both parks sign, the same at both; None unless both cleared with something in common."""
    terms = agreed(version)
    if not isinstance(terms, Terms):
        return None
    leaving, arriving = zone.directions[version.declaration.crosses]
    flow = FLOWS[version.declaration.flow]
    binding, binding_digest = flow.binding(version.declaration)
    return PassClaims(
        permit=permit,
        version=version.number,
        terms_digest=terms_digest(document(permit, version.number, version.digest, terms)),
        binding_digest=binding_digest,
        binding=binding,
        standing=terms.uses != 1,
        both_ways=flow.both_ways,
        uses=terms.uses or 0,
        exit_groups=_numbers(zone, terms.exit_groups),
        entry_groups=_numbers(zone, terms.entry_groups),
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        places=(_place(version, leaving, zone), _place(version, arriving, zone)),
    )


def document(permit: PermitId, version: int, declaration_digest: str, terms: Terms) -> dict[str, Any]:
    """The terms document that a pass names by its digest and a gate reads offline."""
    return {"permit": permit, "version": version, "declaration": declaration_digest, "terms": to_json(terms)}


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as `permit.cleared` carries them."""
    return {
        "items": [{"line": i.line, "quantity": i.quantity, "unit": i.unit} for i in terms.items],
        "exit_groups": list(terms.exit_groups),
        "entry_groups": list(terms.entry_groups),
        "uses": terms.uses,
        "valid_from": instant(terms.valid_from),
        "valid_until": instant(terms.valid_until),
        **({} if terms.hours is None else {"hours": [terms.hours.start, terms.hours.end]}),
    }


def from_json(raw: Mapping[str, Any]) -> Terms:
    """The terms of a body that its contract accepted."""
    return Terms(
        items=tuple(ItemTerms(**item) for item in raw["items"]),
        exit_groups=tuple(raw["exit_groups"]),
        entry_groups=tuple(raw["entry_groups"]),
        uses=raw["uses"],
        valid_from=read_instant(raw["valid_from"]),
        valid_until=read_instant(raw["valid_until"]),
        hours=Hours(*raw["hours"]) if "hours" in raw else None,
    )


def _items(one: Terms, other: Terms) -> tuple[ItemTerms, ...]:
    theirs = {(item.line, item.unit): item.quantity for item in other.items}
    shared = (
        ItemTerms(item.line, min(item.quantity, theirs.get((item.line, item.unit), 0)), item.unit)
        for item in one.items
    )
    return tuple(sorted((item for item in shared if item.quantity > 0), key=lambda item: item.line))


def _common_hours(one: Hours | None, other: Hours | None) -> Hours | None:
    """Minutes of the day that both allow; None when neither says any."""
    if one is None or other is None:
        return one or other
    return Hours(max(one.start, other.start), min(one.end, other.end))


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _numbers(zone: Zone, groups: tuple[str, ...]) -> tuple[int, ...]:
    by_id = {str(group.id): group.number for group in zone.gate_groups.values()}
    return tuple(sorted(by_id[group] for group in groups))


def _place(version: Version, park: str, zone: Zone) -> Place:
    at = version.cleared[park].place
    return Place(zone.park(park).number, at.list, at.index)
