"""A person's declaration on the page: whom it is about, the documents held, gates, hours and days."""

from __future__ import annotations

from typing import Any

from twoparks.permits import drafting, form
from twoparks.permits.carried import DAY_MINUTES
from twoparks.permits.flows.personnel import Personnel, common_points, read_hours
from twoparks.permits.form import Choice, Content
from twoparks.permits.models import Draft
from twoparks.permits.reading import Reader
from twoparks.permits.types import Problem
from twoparks.registry.models import Person
from twoparks.registry.words import words
from twoparks.registry.zone import zone

FLOW = Personnel.key


def person(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    """People of the organisation, and what each still lacks before a pass can be made for them."""
    people = Person.objects.filter(organisation=found.organisation_id)
    return {"people": people, "chosen": found.content.get("person")}


def documents(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    """Everything the law of both banks requires of the person, to be ticked where it is held; no number is asked."""
    given = {form.evidence_key(row) for row in found.content.get("evidence") or []}
    steps = {
        step.id: step
        for bank in drafting.answers(found.content).banks
        for step in bank.steps
        if step.status != "duty"
    }
    keys = {step.id: f"{step.id}|{step.authority}|" for step in steps.values()}
    return {
        "steps": [
            {"key": keys[step.id], "step": step, "picked": keys[step.id] in given} for step in steps.values()
        ]
    }


def route(found: Draft, problems: list[Problem], more: bool) -> dict[str, Any]:
    """Control points to choose from, and the hours as two fields."""
    picked = found.content.get("control_points") or []
    hours = read_hours(Reader(), found.content.get("hours"))
    first, last = (hours.text.split("-")) if hours else ("", "")
    return {
        "points": [
            Choice(point, words(zone().control_points[point].name), point in picked)
            for point in common_points(found.content["crosses"], zone())
        ],
        "hours_from": first,
        "hours_until": "23:59" if hours and hours.end == DAY_MINUTES else last,
    }


def told(content: Content) -> dict[str, Any] | None:
    """Who, where and when, to be read once more; None for goods."""
    if content["flow"] != FLOW:
        return None
    who = Person.objects.filter(pk=content.get("person") or "").first()
    points = [p for p in content.get("control_points") or [] if p in zone().control_points]
    return {
        "person": who,
        "points": [words(zone().control_points[point].name) for point in points],
        "hours": content.get("hours"),
        "uses": content.get("uses"),
    }
