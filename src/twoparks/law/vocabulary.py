"""The vocabulary file and the questions that packs add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .pack import (
    BANKS,
    Authority,
    Bank,
    Confidence,
    FactSpec,
    Implied,
    Measure,
    MeasureTerm,
    Result,
    Served,
    Text,
    Vocabulary,
)
from .source import Block

KINDS = ("step", "duty", "route", "facility")
_TYPES = ("bool", "int", "money", "enum", "set", "date")
_ALL_BANKS = ("ml", "hk", "both")


def read_vocabulary(block: Block) -> Vocabulary:
    """Every name that packs may use, as the vocabulary file lists them."""
    block.value("version")
    outcomes = _meanings(block.block("outcomes"))
    places = block.words("places")
    authorities = {
        key: Authority(key, meaning) for key, meaning in _meanings(block.block("authorities")).items()
    }
    measures = {measure.key: measure for measure in map(_measure, block.blocks("measures"))}
    facts = tuple(_facts(block.block("facts"), tuple(measures)))
    results = {result.key: result for result in map(_result, block.blocks("results"))}
    terms = {}
    for item in block.blocks("measure_terms"):
        terms[item.text("key")] = item.text("type")
    block.finish()
    return Vocabulary(places, outcomes, facts, measures, results, authorities, terms)


def _meanings(block: Block | None) -> dict[str, str]:
    return {} if block is None else {key: block.text(key) for key in block.names()}


def _facts(block: Block | None, measures: tuple[str, ...]) -> Iterable[FactSpec]:
    flows = [flow for flow in block.names() if flow != "common"] if block else []
    for group in block.names() if block else ():
        for item in block.blocks(group) if block else ():
            values = measures if item.value("values") == "measures" else item.words("values")
            yield FactSpec(
                name=item.text("name"),
                type=item.word("type", _TYPES),
                flows=tuple(flows) if group == "common" else (group,),
                meaning=item.text("meaning"),
                values=values,
                unit=item.text("unit", "") or None,
                nullable=item.flag("nullable"),
                maximum=100 if item.text("unit", "") == "percent" else None,
            )


def _measure(item: Block) -> Measure:
    return Measure(
        key=item.text("key"),
        kind=item.word("kind", KINDS),
        bank=_bank(item),
        flows=item.words("flow"),
        authority=item.words("authority"),
        meaning=item.text("meaning"),
    )


def _result(item: Block) -> Result:
    unit = item.text("unit", "") or None
    return Result(item.text("key"), item.text("type"), item.words("flow"), unit, item.text("meaning"))


def _bank(item: Block) -> Bank:
    found = item.word("bank", _ALL_BANKS)
    return "ml" if found == "ml" else "hk" if found == "hk" else "both"


def confidence(item: Block) -> Confidence:
    """V, S or M."""
    found = item.word("confidence", ("V", "S", "M"))
    return "V" if found == "V" else "S" if found == "S" else "M"


def with_measure(vocabulary: Vocabulary, item: Block) -> Measure:
    """A measure of the vocabulary with the names and dated terms that a pack gives it."""
    key = item.word("key", tuple(vocabulary.measures))
    known = vocabulary.measures[key]
    documents = tuple(_sentences(item, "documents"))
    made = replace(
        known,
        name=item.trilingual("name"),
        how=item.trilingual("how", optional=True),
        documents=documents,
        after=item.words("after", tuple(vocabulary.measures)),
        terms=tuple(_term(term, known, vocabulary) for term in item.blocks("terms")),
        serves=tuple(_served(served, known, vocabulary) for served in item.blocks("serves")),
    )
    item.finish()
    return made


def _served(item: Block, measure: Measure, vocabulary: Vocabulary) -> Served:
    """What one filing for the measure also serves; together they are of both banks."""
    made = Served(
        also=item.words("also", tuple(key for key in vocabulary.measures if key != measure.key)),
        in_force=item.interval("in_force"),
        crosses=item.words("crosses"),
        says=item.trilingual("says"),
        source=item.text("source"),
        article=item.text("article", ""),
        confidence=confidence(item),
    )
    item.finish()
    banks = {measure.bank, *(vocabulary.measures[key].bank for key in made.also)}
    if "both" not in banks and not banks.issuperset(BANKS):
        raise item.fail("also", "of one bank only", "name a measure of the other bank, or write nothing")
    return made


def _sentences(item: Block, key: str) -> Iterable[Text]:
    for sentence in item.blocks(key):
        yield {language: sentence.text(language) for language in ("en", "zh-Hant", "zh-Hans")}


def _term(item: Block, measure: Measure, vocabulary: Vocabulary) -> MeasureTerm:
    """One dated entry of a measure; its terms are those the vocabulary lists."""
    values: dict[str, object] = {}
    for name, kind in vocabulary.terms.items():
        if name == "authority" or name not in item:
            continue
        found = item.value(name)
        values[name] = item.day(name, found) if kind == "date" else found
    made = MeasureTerm(
        in_force=item.interval("in_force"),
        crosses=item.words("crosses"),
        terms=values,
        authority=item.words("authority", tuple(vocabulary.authorities)) or measure.authority,
        confidence=confidence(item),
        source=item.text("source"),
        article=item.text("article", ""),
        applies=item.trilingual("applies", optional=True),
        when=item.expression("when") if "when" in item else None,
    )
    item.finish()
    if made.when is not None and not made.applies:
        raise item.fail("when", "not said in words", "add applies: a sentence in three languages")
    return made


def with_questions(vocabulary: Vocabulary, files: Iterable[Block]) -> Vocabulary:
    """The vocabulary with the questions that the packs ask for its facts."""
    found: dict[tuple[str, str], FactSpec] = {}
    common = len({flow for spec in vocabulary.facts for flow in spec.flows})
    by_name = {
        ("common" if len(spec.flows) == common else spec.flows[0], spec.name): spec
        for spec in vocabulary.facts
    }
    for block in files:
        flow = block.text("flow")
        for item in block.blocks("questions"):
            names = [name for group, name in by_name if group == flow]
            name = item.word("fact", names)
            found[flow, name] = spec = _asked(by_name[flow, name], item, names)
            if spec.after and found.get((flow, spec.after), spec).after:
                raise item.fail("after", repr(spec.after), "a fact that is not itself asked after another")
        block.finish()
    return replace(vocabulary, facts=tuple(found.get(key, spec) for key, spec in by_name.items()))


def _asked(spec: FactSpec, item: Block, names: Sequence[str]) -> FactSpec:
    """One fact with its question, labels, range and rules."""
    labels = item.block("labels")
    maximum = item.integer("maximum")
    made = replace(
        spec,
        question=item.trilingual("question"),
        help=item.trilingual("help", optional=True),
        value_labels=_labels(spec, labels) if labels is not None else {},
        minimum=item.integer("minimum"),
        maximum=spec.maximum if maximum is None else maximum,
        stated_by=item.word("stated_by", ("applicant", "officer", "system"), "applicant"),
        changeable=item.flag("changeable"),
        first=item.flag("first"),
        after=item.word("after", names) if "after" in item else None,
        implied=tuple(_implied(spec, rule) for rule in item.blocks("implied")),
    )
    item.finish()
    return made


def _labels(spec: FactSpec, labels: Block) -> Mapping[str, Text]:
    unknown = [value for value in labels.names() if value not in spec.values]
    if unknown:
        raise labels.fail(unknown[0], "not a value of this fact", f"accepted are {', '.join(spec.values)}")
    return {value: labels.trilingual(value) for value in labels.names()}


def _implied(spec: FactSpec, rule: Block) -> Implied:
    value = rule.value("value")
    accepted = (True, False) if spec.type == "bool" else spec.values
    if value not in accepted or not isinstance(value, bool | str):
        raise rule.fail("value", repr(value), f"accepted are {', '.join(map(str, accepted))}")
    made = Implied(value, rule.expression("when"))
    rule.finish()
    return made
