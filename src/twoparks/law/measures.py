"""What the packs say of one measure on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .answer import Determination
from .pack import Measure, MeasureTerm, Served
from .zone import Zone


@dataclass(frozen=True, slots=True)
class MeasureAnswer:
    """A measure on a day: whether it is open, every dated entry that holds (they differ by direction), what it also serves."""

    measure: Measure
    open: bool
    terms: tuple[MeasureTerm, ...]
    serves: tuple[Served, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """JSON values; a term on which all entries agree also stands at the top level."""
        entries = [_entry(term) for term in self.terms]
        agreed = (
            {key: value for key, value in entries[0].items() if all(e.get(key) == value for e in entries)}
            if entries
            else {}
        )
        authority = list(self.measure.authority)
        fallback = {"authority": authority[0] if len(authority) == 1 else authority}
        head = {
            "key": self.measure.key,
            "kind": self.measure.kind,
            "bank": self.measure.bank,
            "open": self.open,
        }
        served = {"serves": [served_entry(one) for one in self.serves]} if self.serves else {}
        return fallback | agreed | head | {"name": dict(self.measure.name), "entries": entries} | served


def measure_on(zone: Zone, key: str, day: date) -> MeasureAnswer:
    """The measure `key` on `day`; KeyError when the vocabulary has no such key."""
    measure = zone.measures[key]
    terms = tuple(term for term in measure.terms if term.in_force.covers(day))
    deciding = [p for p in zone.provisions.values() if p.decides and key in p.effect.measures]
    named = [p for p in deciding if p.effect.kind in ("permit", "require") and p.in_force.covers(day)]
    gated = any(p.effect.kind == "permit" for p in deciding) or measure.kind in ("route", "facility")
    if gated:
        named = [p for p in named if p.effect.kind == "permit"]
    return MeasureAnswer(measure, bool(named), terms, measure.served(day))


def serving(zone: Zone, answer: Determination) -> tuple[tuple[Measure, Served], ...]:
    """The measures that an answer names, alternatives that are open included, of which one filing serves both banks."""
    on, crosses = date.fromisoformat(str(answer.facts["on"])), str(answer.facts["crosses"])
    named = dict.fromkeys(line.id for line in answer.measures if line.sure)
    measures = [zone.measures[key] for key in named]
    return tuple((measure, one) for measure in measures for one in measure.served(on, crosses))


def served_entry(one: Served) -> dict[str, object]:
    """JSON values of what one filing serves."""
    return {
        "also": list(one.also),
        "says": dict(one.says),
        "source": one.source,
        "article": one.article,
        "confidence": one.confidence,
    }


def _entry(term: MeasureTerm) -> dict[str, object]:
    authority = list(term.authority)
    shown: dict[str, object] = {"authority": authority[0] if len(authority) == 1 else authority}
    shown |= {
        name: value.isoformat() if isinstance(value, date) else value for name, value in term.terms.items()
    }
    shown |= {
        "confidence": term.confidence,
        "source": term.source,
        "article": term.article,
        "crosses": list(term.crosses),
    }
    shown["in_force"] = [day.isoformat() if day else None for day in term.in_force]
    return shown | ({"applies": dict(term.applies)} if term.applies else {})
