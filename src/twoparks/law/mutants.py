"""The law of a zone with one thing wrong: every provision, boundary, exception and parameter in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from .pack import (
    DatedParameter,
    Definition,
    Effect,
    Expression,
    FactSpec,
    Interval,
    Law,
    Measure,
    Place,
    Provision,
)
from .variants import variants

_WORD = re.compile(r"[A-Za-z_]\w*")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing wrong: where, what, which case would find it, and who could see it.

    `flow` and `crosses` are those of the cases to ask, () for any; `days` are the days on which the law differs.
    `touches` are the provisions whose holding may change, `measures` those whose terms may, `fact` the one whose implied
    value may, `told` the measure of which one entry is changed; `beyond` says that more of the provisions changes than their conditions and amounts.
    """

    place: Place
    what: str
    wanted: str
    flows: tuple[str, ...]
    crosses: tuple[str, ...]
    days: Interval
    touches: frozenset[str]
    law: Callable[[Law], Law]
    beyond: bool = False
    measures: frozenset[str] = frozenset()
    fact: str | None = None
    told: str | None = None


def mutants(law: Law) -> Iterator[Mutant]:
    """Every mutant of the packs, in the order in which they are written."""
    for at, provision in enumerate(law.provisions):
        yield from _of_provision(provision, at)
    reach = _Reach(law)
    for at, definition in enumerate(law.definitions):
        yield from _of_definition(definition, at, reach)
    for parameter in law.parameters.values():
        yield from _of_parameter(parameter, reach)
    for at, spec in enumerate(law.vocabulary.facts):
        yield from _of_fact(spec, at, reach)
    for measure in law.vocabulary.measures.values():
        yield from _of_measure(measure, law)


class Touched(NamedTuple):
    """What rests on a name: provisions, measures by their terms, the flows of both, and when they are in force."""

    provisions: frozenset[str]
    measures: frozenset[str]
    flows: tuple[str, ...]
    days: tuple[Interval, ...]

    def on(self, day: date) -> bool:
        """Whether any of it is in force on a day."""
        return any(interval.covers(day) for interval in self.days)


class _Reach:
    """Which provisions and terms of measures rest on a name, directly or through definitions and implied facts."""

    def __init__(self, law: Law) -> None:
        self._provisions = {p.id: _words(*_texts(p)) for p in law.provisions}
        self._steps = [(d.name, _words(d.means.text)) for d in law.definitions]
        for spec in law.vocabulary.facts:
            self._steps.extend((spec.name, _words(rule.when.text)) for rule in spec.implied)
        self._terms = [
            (measure, term.in_force, _words(term.when.text))
            for measure in law.vocabulary.measures.values()
            for term in measure.terms
            if term.when is not None
        ]
        self._flows = {p.id: p.flows for p in law.provisions}
        self._in_force = {p.id: p.in_force for p in law.provisions}

    def of(self, name: str) -> Touched:
        """What rests on `name`."""
        names, before = {name}, 0
        while len(names) != before:
            before = len(names)
            names |= {step for step, words in self._steps if names & words}
        provisions = frozenset(key for key, words in self._provisions.items() if names & words)
        terms = [(measure, days) for measure, days, words in self._terms if names & words]
        flows = [flow for key in provisions for flow in self._flows[key]]
        flows += [flow for measure, _ in terms for flow in measure.flows]
        days = (*(self._in_force[key] for key in provisions), *(interval for _, interval in terms))
        return Touched(
            provisions, frozenset(measure.key for measure, _ in terms), tuple(dict.fromkeys(flows)), days
        )


def _words(*texts: str) -> set[str]:
    return set(_WORD.findall(" ".join(texts)))


def _texts(provision: Provision) -> Iterator[str]:
    yield provision.when.text
    yield from (step.value.text for step in provision.effect.steps)
    if provision.effect.value is not None:
        yield provision.effect.value.text


