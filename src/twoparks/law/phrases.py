"""Conditions and amounts in words, in each language: made of the packs' own questions, labels and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

from .language import Binary, Call, Choice, Exists, Listing, Literal, Name, Parameter, Tree, Unary
from .pack import FactSpec, Interval, Text
from .wording import WORDS
from .written import written
from .zone import Zone

_SIGNS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "*": "×", "-": "−"}


class Phrase(NamedTuple):
    """A sentence, or a heading with what stands under it."""

    text: str
    parts: tuple[Phrase, ...] = ()


class Speaker:
    """Says trees of one flow in one language."""

    def __init__(self, zone: Zone, flow: str, language: str) -> None:
        self.zone = zone
        self.language = language
        self.facts = zone.facts_of(flow)
        self.definitions = [d for d in zone.law.definitions if flow in d.flows]
        self.interval = Interval()

    def during(self, interval: Interval) -> Speaker:
        """One who says names as they were defined in this time."""
        speaker = copy(self)
        speaker.interval = interval
        return speaker

    def word(self, key: str, **slots: str) -> str:
        """One of the few words that are not in the packs."""
        return WORDS[key][self.language].format(**slots)

    def of(self, text: Text, otherwise: str) -> str:
        """A sentence of the packs."""
        return text.get(self.language, otherwise)

    def condition(self, tree: Tree, *, holds: bool = True) -> Phrase:
        """What must be so for a condition to hold, or not to hold."""
        if isinstance(tree, Unary) and tree.operator == "!":
            return self.condition(tree.operand, holds=not holds)
        if isinstance(tree, Binary) and tree.operator in ("&&", "||"):
            every = (tree.operator == "&&") == holds
            parts = tuple(self.condition(part, holds=holds) for part in _joined(tree, tree.operator))
            return Phrase(self.word("all_of" if every else "one_of"), parts)
        if isinstance(tree, Literal) and isinstance(tree.value, bool):
            return Phrase(self.word("always" if tree.value == holds else "never"))
        if isinstance(tree, Choice):
            return self.chosen(tree, holds=holds)
        if isinstance(tree, Name) and tree.name in self.facts:
            return Phrase(self.answered(tree.name, self.word("yes" if holds else "no")))
        text = self.statement(tree)
        return Phrase(text if holds else self.word("not_so", text=text))

    def chosen(self, tree: Choice, *, holds: bool) -> Phrase:
        """`c ? a : b`."""
        test = self.condition(tree.condition)
        then = Phrase(self.word("then"), (self.condition(tree.then, holds=holds),))
        other = Phrase(self.word("otherwise"), (self.condition(tree.otherwise, holds=holds),))
        return Phrase(self.word("if"), (test, then, other))

    def statement(self, tree: Tree) -> str:
        """A condition without conjunctions."""
        if isinstance(tree, Name):
            return self.defined(tree.name)
        if isinstance(tree, Call) and tree.function == "has" and isinstance(tree.arguments[0], Name):
            return self.answered(tree.arguments[0].name, self.word("stated"))
        if isinstance(tree, Exists):
            return self.some_of(tree)
        if isinstance(tree, Binary):
            return self.relation(tree)
        return self.amount(tree)

    def defined(self, name: str) -> str:
        """What a name stands for, each meaning with its time where it had several."""
        known = [d for d in self.definitions if d.name == name and d.in_force.meets(self.interval)]
        says = [self.of(definition.says, name) for definition in known]
        if len(set(says)) < 2:
            return says[0] if says else name
        times = [self.time(definition.in_force) for definition in known]
        return " ".join(f"[{time}] {said}" for time, said in zip(times, says, strict=True))

    def time(self, interval: Interval) -> str:
        """From when until when."""
        begin, end = (day.isoformat() if day else None for day in interval)
        return self.word(
            "from_until", begin=begin or self.word("open_begin"), end=end or self.word("open_end")
        )

    def relation(self, tree: Binary) -> str:
        """A comparison, or membership."""
        left, right = tree.left, tree.right
        if tree.operator == "in" and isinstance(left, Literal) and isinstance(right, Name):
            return self.answered(right.name, self.word("includes", words=self.label(right.name, left)))
        if isinstance(left, Name) and left.name in self.facts and isinstance(right, Listing):
            words = self.listed(left.name, right.items)
            return self.answered(left.name, self.word("any_of", words=words))
        if isinstance(left, Name) and self.spec(left) is not None and isinstance(right, Literal):
            shown = self.label(left.name, right)
            if tree.operator in ("==", "!="):
                return self.answered(
                    left.name, shown if tree.operator == "==" else self.word("other_than", word=shown)
                )
        sign = _SIGNS.get(tree.operator, tree.operator)
        return f"{self.amount(left)} {sign} {self.amount(right)}"

    def some_of(self, tree: Exists) -> str:
        """What a set must hold one of."""
        body = tree.body
        if isinstance(body, Literal) and body.value is True:
            return self.answered(tree.subject, self.word("something"))
        if (
            isinstance(body, Binary)
            and isinstance(body.right, Listing)
            and body.left == Name(tree.variable, _at(body.left))
        ):
            words = self.listed(tree.subject, body.right.items)
            return self.answered(tree.subject, self.word("includes_any", words=words))
        return self.answered(tree.subject, self.word("includes_such", condition=written(body)))

    def amount(self, tree: Tree) -> str:
        """A number, day or word."""
        if isinstance(tree, Literal):
            return str(tree.value)
        if isinstance(tree, Parameter):
            known = self.zone.parameters.get(tree.name)
            return tree.name if known is None else self.of(known.says, tree.name)
        if isinstance(tree, Name):
            return self.question(tree.name) if tree.name in self.facts else self.statement(tree)
        if isinstance(tree, Call):
            return self.called(tree)
        if isinstance(tree, Binary):
            sign = _SIGNS.get(tree.operator, tree.operator)
            return f"({self.amount(tree.left)} {sign} {self.amount(tree.right)})"
        if isinstance(tree, Choice):
            slots = {"test": self.flat(self.condition(tree.condition)), "then": self.amount(tree.then)}
            return self.word("choice", **slots, other=self.amount(tree.otherwise))
        if isinstance(tree, Unary):
            return f"−{self.amount(tree.operand)}"
        return written(tree)

    def called(self, tree: Call) -> str:
        """A function of the language."""
        if tree.function == "date":
            return self.amount(tree.arguments[0])
        slots = dict(zip("abc", map(self.amount, tree.arguments), strict=False))
        return self.word(tree.function, **slots)

    def flat(self, phrase: Phrase) -> str:
        """A phrase on one line."""
        return phrase.text + (f" ({'; '.join(map(self.flat, phrase.parts))})" if phrase.parts else "")

    def spec(self, tree: Name) -> FactSpec | None:
        """The fact a name stands for, if it does."""
        return self.facts.get(tree.name)

    def question(self, name: str) -> str:
        """A fact by the question that is asked for it."""
        spec = self.facts.get(name)
        if spec is None:
            return name
        return (
            f"“{spec.question[self.language]}”"
            if spec.question
            else self.word(name)
            if name in WORDS
            else name
        )

    def answered(self, name: str, answer: str) -> str:
        """A fact and the answer to its question."""
        return self.word("answer", question=self.question(name), answer=answer)

    def label(self, fact: str, tree: Tree) -> str:
        """A value of a fact as it is shown."""
        value = str(tree.value) if isinstance(tree, Literal) else written(tree)
        spec = self.facts.get(fact)
        labels: Mapping[str, Text] = {} if spec is None else spec.value_labels
        if value in self.zone.measures and value not in labels:
            return self.of(self.zone.measures[value].name, value)
        return self.of(labels.get(value, {}), value)

    def listed(self, fact: str, items: Sequence[Tree]) -> str:
        """Several values of a fact."""
        return self.word("comma").join(self.label(fact, item) for item in items)


def _at(tree: Tree) -> int:
    return tree.at


def _joined(tree: Tree, operator: str) -> list[Tree]:
    """The operands of a chain of one operator."""
    if isinstance(tree, Binary) and tree.operator == operator:
        return [*_joined(tree.left, operator), *_joined(tree.right, operator)]
    return [tree]
