"""Which parameters the conditions in force read, through definitions and what facts imply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from .language import Name, Parameter, Tree
from .pack import Expression, Interval, Law, Provision


def dead_parameters(law: Law, flow: str | None = None) -> Iterator[tuple[str, Interval]]:
    """Each parameter with a period in which it has a value that nothing in force reads; with a flow, those read there at some time."""
    live = {provision.id: parameters_of(law, provision) for provision in law.provisions}
    elsewhere = [
        (term.in_force, _of(law, [term.when]))
        for m in law.vocabulary.measures.values()
        for term in m.terms
        if term.when
    ]
    implied = _of(law, [rule.when for spec in law.vocabulary.facts for rule in spec.implied])
    for parameter in law.parameters.values():
        readers = [(p.in_force, p.flows) for p in law.provisions if parameter.name in live[p.id]]
        if flow is not None and not any(flow in flows for _, flows in readers):
            continue
        spans = [span for span, _ in readers] + [span for span, names in elsewhere if parameter.name in names]
        for value in parameter.values:
            if parameter.name not in implied and not any(span.meets(value.in_force) for span in spans):
                yield parameter.name, value.in_force


def parameters_of(law: Law, provision: Provision) -> frozenset[str]:
    """The parameters that a provision reads, itself or through definitions."""
    effect = provision.effect
    steps = [step.value for step in effect.steps]
    return _of(law, [provision.when, *steps, *([effect.value] if effect.value is not None else [])])


def _of(law: Law, expressions: Iterable[Expression]) -> frozenset[str]:
    defined: dict[str, list[Expression]] = {}
    for definition in law.definitions:
        defined.setdefault(definition.name, []).append(definition.means)
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [expression.tree for expression in expressions]
    while waiting:
        for part in parts_of(waiting.pop()):
            if isinstance(part, Parameter):
                found.add(part.name)
            elif isinstance(part, Name) and part.name not in seen:
                seen.add(part.name)
                waiting += [means.tree for means in defined.get(part.name, ())]
    return frozenset(found)


def parts_of(tree: Tree) -> Iterator[Tree]:
    """A tree and all below it."""
    yield tree
    for field in fields(tree):
        value = getattr(tree, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Tree):
                yield from parts_of(part)
