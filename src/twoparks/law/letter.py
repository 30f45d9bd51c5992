"""A determination as a short letter: answer first, then what to do, then the law."""

from __future__ import annotations

from collections.abc import Iterator

from .answer import Determination, MeasureLine, Outcome
from .change import Change
from .measures import serving
from .path import Obtain
from .zone import Zone

_ANSWERS = {
    Outcome.CLEAR: "CLEAR. It may cross now; every required step is held.",
    Outcome.CONDITIONAL: "CONDITIONAL. It may cross once the missing steps below are held.",
    Outcome.FORBIDDEN: "FORBIDDEN. On these facts it may not cross, or the route asked for is closed.",
    Outcome.REFER: "REFER. A person must decide; see below why and at whose desk.",
    Outcome.UNKNOWN: "UNKNOWN. The facts stated do not suffice; those missing are named below.",
}


def letter(found: Determination, zone: Zone, language: str = "en") -> str:
    """The answer in words, for a terminal."""
    return "\n".join(_lines(found, zone, language))


def _lines(found: Determination, zone: Zone, language: str) -> Iterator[str]:
    yield _ANSWERS[found.outcome]
    yield (
        "  ".join(f"{bank}: {outcome}" for bank, outcome in found.banks.items()) + f"  on {found.facts['on']}"
    )
    if found.missing:
        yield f"\nMissing, most settling first: {', '.join(found.missing)}"
    for referral in found.refer_to:
        yield f"\nReferred: {referral.provision} to {referral.authority or 'a person'}"
    if found.outcome is Outcome.REFER and not found.refer_to:
        yield "\nReferred: the packs hold no provision for this on that day; silence is not a yes."
    if found.closed_ways:
        yield f"\nClosed: {', '.join(found.closed_ways)}. Open on these facts: {', '.join(found.open_ways) or 'none'}"
    if found.measures:
        yield "\nMeasures"
    for line in found.measures:
        yield _measure(line, zone, language)
    for measure, one in serving(zone, found):
        yield f"\nOne filing serves both banks: {measure.name.get(language, measure.key)} ({', '.join((measure.key, *one.also))}) [{one.confidence}]"
        yield f"    {one.says[language]}"
    for key, result in found.results.items():
        yield f"\n{key} = {result.value} {result.unit or ''} ({result.provision})"
    given = {result.provision for result in found.results.values()}
    held = [
        line for line in found.provisions if line.holds and (line.effect != "compute" or line.id in given)
    ]
    if held:
        yield "\nLaw"
    for provision in held:
        yield f"  {provision.id}  {zone.instruments[provision.instrument].title[language]}, {zone.cite(provision.article)[language]} [{provision.confidence}]"
        yield f"      {provision.says[language]}"
    for provision in found.shadow:
        yield f"  ({provision.status}, decides nothing) {provision.id}  {provision.says[language]}"


def _measure(line: MeasureLine, zone: Zone, language: str) -> str:
    known = zone.measures[line.id]
    state = "held" if line.held else "goes with it" if line.kind == "duty" else "missing"
    days = f", {line.working_days} working days" if line.working_days is not None else ""
    others = f", or {', '.join(key for key in line.one_of if key != line.id)}" if line.one_of else ""
    return f"  [{state}] {known.name.get(language, known.meaning)} ({line.id}; {', '.join(line.authority)}{days}){others}"


def change_letter(found: Change, zone: Zone, language: str = "en") -> str:
    """What would make it possible, in words, for a terminal."""
    return "\n".join(_change_lines(found, zone, language))


def _change_lines(found: Change, zone: Zone, language: str) -> Iterator[str]:
    yield f"Now: {found.before}. {_VERDICTS[found.verdict]}"
    if found.missing:
        yield f"State first: {', '.join(found.missing)}"
    for fact, before, after in found.changes:
        yield f"  {fact}: {'not stated' if before is None else before} -> {after}"
    plan = found.plan
    if plan.steps:
        yield "\nTo obtain"
    for step in plan.steps:
        yield _obtain(step, zone, language)
    if plan.ready_on is not None:
        yield f"\nAll held on {plan.ready_on} at the earliest, {plan.lead_days} days on: {' then '.join(plan.path)}"
    if plan.untimed:
        yield f"No law lays down how long these take, so it will be later: {', '.join(plan.untimed)}"
    for gap in plan.gaps:
        yield f"The day cannot be said: {gap}"


_VERDICTS = {
    "unknown": "Facts are missing; nothing is proposed until they are stated.",
    "impossible": "No change that the applicant can make leads to a yes.",
    "nothing": "Nothing need be changed.",
    "change": "The fewest changes that lead to a yes:",
    "not_found": "The possibilities are too many to try them all; none of those tried leads to a yes.",
}


def _obtain(step: Obtain, zone: Zone, language: str) -> str:
    known = zone.measures[step.measure]
    days = "" if step.working_days is None else f", {step.working_days} working days"
    more = f" (may be extended by {step.extension_days})" if step.extension_days else ""
    after = f", after {', '.join(step.after)}" if step.after else ""
    others = f", instead of {', '.join(step.instead_of)}" if step.instead_of else ""
    ready = f", held on {step.ready_on}" if step.ready_on else ""
    return f"  {known.name.get(language, known.meaning)} ({step.measure}; {', '.join(step.authority)}{days}{more}){after}{ready}{others}"
