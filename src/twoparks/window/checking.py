"""What both banks' law says to a case, in words: the answer, the next question, and what would make it possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.law.answer import Determination, Outcome, ResultValue
from twoparks.law.pack import FactSpec
from twoparks.law.path import Obtain
from twoparks.packs import load
from twoparks.permits import form, letter
from twoparks.permits.accepted import in_form
from twoparks.permits.stated import SAID_ELSEWHERE
from twoparks.permits.units import measured
from twoparks.registry.words import words
from twoparks.registry.zone import zone
from twoparks.window.links import SOUGHT, holding, link, seeking, without
from twoparks.window.types import Amount, Answer, Case, Changed, Due, Given, Line, Route, Way

TO_NOWHERE = "none"  # the vocabulary's direction of what does not move


def directions(flow: str) -> tuple[str, ...]:
    """The ways in which the law of a flow differs; one alone where it does not."""
    law = load()
    ruled = {
        way: [p.id for p in law.provisions.values() if flow in p.flows and way in p.crosses]
        for way in law.directions
    }
    found = tuple(way for way, provisions in ruled.items() if provisions)
    return found if len({tuple(ruled[way]) for way in found}) > 1 else (TO_NOWHERE,)


def answer(case: Case) -> Answer:
    """The whole answer to a case; nothing is recorded."""
    both = load().determine(facts(case))
    specs = load().facts_of(case.flow)
    left = [n for n in both.open_questions if n not in case.skipped and n not in SAID_ELSEWHERE]
    certain = both.outcome is not Outcome.UNKNOWN
    told = letter.letter(banks(case).values())
    return Answer(
        outcome=str(both.outcome),
        says=_says(both.outcome, told.to_do, len(both.missing)),
        certain=certain,
        letter=replace(told, answer=_says(both.outcome, told.to_do, len(both.missing))),
        question=_question(case, specs[left[0]]) if left else None,
        later=max(0, len(left) - 1),
        given=(*(_given(case, specs[n], v) for n, v in case.facts.items()), *_held(case)),
        skipped=tuple(Given(n, _asks(specs[n]), "", link(without(case, n))) for n in case.skipped),
        amounts=tuple(_amount(found) for found in both.results.values()),
        way=_way(case) if certain else None,
        routes=_routes(case, both),
    )


def banks(case: Case) -> dict[str, Determination]:
    """Each bank's answer to the case, by bank; what is sought counts."""
    return {park.bank: load().determine(facts(case), park.bank) for park in zone().parks.values()}


def facts(case: Case) -> dict[str, Any]:
    """The facts the law is asked about."""
    return {
        **case.facts,
        "flow": case.flow,
        "crosses": case.crosses,
        "on": case.on.isoformat(),
        "held": list(case.held),
        SOUGHT: case.facts.get(SOUGHT, []),
    }


def _says(outcome: Outcome, steps: int, missing: int) -> str:
    match outcome:
        case Outcome.CLEAR:
            return _("Yes. The law asks for nothing more.")
        case Outcome.CONDITIONAL if not steps:
            return _("Yes. Every step that the law asks for has been taken.")
        case Outcome.CONDITIONAL:
            return ngettext("Yes, once %(n)d step is taken.", "Yes, once %(n)d steps are taken.", steps) % {
                "n": steps
            }
        case Outcome.FORBIDDEN:
            return _("No. The law forbids it on these facts.")
        case Outcome.REFER:
            return _("The law leaves this to a person's decision.")
    return ngettext(
        "Not certain yet: %(n)d question could change the answer.",
        "Not certain yet: %(n)d questions could change the answer.",
        missing,
    ) % {"n": missing}


def _question(case: Case, spec: FactSpec) -> form.Asked:
    asked = form.asked(spec, {})
    return replace(asked, says=in_form(spec)) if spec.name in case.wrong else asked


def _asks(spec: FactSpec) -> str:
    if spec.name == SOUGHT:
        return _("Which route or facility is asked for?")
    return words(spec.question) or spec.meaning


def _given(case: Case, spec: FactSpec, value: object) -> Given:
    return Given(spec.name, _asks(spec), in_words(spec, value), link(without(case, spec.name)))


def _held(case: Case) -> Iterator[Given]:
    for measure in case.held:
        yield Given(
            measure, _("Held or done already"), letter.measure_name(measure), link(holding(case, measure))
        )


def in_words(spec: FactSpec, value: object) -> str:
    """An answer as the form would show it; what is asked for by its names."""
    if spec.name == SOUGHT and isinstance(value, frozenset | set | tuple | list):
        return _(", ").join(letter.measure_name(key) for key in sorted(value))
    return form.in_words(spec, value)


def _routes(case: Case, both: Determination) -> tuple[Route, ...]:
    """The routes and facilities that some provision in force that day may open; those certainly open first."""
    law, asked = load(), set(case.facts.get(SOUGHT, []))
    named = dict.fromkeys(
        key
        for rule in law.provisions.values()
        if rule.decides and rule.effect.kind == "permit" and rule.in_force.covers(case.on)
        if case.flow in rule.flows and case.crosses in rule.crosses
        for key in rule.effect.measures
        if law.measures[key].kind in ("route", "facility")
    )
    found = (
        Route(
            letter.measure_name(key),
            key in both.open_ways,
            key in asked,
            link(seeking(case, None if key in asked else key)),
        )
        for key in named
    )
    return tuple(sorted(found, key=lambda route: not route.open))


def _amount(found: ResultValue) -> Amount:
    rule = load().provisions[found.provision]
    said = {step.name: words(step.says) for step in rule.effect.steps}
    lines = tuple(Line(said[step.name], measured(step.value, step.unit)) for step in found.lines[:-1])
    return Amount(
        measured(found.value, found.unit), words(rule.says), lines, letter.provision(found.provision)
    )


def _way(case: Case) -> Way | None:
    """What leads to a yes; None where the answer is yes already and nothing is to be obtained."""
    found = load().what_if(facts(case))
    specs = load().facts_of(case.flow)
    if found.verdict == "nothing" and not found.plan.steps:
        return None
    changes = tuple(
        Changed(
            _asks(specs[c.fact]),
            in_words(specs[c.fact], c.before),
            in_words(specs[c.fact], c.after),
        )
        for c in found.changes
    )
    steps = tuple(_due(case, step) for step in found.plan.steps)
    return Way(found.verdict, changes, steps, found.plan.ready_on, found.plan.lead_days, found.plan.gaps)


def _due(case: Case, step: Obtain) -> Due:
    names = " / ".join(letter.authority_name(a) for a in step.authority)
    others = tuple(letter.measure_name(other) for other in step.instead_of)
    return Due(
        letter.measure_name(step.measure),
        names,
        others,
        step.working_days,
        step.apply_on,
        step.ready_on,
        link(holding(case, step.measure)),
    )
