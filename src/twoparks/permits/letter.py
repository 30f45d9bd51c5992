"""A determination as a short letter: the answer, why, what to do, the law. Shapes for the page; no markup, no decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.law.answer import Determination, MeasureLine, Outcome, ProvisionLine
from twoparks.packs import load
from twoparks.permits.types import APPLICANT
from twoparks.registry.words import words
from twoparks.registry.zone import Park, zone

WORST = (Outcome.FORBIDDEN, Outcome.UNKNOWN, Outcome.REFER, Outcome.CONDITIONAL, Outcome.CLEAR)


@dataclass(frozen=True)
class Cited:
    """One provision as the letter cites it."""

    id: str
    says: str
    title: str
    article: str
    source: str
    confidence: str
    status: str
    effect: str


@dataclass(frozen=True)
class Step:
    """One measure, or one of several that serve, as the letter tells it."""

    id: str
    name: str
    status: str  # held, missing or duty
    who: str
    own: bool  # the applicant's own act
    days: int | None
    how: str
    documents: tuple[str, ...]
    others: tuple[str, ...]  # names of alternatives that would serve instead
    why: tuple[Cited, ...]  # the provisions that require it


@dataclass(frozen=True)
class Bank:
    """What one bank's law says."""

    park: Park
    outcome: str
    why: tuple[Cited, ...]
    steps: tuple[Step, ...]
    law: tuple[Cited, ...]
    shadow: tuple[Cited, ...]
    referred: tuple[tuple[str, str], ...]  # provision, whose desk


@dataclass(frozen=True)
class Letter:
    """The whole answer, north bank first."""

    outcome: str
    answer: str
    banks: tuple[Bank, ...]
    missing: tuple[str, ...]  # questions left, as asked
    to_do: int
    longest_days: int | None


def letter(answers: Mapping[str, Determination], granted: frozenset[str] = frozenset()) -> Letter:
    """Tell what the banks' law answered; `answers` maps a bank to its determination, `granted` are measures decided since."""
    parks = sorted(zone().parks.values(), key=lambda park: park.side)
    banks = tuple(_bank(park, answers[park.bank], granted) for park in parks if park.bank in answers)
    outcomes = {answer.outcome for answer in answers.values()}
    worst = next((outcome for outcome in WORST if outcome in outcomes), Outcome.UNKNOWN)
    missing = dict.fromkeys(name for answer in answers.values() for name in answer.missing)
    steps = {step.id: step for bank in banks for step in bank.steps if step.status == "missing"}
    days = [step.days for step in steps.values() if step.days is not None]
    return Letter(
        outcome=str(worst),
        answer=_answer(worst, len(steps), len(missing)),
        banks=banks,
        missing=tuple(_question(name, next(iter(answers.values()))) for name in missing),
        to_do=len(steps),
        longest_days=max(days, default=None),
    )


def _answer(outcome: Outcome, steps: int, missing: int) -> str:
    match outcome:
        case Outcome.CLEAR:
            return _("These goods may cross.")
        case Outcome.CONDITIONAL if not steps:
            return _("Every step that the law asks for has been taken.")
        case Outcome.CONDITIONAL:
            return ngettext(
                "These goods may cross once %(n)d step is taken.",
                "These goods may cross once %(n)d steps are taken.",
                steps,
            ) % {"n": steps}
        case Outcome.FORBIDDEN:
            return _("These goods may not cross.")
        case Outcome.REFER:
            return _("A person must decide whether these goods may cross.")
        case _:
            return ngettext(
                "The law cannot answer yet: %(n)d question is open.",
                "The law cannot answer yet: %(n)d questions are open.",
                missing,
            ) % {"n": missing}


def _bank(park: Park, answer: Determination, granted: frozenset[str]) -> Bank:
    holding = [line for line in answer.provisions if line.holds]
    steps = _steps(_with(answer.measures, granted))
    desks = tuple(
        (r.provision, authority_name(r.authority) if r.authority else words(park.name))
        for r in answer.refer_to
    )
    return Bank(
        park=park,
        outcome=str(answer.outcome),
        why=tuple(cited(line) for line in _deciding(answer, holding)),
        steps=steps,
        law=tuple(cited(line) for line in holding),
        shadow=tuple(cited(line) for line in answer.shadow if line.holds),
        referred=desks,
    )


def _deciding(answer: Determination, holding: Iterable[ProvisionLine]) -> list[ProvisionLine]:
    """The provisions that made the outcome what it is; steps carry their own."""
    match answer.outcome:
        case Outcome.FORBIDDEN:
            return [line for line in holding if line.effect == "forbid"]
        case Outcome.REFER:
            named = {referral.provision for referral in answer.refer_to}
            return [line for line in holding if line.id in named or line.effect == "refer"]
    return []


def _with(lines: Iterable[MeasureLine], granted: frozenset[str]) -> list[MeasureLine]:
    return [line._replace(held=True) if line.id in granted else line for line in lines]


def _steps(lines: Iterable[MeasureLine]) -> tuple[Step, ...]:
    """One entry a requirement: missing ones, then held ones, then duties; alternatives are folded into the first."""
    found: list[Step] = []
    told: set[str] = set()
    lines = tuple(lines)
    served = {m for line in lines if line.held for m in (line.id, *line.one_of)}
    for line in sorted(lines, key=lambda m: (m.kind == "duty", m.id in served, not m.held)):
        if line.id in told or (line.id in served and not line.held):
            continue
        told |= {line.id, *line.one_of}
        found.append(step(line))
    return tuple(found)


def step(line: MeasureLine) -> Step:
    """One required measure in words."""
    law = load()
    measure = law.measures[line.id]
    names = [authority_name(a) for a in line.authority]
    return Step(
        id=line.id,
        name=measure_name(line.id),
        status="duty" if line.kind == "duty" else "held" if line.held else "missing",
        who=_(" or ").join(names),
        own=APPLICANT in line.authority,
        days=line.working_days,
        how=words(measure.how),
        documents=tuple(words(document) for document in measure.documents),
        others=tuple(measure_name(other) for other in line.one_of if other != line.id),
        why=tuple(found for p in line.provisions if (found := provision(p)) is not None),
    )


def cited(line: ProvisionLine) -> Cited:
    """One provision with its instrument in words."""
    instrument = load().instruments.get(line.instrument)
    return Cited(
        id=line.id,
        says=words(line.says),
        title=words(instrument.title) if instrument else line.instrument,
        article=words(load().cite(line.article)),
        source=line.source if line.source.startswith("https://") else "",
        confidence=line.confidence,
        status=line.status,
        effect=line.effect,
    )


def provision(provision_id: str) -> Cited | None:
    """A provision of the packs by its id, or None when these packs do not hold it."""
    found = load().provisions.get(provision_id)
    if found is None:
        return None
    instrument = load().instruments.get(found.instrument)
    return Cited(
        found.id,
        words(found.says),
        words(instrument.title) if instrument else found.instrument,
        words(load().cite(found.article)),
        found.source if found.source.startswith("https://") else "",
        found.confidence,
        found.status,
        found.effect.kind,
    )


def measure_name(key: str) -> str:
    """A measure's name in the reader's language."""
    measure = load().measures.get(key)
    return (words(measure.name) or measure.meaning) if measure else key


def authority_name(key: str) -> str:
    """An authority's name in the reader's language."""
    authority = load().authorities.get(key)
    return (words(authority.name) or authority.meaning) if authority else key


def _question(name: str, answer: Determination) -> str:
    spec = load().facts_of(str(answer.facts.get("flow", "materials"))).get(name)
    return (words(spec.question) or spec.meaning) if spec else name