def _moved(interval: Interval) -> Iterator[tuple[Interval, date, str, str]]:
    """Each boundary a day earlier and later: the interval, the day on which it differs, what, which case."""
    for name, day in zip(("from_on", "until_on"), interval, strict=True):
        if day is None or day <= date.min:
            continue
        word = "begins" if name == "from_on" else "ends"
        for step, seen_on in ((-_DAY, day - _DAY), (_DAY, day)):
            moved = interval._replace(**{name: day + step})
            if moved.from_on is None or moved.until_on is None or moved.from_on < moved.until_on:
                yield moved, seen_on, f"{word} on {day + step}, not {day}", f"on {seen_on}"


def _only(day: date) -> Interval:
    return Interval(day, day + _DAY)


def _of_provision(provision: Provision, at: int) -> Iterator[Mutant]:
    """Left out, moved, its condition changed, what it yields to and what it names left out."""
    name = provision.id

    def mutant(what: str, wanted: str, made: Provision | None, days: Interval | None = None) -> Mutant:
        beyond = made is not None and (made.unless, made.effect) != (provision.unless, provision.effect)

        def change(law: Law) -> Law:
            kept = (made,) if made is not None else ()
            return replace(law, provisions=(*law.provisions[:at], *kept, *law.provisions[at + 1 :]))

        seen_in = (provision.flows, provision.crosses, provision.in_force if days is None else days)
        what = f"{name}: {what}"
        return Mutant(provision.place, what, wanted, *seen_in, frozenset({name}), change, beyond)

    yield mutant("left out", f"{name} holds and matters", None)
    for interval, day, what, wanted in _moved(provision.in_force):
        yield mutant(
            what, f"{wanted}, where {name} would hold", replace(provision, in_force=interval), _only(day)
        )
    for expression, what, wanted in _changed(provision.when):
        yield mutant(what, f"the rest of {name} holds and {wanted}", replace(provision, when=expression))
    for other in provision.unless:
        unless = tuple(key for key in provision.unless if key != other)
        yield mutant(
            f"no longer yields to {other}", f"both {name} and {other} hold", replace(provision, unless=unless)
        )
    for effect, what, wanted in _effects(provision.effect):
        yield mutant(what, f"{name} holds and {wanted}", replace(provision, effect=effect))


def _changed(expression: Expression, *, truth: bool = True) -> Iterator[tuple[Expression, str, str]]:
    for found in variants(expression.tree, truth=truth):
        yield replace(expression, tree=found.tree), found.what, found.wanted


def _effects(effect: Effect) -> Iterator[tuple[Effect, str, str]]:
    """Each measure left out where there are several; each amount changed."""
    for measure in effect.measures if len(effect.measures) > 1 else ():
        rest = tuple(key for key in effect.measures if key != measure)
        yield replace(effect, measures=rest), f"{measure} left out of {effect.kind}", f"{measure} matters"
    if effect.afresh:
        yield replace(effect, afresh=False), "afresh left out", f"{', '.join(effect.measures)} is held"
    if effect.value is not None:
        for value, what, wanted in _changed(effect.value, truth=False):
            yield replace(effect, value=value), what, wanted
    for at, step in enumerate(effect.steps):
        for value, what, wanted in _changed(step.value, truth=False):
            steps = (*effect.steps[:at], replace(step, value=value), *effect.steps[at + 1 :])
            yield replace(effect, steps=steps), f"{step.name}: {what}", wanted


def _of_definition(definition: Definition, at: int, reach: _Reach) -> Iterator[Mutant]:
    """Its days moved and its condition changed."""
    touches = reach.of(definition.name)

    def mutant(what: str, wanted: str, made: Definition, days: Interval) -> Mutant:
        def change(law: Law) -> Law:
            return replace(law, definitions=(*law.definitions[:at], made, *law.definitions[at + 1 :]))

        what, seen_in = f"definition {definition.name}: {what}", (definition.flows, (), days)
        return Mutant(
            definition.means.place,
            what,
            wanted,
            *seen_in,
            touches.provisions,
            change,
            measures=touches.measures,
        )

    for interval, day, what, wanted in _moved(definition.in_force):
        if touches.on(day):
            made = replace(definition, in_force=interval)
            yield mutant(what, f"{wanted}, turning on {definition.name}", made, _only(day))
    for expression, what, wanted in _changed(definition.means):
        wanted = f"something turns on {definition.name} and {wanted}"
        yield mutant(what, wanted, replace(definition, means=expression), definition.in_force)


