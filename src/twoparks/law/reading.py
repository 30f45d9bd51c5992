"""A folder of packs becomes one `Law`; whatever cannot be read is refused with its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from .pack import (
    EFFECTS,
    FINDINGS,
    LANGUAGES,
    STATUSES,
    Authority,
    Bank,
    CalendarYear,
    DatedParameter,
    Definition,
    Effect,
    Explanation,
    Instrument,
    Interval,
    Law,
    PackError,
    ParameterValue,
    Provision,
    Step,
    Text,
    Vocabulary,
)
from .source import Block, open_block, plain
from .vocabulary import confidence, read_vocabulary, with_measure, with_questions

_BANKS = ("ml", "hk", "both")
_BESIDE = ("cases", "histories", "questions")
_PER_MILLE = "per mille"  # the unit of a rate


def read_law(folder: Path) -> Law:
    """Every pack below `folder`: `vocabulary.yaml`, `questions/*.yaml`, and the rest (cases excepted)."""
    vocabulary_file = open_block(folder / "vocabulary.yaml", "vocabulary.yaml")
    questions = [
        open_block(path, f"questions/{path.name}") for path in sorted((folder / "questions").glob("*.yaml"))
    ]
    packs = [
        open_block(path, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*.yaml"))
        if path.name != "vocabulary.yaml" and path.relative_to(folder).parts[0] not in _BESIDE
    ]
    digest = _digest([vocabulary_file, *questions, *packs])
    vocabulary = with_questions(read_vocabulary(vocabulary_file), questions)
    return Collector(vocabulary).collect(packs, digest)


def _digest(blocks: Sequence[Block]) -> str:
    """SHA-256 over the canonical JSON of every file; comments and layout do not count."""
    content = {block.file: plain(block.node) for block in blocks}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def bank_of(block: Block, default: Bank | None = None) -> Bank:
    """`bank:` of a block."""
    found = block.word("bank", _BANKS, default)
    return "ml" if found == "ml" else "hk" if found == "hk" else "both"


class Collector:
    """Gathers the sections of all files and refuses what stands twice."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.flows = tuple(dict.fromkeys(flow for spec in vocabulary.facts for flow in spec.flows))
        self.crosses = next(spec.values for spec in vocabulary.facts if spec.name == "crosses")
        self.instruments: dict[str, Instrument] = {}
        self.provisions: dict[str, Provision] = {}
        self.definitions: list[Definition] = []
        self.parameters: dict[str, DatedParameter] = {}
        self.calendar: list[CalendarYear] = []
        self.citations: dict[str, Text] = {}
        self.explained: list[Explanation] = []
        self.measures = dict(vocabulary.measures)
        self.authorities = dict(vocabulary.authorities)

    def collect(self, files: Iterable[Block], digest: str) -> Law:
        """All files as one law."""
        for block in files:
            self.file(block)
        refuse_yielding_to_nobody(self.provisions)
        for explained in self.explained:
            if explained.cites is not None and explained.cites not in self.instruments:
                raise PackError(f"{explained.place}: cites is {explained.cites!r}, which no pack holds")
        vocabulary = replace(self.vocabulary, measures=self.measures, authorities=self.authorities)
        return Law(
            vocabulary=vocabulary,
            instruments=self.instruments,
            provisions=tuple(self.provisions.values()),
            definitions=tuple(self.definitions),
            parameters=self.parameters,
            calendar=tuple(self.calendar),
            citations=self.citations,
            digest=digest,
            explained=tuple(self.explained),
        )

    def file(self, block: Block) -> None:
        """One pack file."""
        bank = bank_of(block, "both")
        for item in block.blocks("instruments"):
            self.instrument(item, bank)
        for item in block.blocks("definitions"):
            self.definitions.append(self.definition(item))
        for item in block.blocks("parameters"):
            self.parameter(item)
        for item in block.blocks("measures"):
            self.measures[item.text("key")] = with_measure(self.vocabulary, item)
        for item in block.blocks("authorities"):
            self.authority(item)
        for item in block.blocks("explained"):
            self.explained.append(self.explanation(item))
        for item in block.blocks("calendars"):
            self.years(item)
        for item in block.blocks("citations"):
            said = {language: item.text(language) for language in LANGUAGES}
            self.citations[said["en"]] = said
            item.finish()
        block.finish()

    def instrument(self, item: Block, bank: Bank) -> None:
        """An instrument and its provisions."""
        key = item.text("key")
        if key in self.instruments:
            raise item.fail("key", f"{key!r}, used before at {self.instruments[key].place}", "choose another")
        made = Instrument(
            key=key,
            title=item.trilingual("title"),
            issuer=item.trilingual("issuer"),
            source=item.text("source"),
            bank=bank_of(item, bank),
            in_force=item.interval("in_force"),
            status=item.word("status", STATUSES),
            place=item.place,
        )
        self.instruments[key] = made
        defaults = (item.words("flow", self.flows), item.words("crosses", self.crosses), self.desk(item))
        for provision in item.blocks("provisions"):
            self.provision(provision, made, defaults)
        item.finish()

    def desk(self, item: Block) -> str | None:
        """An authority that receives what is referred."""
        found = item.words("authority", tuple(self.vocabulary.authorities))
        return found[0] if found else None

    def provision(
        self,
        item: Block,
        instrument: Instrument,
        defaults: tuple[tuple[str, ...], tuple[str, ...], str | None],
    ) -> None:
        """One provision; its interval lies within its instrument's."""
        name = item.text("id")
        if name in self.provisions:
            raise item.fail("id", f"{name!r}, used before at {self.provisions[name].place}", "choose another")
        effect = self.effect(item)
        routes = item.words("route", tuple(self.vocabulary.measures))
        self.provisions[name] = Provision(
            id=name,
            instrument=instrument.key,
            article=item.text("article"),
            bank=bank_of(item, instrument.bank),
            flows=item.words("flow", self.flows) or defaults[0],
            crosses=item.words("crosses", self.crosses) or defaults[1],
            when=item.expression("when"),
            effect=effect,
            unless=item.words("unless"),
            route=routes[0] if routes else None,
            in_force=_within(item.interval("in_force"), instrument.in_force),
            status=item.word("status", STATUSES, instrument.status),
            confidence=confidence(item),
            says=item.trilingual("says"),
            source=item.text("source", instrument.source),
            authority=self.desk(item) or effect.authority or defaults[2],
            place=item.place,
        )
        item.finish()
        if not self.provisions[name].flows or not self.provisions[name].crosses:
            raise PackError(f"{item.place}: {name} needs flow and crosses, here or at its instrument")

    def effect(self, item: Block) -> Effect:
        """The one effect of a provision."""
        named = [kind for kind in EFFECTS if kind in item]
        if len(named) != 1:
            raise PackError(
                f"{item.place}: a provision has exactly one effect of {', '.join(EFFECTS)}; this has {len(named)}"
            )
        kind = named[0]
        keys = tuple(self.vocabulary.measures)
        if kind == "compute":
            return self.compute(item)
        if kind == "state":
            if not item.flag("state"):
                raise item.fail("state", "not true", "write state: true")
            return Effect(kind)
        if kind == "refer":
            return Effect(kind, authority=item.words("refer", tuple(self.vocabulary.authorities))[0])
        if kind == "forbid":
            found = item.words("forbid", ("movement", *keys))
            return Effect(kind, tuple(key for key in found if key != "movement"))
        if kind == "require":
            afresh = item.flag("afresh")
            if isinstance(item.value("require"), dict):
                inner = item.block("require")
                assert inner is not None
                return Effect(kind, inner.words("one_of", keys), one_of=True, afresh=afresh)
            return Effect(kind, item.words("require", keys), afresh=afresh)
        return Effect(kind, item.words(kind, keys))

    def compute(self, item: Block) -> Effect:
        """A result with its steps."""
        inner = item.block("compute")
        assert inner is not None
        key = inner.word("key", tuple(self.vocabulary.results))
        steps = tuple(
            Step(
                step.text("name"), step.expression("value"), step.trilingual("says"), self.unit_of_step(step)
            )
            for step in inner.blocks("steps")
        )
        made = Effect("compute", result=key, value=inner.expression("value"), steps=steps)
        inner.finish()
        return made

    def unit_of_step(self, step: Block) -> str | None:
        """The unit a line is counted in where it is not the result's: one of the vocabulary's, or a rate."""
        units = {spec.unit for spec in self.vocabulary.facts if spec.unit}
        units |= {result.unit for result in self.vocabulary.results.values() if result.unit}
        return next(iter(step.words("unit", (_PER_MILLE, *sorted(units)))), None)

    def definition(self, item: Block) -> Definition:
        """A named condition."""
        item.text("article", "")
        made = Definition(
            name=item.text("name"),
            flows=item.words("flow", self.flows),
            in_force=item.interval("in_force"),
            means=item.expression("means"),
            says=item.trilingual("says"),
        )
        item.finish()
        return made

    def parameter(self, item: Block) -> None:
        """A dated parameter; its intervals may not overlap."""
        name = item.text("name")
        if name in self.parameters:
            raise item.fail(
                "name", f"{name!r}, used before at {self.parameters[name].place}", "choose another"
            )
        kind = item.word("type", ("int", "date"))
        unit = item.text("unit", "") or None
        values = tuple(_parameter_value(value, kind) for value in item.blocks("values"))
        self.parameters[name] = DatedParameter(name, kind, unit, item.trilingual("says"), values, item.place)
        item.finish()

    def authority(self, item: Block) -> None:
        """Names of an authority."""
        key = item.word("key", tuple(self.vocabulary.authorities))
        known = self.vocabulary.authorities[key]
        self.authorities[key] = Authority(
            key, known.meaning, item.trilingual("name"), bank_of(item), item.text("url", "")
        )
        item.finish()

    def explanation(self, item: Block) -> Explanation:
        """What the packs say of a finding about them (`prove`)."""
        undecided = item.flag("undecided")
        cites = item.text("cites", "") or None
        if undecided == (cites is not None):
            raise PackError(f"{item.place}: an explanation cites an instrument or says undecided: true")
        if undecided and "confidence" in item:
            raise PackError(
                f"{item.place}: confidence is of what is cited, and nothing is cited here; leave it out"
            )
        made = Explanation(
            kind=item.word("kind", FINDINGS),
            flows=item.words("flow", self.flows),
            crosses=item.words("crosses", self.crosses),
            banks=item.words("bank", _BANKS),
            of=item.words("of"),
            beside=item.words("beside"),
            period=item.interval("period"),
            cites=cites,
            article=item.text("article", ""),
            confidence=None if undecided else confidence(item),
            says=item.trilingual("says"),
            place=item.place,
        )
        item.finish()
        return made

    def years(self, item: Block) -> None:
        """The calendar of one bank."""
        bank = bank_of(item)
        for year in item.blocks("years"):
            number = year.integer("year")
            if number is None:
                raise year.fail("year", "missing", "a year is expected")
            holidays, working = (_days(year, key) for key in ("holidays", "working"))
            source, sure = year.text("source"), year.text("confidence")
            self.calendar.append(CalendarYear(bank, number, holidays, working, source, sure))
            year.finish()
        item.finish()


def refuse_yielding_to_nobody(provisions: Mapping[str, Provision]) -> None:
    """PackError where a provision names, among those it yields to, one that does not exist."""
    for provision in provisions.values():
        for other in provision.unless:
            if other not in provisions:
                raise PackError(f"{provision.place}: {provision.id} yields to {other}, which no pack holds")


def _days(block: Block, key: str) -> frozenset[date]:
    found = [block.day(key, day) for day in block.words(key)]
    return frozenset(day for day in found if day is not None)


def _within(inner: Interval, outer: Interval) -> Interval:
    """The days common to both intervals."""
    starts = [day for day in (inner.from_on, outer.from_on) if day is not None]
    ends = [day for day in (inner.until_on, outer.until_on) if day is not None]
    return Interval(max(starts, default=None), min(ends, default=None))


def _parameter_value(item: Block, kind: str) -> ParameterValue:
    found = item.value("value")
    value = item.day("value", found) if kind == "date" else item.integer("value")
    if value is None:
        raise item.fail("value", repr(found), "a number or a day is expected")
    made = ParameterValue(
        item.interval("in_force"), value, item.text("source"), item.text("article", ""), confidence(item)
    )
    item.finish()
    return made
