"""One person: out and back through the same control points, shown by the person's own phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from twoparks.ledger.canonical import NotCanonical, digest, read_base64url
from twoparks.passes.claims import DIGEST_BYTES, Binding
from twoparks.permits.carried import DAY_MINUTES, Carried, Hours, Traveller
from twoparks.permits.flows.flow import Context, Read
from twoparks.permits.reading import Reader
from twoparks.permits.types import Declaration
from twoparks.registry.zone import LEGS, GateGroup, Zone

_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)\s*(?:-|–|to)\s*([01]\d|2[0-4]):([0-5]\d)")
MOST_POINTS = 4
NOBODY = Traveller("", "", None)  # what reading goes on with after a problem


class Personnel:
    """A researcher who crosses: once, or as often as a standing permit allows."""

    key = "personnel"
    fields = frozenset({"person", "hours", "control_points"})
    both_ways = True
    numbers = False  # they are those of identity documents, which never cross
    said = frozenset({"control_point", "minute_of_day"})

    def read(self, reader: Reader, raw: Mapping[str, Any], crosses: str, context: Context) -> Read:
        """Who, at which hours, through which control points."""
        traveller = _traveller(reader, raw, context)
        chosen = _points(reader, raw.get("control_points"), crosses, context.zone)
        leaving = context.zone.directions[crosses][0] if crosses else None
        if leaving is not None and context.applicant.park != leaving:
            reader.wrong("crosses", crosses, _("begin on the employer's own bank: the way back is included"))
        groups = [g for g in _groups(crosses, context.zone) if g.control_point in chosen] if crosses else []
        exits, entries = (tuple(str(g.id) for g in groups if g.leg == leg) for leg in LEGS)
        if raw.get("uses", 1) is not None and len(chosen) > 1:
            accepted = _(
                "choose one control point, or leave the number of uses open: uses are counted at one"
            )
            reader.wrong("control_points", ", ".join(chosen), accepted)
        return Read(traveller, exits, entries)

    def agreed(
        self, reader: Reader, raw: Mapping[str, Any], facts: Mapping[str, Any], context: Context
    ) -> None:
        """The person must have consented to exactly these facts for exactly this partner."""
        person = context.person(str(raw.get("person") or ""))
        if person is not None and consent_digest(facts, context.partner.id) not in person.agreed:
            accepted = _(
                "the person has not consented to exactly these facts for this partner; "
                "the person reads them under My pass and answers there"
            )
            reader.wrong("consent", None, accepted)

    def derived(self, carries: Carried) -> Mapping[str, Any]:
        """Nothing: what the law asks of a person is stated."""
        return {}

    def asked(self, declaration: Declaration, zone: Zone) -> tuple[Mapping[str, Any], ...]:
        """Both ways, at every control point, for the first and the last minute at which a gate opens."""
        hours = declaration.traveller.hours if declaration.traveller else None
        first, last = (hours.start, hours.end - 1) if hours else (0, DAY_MINUTES - 1)
        return tuple(
            {"crosses": way, "control_point": point, "minute_of_day": minute}
            for way in zone.ways(declaration.crosses)
            for point in _points_of(declaration, zone)
            for minute in (first, last)
        )

    def to_json(self, declaration: Declaration) -> dict[str, Any]:
        """The person by pseudonym, and the gate groups of both ways."""
        person = declaration.carries
        assert isinstance(person, Traveller), "a declaration of personnel carries a person"
        hours = None if person.hours is None else [person.hours.start, person.hours.end]
        return {
            "person": {"pseudonym": person.pseudonym, "holder": person.holder, "hours": hours},
            "route": {
                "exit_groups": list(declaration.exit_groups),
                "entry_groups": list(declaration.entry_groups),
            },
        }

    def from_json(self, raw: Mapping[str, Any]) -> Read:
        """The same, back."""
        said, route = raw["person"], raw["route"]
        hours = None if said["hours"] is None else Hours(*said["hours"])
        traveller = Traveller(said["pseudonym"], said["holder"], hours)
        return Read(traveller, tuple(route["exit_groups"]), tuple(route["entry_groups"]))

    def typed(self, declaration: Declaration, zone: Zone) -> dict[str, Any]:
        """Hours and control points; who it is, the caller knows by the pseudonym."""
        hours = declaration.traveller.hours if declaration.traveller else None
        return {
            "hours": hours.text if hours else None,
            "control_points": list(_points_of(declaration, zone)),
        }

    def refusal(self, declaration: Declaration, zone: Zone) -> tuple[str, str] | None:
        """Gates that carry no persons, ways without a gate, hours that are none, a key digest that is none."""
        person = declaration.carries
        assert isinstance(person, Traveller), "a declaration of personnel carries a person"
        groups = {str(g.id): g for g in _groups(declaration.crosses, zone)}
        for leg, named in (("exit", declaration.exit_groups), ("entry", declaration.entry_groups)):
            found = [groups[name] for name in named if name in groups and groups[name].leg == leg]
            if len(found) != len(named) or len(set(named)) != len(named):
                return "gate_unknown", f"a gate group is not for persons, not for the {leg}, or named twice"
            if {g.crosses for g in found} != set(zone.ways(declaration.crosses)):
                return "way_missing", f"one of the two ways has no {leg}"
        if person.hours is not None and not 0 <= person.hours.start < person.hours.end <= DAY_MINUTES:
            return "hours", "the hours do not begin before they end within one day"
        try:
            size = len(read_base64url(person.holder))
        except NotCanonical:
            size = 0
        return None if size == DIGEST_BYTES else ("holder", f"a phone's key is named by {DIGEST_BYTES} bytes")

    def binding(self, declaration: Declaration) -> tuple[Binding, bytes]:
        """The phone's key."""
        person = declaration.carries
        assert isinstance(person, Traveller), "a declaration of personnel carries a person"
        return "holder", read_base64url(person.holder)


