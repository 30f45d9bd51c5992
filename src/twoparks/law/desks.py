"""Before which authority many cases come: each with a required step that is missing there, or left to it to decide."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from .block import Block, Members, Plane
from .pack import Provision
from .planes import Plan
from .settle import Truth

PARTY = "party"
"""The applicant's own steps; nobody's desk."""


class Desks:
    """The work that one reading of the law gives to each authority."""

    def __init__(self, plan: Plan, day: date, crosses: str) -> None:
        self.plan = plan
        reading = plan.reading
        rules = [rule for rule in reading.rules if rule.provision.decides and rule.provision.route is None]
        self.required = [rule for rule in rules if rule.provision.effect.kind == "require"]
        self.referring = [rule for rule in rules if rule.provision.effect.kind == "refer"]
        self.lifted = reading.lifted
        self.desk_of = {
            key: (term.authority if term is not None else measure.authority)
            for key, measure in plan.measures.items()
            for term in (measure.term(day, crosses),)
        }

    def planes(self, block: Block) -> dict[str, Plane]:
        """For each authority the cases of the block that certainly come before it; alternatives count before the first one's."""
        named = list(dict.fromkeys(key for rule in self.required for key in rule.provision.effect.measures))
        nodes = [rule.unmet for rule in self.required] + [rule.holds for rule in self.referring]
        lifted = [self.lifted[key] for key in named if key in self.lifted]
        states = self.plan.states(block, [*nodes, *lifted])
        certain = [state.certain for state in states if isinstance(state, Truth)]
        is_lifted = dict(
            zip([key for key in named if key in self.lifted], certain[len(nodes) :], strict=True)
        )
        found: dict[str, Plane] = {}
        for rule, unmet in zip(self.required, certain, strict=False):
            for key in self._asked(rule.provision):
                missing = unmet & ~self._served(block, rule.provision, key, is_lifted)
                for authority in self.desk_of[key][:1]:
                    found[authority] = found.get(authority, missing) | missing
        for rule, holds in zip(self.referring, certain[len(self.required) :], strict=False):
            asked = rule.provision.effect.authority or rule.provision.authority
            if asked:
                found[asked] = found.get(asked, holds) | holds
        return {authority: plane & block.cases for authority, plane in found.items() if authority != PARTY}

    def _asked(self, provision: Provision) -> tuple[str, ...]:
        """The steps a requirement waits for; duties block nothing."""
        steps = [key for key in provision.effect.measures if self.plan.measures[key].kind != "duty"]
        return tuple(steps[:1]) if provision.effect.one_of else tuple(steps)

    def _served(self, block: Block, provision: Provision, key: str, lifted: Mapping[str, Plane]) -> Plane:
        """The cases that hold this step already, or are exempt from it; of alternatives the rule's own state tells."""
        none: Plane = np.zeros(block.words, np.uint64)
        if provision.effect.one_of:
            return none
        held = block.columns.get("held")
        holding = (
            held.planes.get(key, none) if isinstance(held, Members) and not provision.effect.afresh else none
        )
        return holding | lifted.get(key, none)


def counted(planes: Mapping[str, Plane]) -> dict[str, int]:
    """How many cases each plane holds."""
    return {name: int(np.bitwise_count(plane).sum()) for name, plane in planes.items()}
