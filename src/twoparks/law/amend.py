"""A drafted change laid over the packs: the law as it would read, for drafts, comparisons and pilots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

from .pack import DatedParameter, Instrument, Law, PackError, Provision
from .reading import Collector, refuse_yielding_to_nobody
from .source import Block, compose, plain
from .verify import standing_faults
from .zone import Zone, conditions_of

_Kept = TypeVar("_Kept")


def amended(law: Law, change: str, *, live: bool = False, name: str = "change") -> Law:
    """The law with a change laid over it; PackError with line and column in the change's text where it cannot be.

    The change is written as packs are (docs/packs.md, "A drafted change"): what has a known key is replaced where it stands, what
    has a new one is added, and `drop: [keys]` takes away. Its provisions of status `pilot` decide only when `live`; otherwise one
    that would replace a provision leaves it in force. The digest follows from the law's, the change's content and `live`.
    """
    block = Block(compose(change, name), name)
    draft = _Draft(law, block, live=live)
    made = draft.law(decides=live)
    shadowed = not live and draft.tries_to_replace()
    for variant in (made, draft.law(decides=True)) if shadowed else (made,):
        faults = _new_faults(law, variant)
        if faults:
            raise PackError("\n".join(_in_the_change(fault, block) for fault in faults))
    return made


def flows_touched(old: Law, new: Law) -> tuple[str, ...]:
    """The flows whose law may differ between two versions that share their vocabulary."""
    flows = dict.fromkeys(flow for spec in new.vocabulary.facts for flow in spec.flows)
    return tuple(flow for flow in flows if _of_flow(old, flow) != _of_flow(new, flow))


def _of_flow(law: Law, flow: str) -> tuple[object, ...]:
    """All that the readings of a flow are made of."""
    text = " ".join(conditions_of(law, flow))
    return (
        [provision for provision in law.provisions if flow in provision.flows],
        [definition for definition in law.definitions if flow in definition.flows],
        [parameter for name, parameter in law.parameters.items() if f"param.{name}" in text],
        [measure for measure in law.vocabulary.measures.values() if flow in measure.flows],
        [spec for spec in law.vocabulary.facts if flow in spec.flows],
        law.calendar,
    )


def _new_faults(law: Law, changed: Law) -> list[str]:
    """What the change makes wrong; what was wrong before is not its fault."""
    flows = flows_touched(law, changed)
    found = standing_faults(Zone(changed), flows)
    before = set(standing_faults(Zone(law), flows)) if found else set()
    return [fault for fault in found if fault not in before]


def _in_the_change(fault: str, block: Block) -> str:
    """A fault at its place in the change, or at the change's beginning where it shows in what was there before."""
    return fault if fault.startswith(f"{block.file}:") else f"{block.place}: with this change, {fault}"


class _Written(NamedTuple):
    """What a change says, by key."""

    instruments: Mapping[str, Instrument]
    provisions: Mapping[str, Provision]
    parameters: Mapping[str, DatedParameter]


class _Draft:
    """A change that was read, not yet laid over the law."""

    def __init__(self, law: Law, block: Block, *, live: bool) -> None:
        self.before = law
        self.block = block
        content = {"base": law.digest, "change": plain(block.node), "live": live}
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self.dropped = frozenset(block.words("drop"))
        self.collected = Collector(law.vocabulary)
        loose = block.blocks("provisions")
        self.collected.file(block)
        for item in loose:
            self._loose(item)
        found = self.collected
        self.written = _Written(found.instruments, found.provisions, found.parameters)
        self._refuse_wrong_drops()

    def _loose(self, item: Block) -> None:
        """A provision outside an instrument: it names one, or restates a known provision and keeps that one's."""
        before = {provision.id: provision for provision in self.before.provisions}.get(item.text("id"))
        known = {**self.before.instruments, **self.collected.instruments}
        instrument = known[item.word("instrument", tuple(known), before.instrument if before else None)]
        defaults = (before.flows, before.crosses, before.authority) if before else ((), (), None)
        self.collected.provision(item, instrument, defaults)

    def _refuse_wrong_drops(self) -> None:
        law, written = self.before, self.written
        names = {provision.id for provision in law.provisions} | {item.name for item in law.definitions}
        known = names | set(law.parameters) | set(law.instruments)
        both = set(written.instruments) | set(written.provisions) | set(written.parameters)
        for key in sorted(self.dropped):
            if key not in known:
                accepted = (
                    "accepted are keys of provisions, parameters, definitions and instruments of the packs"
                )
                raise self.block.fail("drop", repr(key), accepted)
            if key in both:
                raise self.block.fail("drop", repr(key), "this change also writes it; do one of the two")

    def tries_to_replace(self) -> bool:
        """Whether some pilot provision stands under the key of a provision of the law."""
        known = {provision.id for provision in self.before.provisions}
        return any(p.id in known for p in self.written.provisions.values() if p.status == "pilot")

    def law(self, *, decides: bool) -> Law:
        """The law with the change, its pilot provisions deciding or only shown."""
        before, found = self.before, self.collected
        defined = {definition.name for definition in found.definitions} | self.dropped
        made = replace(
            before,
            vocabulary=replace(before.vocabulary, measures=found.measures, authorities=found.authorities),
            instruments=self._laid_over(before.instruments, self.written.instruments),
            provisions=tuple(self._provisions(decides).values()),
            definitions=(*(d for d in before.definitions if d.name not in defined), *found.definitions),
            parameters=self._laid_over(before.parameters, self.written.parameters),
            calendar=(*before.calendar, *found.calendar),
            citations={**before.citations, **found.citations},
            digest=self.digest,
            explained=(*before.explained, *found.explained),
        )
        self._refuse_dangling(made.provisions)
        return made

    def _laid_over(self, old: Mapping[str, _Kept], new: Mapping[str, _Kept]) -> dict[str, _Kept]:
        """What is replaced stays in its place; what is new follows."""
        return {key: value for key, value in {**old, **new}.items() if key not in self.dropped}

    def _provisions(self, decides: bool) -> dict[str, Provision]:
        known = {p.id: p for p in self.before.provisions if p.instrument not in self.dropped}
        new = {}
        for key, provision in self.written.provisions.items():
            if provision.status != "pilot":
                new[key] = provision
            elif decides or key not in known:
                new[key] = replace(provision, live=decides)
        return self._laid_over(known, new)

    def _refuse_dangling(self, provisions: Iterable[Provision]) -> None:
        by_id = {provision.id: provision for provision in provisions}
        for provision in by_id.values():
            gone = [name for name in provision.unless if name not in by_id]
            if gone and provision.id not in self.written.provisions:
                accepted = f"{provision.id} ({provision.place}) yields to it; restate or drop that one too"
                raise self.block.fail("drop", repr(gone[0]), accepted)
        refuse_yielding_to_nobody(by_id)
