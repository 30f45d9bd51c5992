"""A determination as a short letter: the answer, why, what to do, the law. Shapes for the page; no markup, no decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twoparks.law.answer import Determination, MeasureLine, Outcome, ProvisionLine
from twoparks.law.measures import serving
from twoparks.law.zone import Zone as Law
from twoparks.packs import load as in_force
from twoparks.permits.types import APPLICANT
from twoparks.registry.words import words
from twoparks.registry.zone import Park, zone

_told: ContextVar[Law] = ContextVar("twoparks_law_told")
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
    authority: str  # key of the one that answers first
    days: int | None
    how: str
    documents: tuple[str, ...]
    others: tuple[str, ...]  # names of alternatives that would serve instead
    perhaps: tuple[str, ...]  # alternatives that facts not stated may close
    why: tuple[Cited, ...]  # the provisions that require it


@dataclass(frozen=True)
class Shared:
    """A measure of which one filing serves both banks, and what else it serves."""

    name: str
    says: str
    also: tuple[str, ...]
    article: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Bank:
    """What one bank's law says, of one way where it was asked about both."""

    park: Park
    way: tuple[Park, Park] | None
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
    both_ways: bool  # the law was asked for the way out and for the way back; the worse counts
    banks: tuple[Bank, ...]
    shared: tuple[Shared, ...]
    missing: tuple[str, ...]  # questions left, as asked
    to_do: int
    longest_days: int | None


@contextmanager
def under(law: Law) -> Iterator[None]:
    """Tell of that law inside the block: where a law on trial was asked, its own provisions and measures have words too."""
    token = _told.set(law)
    try:
        yield
    finally:
        _told.reset(token)


def load() -> Law:
    """The law that is told of: the one in force, but inside `under`."""
    return _told.get(None) or in_force()


def letter(answers: Iterable[Determination], granted: frozenset[str] = frozenset()) -> Letter:
    """Tell what the banks' law answered, the worst for each bank and way; `granted` are measures decided since."""
    worst: dict[tuple[str, str, str], Determination] = {}
    for answer in answers:
        key = _asked(answer)
        if key not in worst or WORST.index(answer.outcome) < WORST.index(worst[key].outcome):
            worst[key] = answer
    ways = list(dict.fromkeys(crosses for _bank, _flow, crosses in worst))
    parks = sorted(zone().parks.values(), key=lambda park: park.side)
    banks = tuple(
        _bank(park, answer, crosses if len(ways) > 1 else None, granted)
        for park in parks
        for way in ways
        for (bank, _flow, crosses), answer in worst.items()
        if (bank, crosses) == (park.bank, way)
    )
    outcomes = {answer.outcome for answer in worst.values()}
    outcome = next((outcome for outcome in WORST if outcome in outcomes), Outcome.UNKNOWN)
    person = any(flow == "personnel" for _bank, flow, _crosses in worst)
    missing = dict.fromkeys((name, key[1]) for key, answer in worst.items() for name in answer.missing)
    steps = {step.id: step for bank in banks for step in bank.steps if step.status == "missing"}
    days = [step.days for step in steps.values() if step.days is not None]
    return Letter(
        outcome=str(outcome),
        answer=(_of_person if person else _of_goods)(outcome, len(steps), len(missing)),
        both_ways=len(ways) > 1,
        banks=banks,
        shared=tuple(dict.fromkeys(one for answer in worst.values() for one in _shared(answer))),
        missing=tuple(_question(name, flow) for name, flow in missing),
        to_do=len(steps),
        longest_days=max(days, default=None),
    )


def _asked(answer: Determination) -> tuple[str, str, str]:
    """Bank, flow and direction that an answer is about."""
    return next(iter(answer.banks)), str(answer.facts["flow"]), str(answer.facts["crosses"])


def _of_goods(outcome: Outcome, steps: int, missing: int) -> str:
    match outcome:
        case Outcome.CLEAR:
            return _("These goods may cross.")
        case Outcome.CONDITIONAL if steps:
            return ngettext(
                "These goods may cross once %(n)d step is taken.",
                "These goods may cross once %(n)d steps are taken.",
                steps,
            ) % {"n": steps}
        case Outcome.FORBIDDEN:
            return _("These goods may not cross.")
        case Outcome.REFER:
            return _("A person must decide whether these goods may cross.")
    return _of_either(steps, missing, outcome)


