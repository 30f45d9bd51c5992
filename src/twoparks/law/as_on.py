"""The law of one day, as if it had always been so: for asking what a rule of tomorrow would have done to cases of the past."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

from .pack import DatedParameter, Interval, Law, Measure

ALWAYS = Interval()


def as_on(law: Law, day: date) -> Law:
    """What is in force on `day`, in force on every day; what is not, left out. Days that conditions reckon with stay the case's own."""
    measures = {key: _measure(measure, day) for key, measure in law.vocabulary.measures.items()}
    return replace(
        law,
        vocabulary=replace(law.vocabulary, measures=measures),
        provisions=tuple(replace(p, in_force=ALWAYS) for p in law.provisions if p.in_force.covers(day)),
        definitions=tuple(replace(d, in_force=ALWAYS) for d in law.definitions if d.in_force.covers(day)),
        parameters={
            name: kept
            for name, known in law.parameters.items()
            if (kept := _parameter(known, day)) is not None
        },
        digest=hashlib.sha256(f"{law.digest} as on {day}".encode()).hexdigest(),
    )


def _measure(measure: Measure, day: date) -> Measure:
    terms = tuple(replace(term, in_force=ALWAYS) for term in measure.terms if term.in_force.covers(day))
    return replace(measure, terms=terms)


def _parameter(known: DatedParameter, day: date) -> DatedParameter | None:
    found = known.on(day)
    return None if found is None else replace(known, values=(replace(found, in_force=ALWAYS),))