def _of_parameter(parameter: DatedParameter, reach: _Reach) -> Iterator[Mutant]:
    """Each value one more and one less, and each change of value a day earlier and later."""
    touches = reach.of(parameter.name)

    def mutant(at: int, what: str, wanted: str, days: Interval, **changes: object) -> Mutant:
        value = replace(parameter.values[at], **changes)  # type: ignore[arg-type]  # the fields are named below
        made = replace(parameter, values=(*parameter.values[:at], value, *parameter.values[at + 1 :]))

        def change(law: Law) -> Law:
            return replace(law, parameters={**law.parameters, parameter.name: made})

        what, seen_in = f"param.{parameter.name}: {what}", (touches.flows, (), days)
        return Mutant(
            parameter.place, what, wanted, *seen_in, touches.provisions, change, measures=touches.measures
        )

    for at, known in enumerate(parameter.values):
        for step in (-1, 1):
            moved = known.value + (timedelta(days=step) if isinstance(known.value, date) else step)  # type: ignore[operator]
            wanted = f"what is compared with param.{parameter.name} lies at {max(moved, known.value)}"
            yield mutant(at, f"{moved}, not {known.value}", wanted, known.in_force, value=moved)
        for interval, day, what, wanted in _moved(known.in_force):
            if touches.on(day):
                wanted = f"{wanted}, turning on param.{parameter.name}"
                yield mutant(at, what, wanted, _only(day), in_force=interval)


def _of_fact(spec: FactSpec, at: int, reach: _Reach) -> Iterator[Mutant]:
    """Each implied value left out, and its condition changed."""
    touches = reach.of(spec.name)

    def mutant(place: Place, what: str, wanted: str, made: FactSpec) -> Mutant:
        def change(law: Law) -> Law:
            facts = (*law.vocabulary.facts[:at], made, *law.vocabulary.facts[at + 1 :])
            return replace(law, vocabulary=replace(law.vocabulary, facts=facts))

        what, seen_in = f"{spec.name}: {what}", (spec.flows, (), Interval())
        return Mutant(
            place,
            what,
            wanted,
            *seen_in,
            touches.provisions,
            change,
            measures=touches.measures,
            fact=spec.name,
        )

    for number, rule in enumerate(spec.implied):
        rest = (spec.implied[:number], spec.implied[number + 1 :])
        without = replace(spec, implied=(*rest[0], *rest[1]))
        wanted = f"{spec.name} is not stated and {rule.when.text}"
        yield mutant(rule.when.place, f"no longer implied by {rule.when.text}", wanted, without)
        for expression, what, told in _changed(rule.when):
            made = replace(spec, implied=(*rest[0], replace(rule, when=expression), *rest[1]))
            yield mutant(rule.when.place, f"implied: {what}", f"{spec.name} is not stated and {told}", made)


def _of_measure(measure: Measure, law: Law) -> Iterator[Mutant]:
    """The conditions of its terms changed."""
    touches = frozenset(p.id for p in law.provisions if measure.key in p.effect.measures)
    told = frozenset({measure.key})
    for at, term in enumerate(measure.terms):
        for expression, what, wanted in _changed(term.when) if term.when is not None else ():
            terms = (*measure.terms[:at], replace(term, when=expression), *measure.terms[at + 1 :])
            change = _with_measure(replace(measure, terms=terms))
            wanted = f"terms of {measure.key} are told and {wanted}"
            what = f"terms of {measure.key}: {what}"
            seen_in = (measure.flows, term.crosses, term.in_force)
            yield Mutant(
                expression.place, what, wanted, *seen_in, touches, change, measures=told, told=measure.key
            )


def _with_measure(measure: Measure) -> Callable[[Law], Law]:
    def change(law: Law) -> Law:
        measures: Mapping[str, Measure] = {**law.vocabulary.measures, measure.key: measure}
        return replace(law, vocabulary=replace(law.vocabulary, measures=measures))

    return change
