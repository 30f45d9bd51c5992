"""What a person is asked to consent to: each fact of a draft as it would cross, with the law that needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twoparks.packs import load
from twoparks.permits import form
from twoparks.permits.carried import Traveller
from twoparks.permits.drafting import day, known_points
from twoparks.permits.flows import FLOWS
from twoparks.permits.flows.personnel import Personnel, consent_digest
from twoparks.permits.form import Asked, Content
from twoparks.permits.models import Draft
from twoparks.permits.reading import Reader
from twoparks.permits.stated import stated_facts
from twoparks.registry.models import Organisation, Person
from twoparks.registry.zone import Park, zone


@dataclass(frozen=True)
class Crossing:
    """One fact that would cross: as it was asked and answered, and whose law needs it; none needs it when empty."""

    asked: Asked
    needed_by: tuple[Park, ...]


@dataclass(frozen=True)
class Request:
    """What the employer would declare, for the person to read. `digest` names exactly these facts and the partner."""

    draft: Draft
    partner: Organisation
    facts: Mapping[str, Any]
    crossing: tuple[Crossing, ...]
    digest: str
    agreed: bool


def requests(person: Person) -> tuple[Request, ...]:
    """Drafts of the employer that are about this person and can be read, the last changed first; the same facts are asked once."""
    drafts = Draft.objects.select_related("project__partner").filter(
        organisation=person.organisation_id, content__person=person.id
    )
    found = (_request(person, draft) for draft in drafts[:20])
    return tuple({request.digest: request for request in found if request is not None}.values())


def _request(person: Person, draft: Draft) -> Request | None:
    """None while what is typed so far cannot be read as facts."""
    reader, flow = Reader(), FLOWS[Personnel.key]
    facts = stated_facts(reader, draft.content.get("facts"), flow, Traveller("", "", None), load())
    crosses = draft.content.get("crosses") in zone().directions
    if reader.problems or draft.project is None or not crosses:
        return None
    specs, partner = load().facts_of(flow.key), draft.project.partner
    digest = consent_digest(facts, partner.id)
    needed = _needed(draft.content, facts)
    crossing = tuple(Crossing(form.asked(specs[name], facts), needed[name]) for name in facts)
    return Request(draft, partner, facts, crossing, digest, digest in person.agreed)


def _needed(content: Content, facts: Mapping[str, Any]) -> dict[str, tuple[Park, ...]]:
    """For each fact whose law needs it; of two that say the same to the law, the later one is needed by nobody."""
    kept, found = dict(facts), {}
    for name in reversed(facts):
        found[name] = _needed_by(content, kept, name)
        if not found[name]:
            del kept[name]
    return found


def _needed_by(content: Content, facts: Mapping[str, Any], name: str) -> tuple[Park, ...]:
    """Parks whose law could not answer without this fact, out or back."""
    without = {key: value for key, value in facts.items() if key != name}
    points = known_points(content) or ["other"]
    common = {"flow": Personnel.key, "on": day(content), "held": [], "sought": [], "minute_of_day": 12 * 60}
    found = []
    for park in zone().parks.values():
        cases = (
            {**without, **common, "crosses": way, "control_point": point}
            for way in zone().ways(content["crosses"])
            for point in points
        )
        if any(name in load().determine(case, park.bank).open_questions for case in cases):
            found.append(park)
    return tuple(found)