def consent_digest(facts: Mapping[str, Any], recipient: str) -> str:
    """By which a consent names exactly the facts and the partner it is for, hex."""
    return digest({"facts": dict(facts), "recipient": recipient}).hex()


def read_hours(reader: Reader, raw: object, path: str = "hours") -> Hours | None:
    """Hours of the day typed as 07:00-23:00; None when none are typed."""
    if raw in (None, ""):
        return None
    found = _HOURS.fullmatch(str(raw).strip())
    if found:
        first, last = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
        if first < last <= DAY_MINUTES:
            return Hours(first, last)
    reader.wrong(path, raw, _("give a first and a last time of one day, such as 07:00-23:00"))
    return None


def common_points(crosses: str, zone: Zone) -> tuple[str, ...]:
    """Control points at which a person can go that way and come back, in the zone's order."""
    ways = zone.ways(crosses)
    wanted = {(way, leg) for way in ways for leg in LEGS}
    found: dict[str, set[tuple[str, str]]] = {}
    for group in _groups(crosses, zone):
        found.setdefault(group.control_point, set()).add((group.crosses, group.leg))
    return tuple(point for point in zone.control_points if found.get(point) == wanted)


def _traveller(reader: Reader, raw: Mapping[str, Any], context: Context) -> Traveller:
    hours = read_hours(reader, raw.get("hours"))
    given = str(raw.get("person") or "")
    person = context.person(given)
    if person is None:
        accepted = _("give the reference of a person whom your organisation has registered under People")
        reader.wrong("person", given or None, accepted)
        return NOBODY
    if person.holder is None:
        accepted = _("this person has no phone key yet; the person makes it under My pass")
        reader.wrong("person", given, accepted)
        return NOBODY
    return Traveller(person.pseudonym, person.holder, hours)


def _points(reader: Reader, raw: object, crosses: str, zone: Zone) -> tuple[str, ...]:
    given = [raw] if isinstance(raw, str) else raw
    if not isinstance(given, Sequence) or not 1 <= len(given) <= MOST_POINTS:
        accepted = _("give 1 to %(most)d control points") % {"most": MOST_POINTS}
        reader.wrong("control_points", raw, accepted)
        return ()
    known = common_points(crosses, zone) if crosses else ()
    found = [reader.choice(point, f"control_points.{n}", known) for n, point in enumerate(given, 1)]
    return tuple(dict.fromkeys(point for point in found if point))


def _groups(crosses: str, zone: Zone) -> Iterator[GateGroup]:
    """Gate groups for persons, of the way out and of the way back."""
    for way in zone.ways(crosses):
        for leg in LEGS:
            yield from zone.groups(way, leg, Personnel.key)


def _points_of(declaration: Declaration, zone: Zone) -> tuple[str, ...]:
    named = {*declaration.exit_groups, *declaration.entry_groups}
    found = (g.control_point for g in zone.gate_groups.values() if g.id in named)
    return tuple(dict.fromkeys(found))