def _of_person(outcome: Outcome, steps: int, missing: int) -> str:
    match outcome:
        case Outcome.CLEAR:
            return _("This person may cross, and come back.")
        case Outcome.CONDITIONAL if steps:
            return ngettext(
                "This person may cross once %(n)d step is taken.",
                "This person may cross once %(n)d steps are taken.",
                steps,
            ) % {"n": steps}
        case Outcome.FORBIDDEN:
            return _("This person may not cross so.")
        case Outcome.REFER:
            return _("An officer must decide whether this person may cross.")
    return _of_either(steps, missing, outcome)


def _of_either(steps: int, missing: int, outcome: Outcome) -> str:
    if outcome is Outcome.CONDITIONAL:
        return _("Every step that the law asks for has been taken.")
    return ngettext(
        "The law cannot answer yet: %(n)d question is open.",
        "The law cannot answer yet: %(n)d questions are open.",
        missing,
    ) % {"n": missing}


def _bank(park: Park, answer: Determination, crosses: str | None, granted: frozenset[str]) -> Bank:
    given = {result.provision for result in answer.results.values()}
    holding = [p for p in answer.provisions if p.holds and (p.effect != "compute" or p.id in given)]
    steps = _steps(_with((line for line in answer.measures if _concerns(park, line)), granted))
    desks = tuple(
        (r.provision, authority_name(r.authority) if r.authority else words(park.name))
        for r in answer.refer_to
    )
    way = None if crosses is None else zone().directions[crosses]
    return Bank(
        park=park,
        way=None if way is None else (zone().park(way[0]), zone().park(way[1])),
        outcome=str(answer.outcome),
        why=tuple(cited(line) for line in _deciding(answer, holding)),
        steps=steps,
        law=tuple(cited(line) for line in holding),
        shadow=tuple(cited(line) for line in answer.shadow if line.holds),
        referred=desks,
    )


def _concerns(park: Park, line: MeasureLine) -> bool:
    """Whether a measure is of the park's bank or asked by its law; one that is sought is listed for either bank."""
    named = {load().measures[line.id].bank, *(load().provisions[p].bank for p in line.provisions)}
    return bool({park.bank, "both"} & named)


def _deciding(answer: Determination, holding: Iterable[ProvisionLine]) -> list[ProvisionLine]:
    """The provisions that made the outcome what it is; steps carry their own."""
    match answer.outcome:
        case Outcome.FORBIDDEN:
            return [line for line in holding if line.effect == "forbid"]
        case Outcome.REFER:
            named = {referral.provision for referral in answer.refer_to}
            return [line for line in holding if line.id in named or line.effect == "refer"]
    return []


def _shared(answer: Determination) -> Iterator[Shared]:
    for measure, one in serving(load(), answer):
        yield Shared(
            name=measure_name(measure.key),
            says=words(one.says),
            also=tuple(measure_name(key) for key in one.also),
            article=words(load().cite(one.article)),
            source=one.source if one.source.startswith("https://") else "",
            confidence=one.confidence,
        )


def _with(lines: Iterable[MeasureLine], granted: frozenset[str]) -> list[MeasureLine]:
    return [line._replace(held=True) if line.id in granted else line for line in lines]


def _steps(lines: Iterable[MeasureLine]) -> tuple[Step, ...]:
    """One entry a requirement: missing ones, then held ones, then duties; alternatives are folded into the first."""
    found: list[Step] = []
    told: set[str] = set()
    lines = tuple(lines)
    served = {m for line in lines if line.held for m in (line.id, *line.one_of)}
    unsure = frozenset(line.id for line in lines if not line.sure)
    for line in sorted(lines, key=lambda m: (m.kind == "duty", m.id in served, not m.held, not m.sure)):
        if line.id in told or (line.id in served and not line.held):
            continue
        told |= {line.id, *line.one_of}
        found.append(step(line, unsure))
    return tuple(found)


def step(line: MeasureLine, unsure: frozenset[str] = frozenset()) -> Step:
    """One required measure in words; `unsure` are alternatives that may turn out closed."""
    law = load()
    measure = law.measures[line.id]
    names = [authority_name(a) for a in line.authority]
    return Step(
        id=line.id,
        name=measure_name(line.id),
        status="duty" if line.kind == "duty" else "held" if line.held else "missing",
        who=_(" or ").join(names),
        own=APPLICANT in line.authority,
        authority=next(iter(line.authority), ""),
        days=line.working_days,
        how=words(measure.how),
        documents=tuple(words(document) for document in measure.documents),
        others=tuple(measure_name(m) for m in line.one_of if m != line.id and m not in unsure),
        perhaps=tuple(measure_name(m) for m in line.one_of if m != line.id and m in unsure),
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


def _question(name: str, flow: str) -> str:
    spec = load().facts_of(flow).get(name)
    return (words(spec.question) or spec.meaning) if spec else name
