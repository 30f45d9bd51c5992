"""A researcher's day as a test stage: the commuter of each park, the phone, the gates of both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.story import BECAUSE, MOMENTS, Story

from twoparks.crossings import bundles
from twoparks.crossings.device import Seen
from twoparks.passes.holder import prove
from twoparks.passes.qr import HOLDER_PREFIX, to_text
from twoparks.passes.verdict import Verdict
from twoparks.permits.types import AuthorityAnswer, PermitId
from twoparks.registry.models import Person
from twoparks.registry.zone import zone
from twoparks.site.demonstration import phone_key

OUT = ("sz-gate1-exit-a", "hk-gate1-entry-a")
BACK = ("hk-gate1-exit-a", "sz-gate1-entry-a")
LANE = AuthorityAnswer("nia", "grant", BECAUSE, measure="park_lane_registration")


class Travel:
    """The story of one commuter: declared, cleared, carried on a phone, passed through gates."""

    def __init__(self, story: Story) -> None:
        self.story, self.nodes = story, story.nodes

    def declare(self, **changes: Any) -> PermitId:
        """The employer declares the commuter's permit, and it arrives."""
        return self._declare(changes) if changes else self.story.reach("commuter declared")

    def _declare(self, changes: Mapping[str, Any]) -> PermitId:
        return self.story.declare(self.story.example("commuter-to-hong-kong"), **changes)

    def in_force(self, **changes: Any) -> PermitId:
        """Declared, the lane registered, cleared and signed by both parks."""
        return self._in_force(changes) if changes else self.story.reach("commuter in force")

    def _in_force(self, changes: Mapping[str, Any]) -> PermitId:
        permit = self.declare(**changes)
        self.clear(permit)
        return permit

    def clear(self, permit: PermitId) -> None:
        """Border inspection registers the lane where it waits for that; both parks clear."""
        from twoparks.permits import actions, queries

        for park in ("sz", "hk"):
            with self.nodes.at(park):
                officer = self.story.user(f"{park}-officer")
                work = queries.detail(officer, permit, self.nodes.now).work
                if any("nia" in todo.authorities for todo in work):
                    actions.decide(
                        self.story.user("sz-nia"), permit, LANE, self.story.seen(permit), self.nodes.now
                    )
            self.story.clear(park, permit)
            self.nodes.settle()

    def person(self) -> Person:
        """The commuter of the Shenzhen Park, as its node knows the person."""
        with self.nodes.at("sz"):
            return Person.objects.get(pk="sz-n-commuter")

    def proof(self, permit: str, gate: str, **how: Any) -> str:
        """The moving code the phone shows for that gate now, or at another moment or with another key."""
        group = zone().group_of_gate(gate)
        with self.nodes.at("sz"):
            key = how.get("key") or phone_key("sz-n-commuter")
        return to_text(prove(key, permit, group.number, how.get("at") or self.nodes.now), HOLDER_PREFIX)

    def scan(self, gate: str, permit: PermitId, **seen: Any) -> Verdict:
        """The phone is shown at the gate, which decides with nothing but its folder."""
        seen.setdefault("holder", self.proof(permit, gate))
        code = self.story.code("sz", permit)
        with self.nodes.at(gate[:2]):
            device = bundles.device(gate)
        return device.scan(Seen(code, (), **seen), self.nodes.now)

    def pass_gates(self, permit: PermitId, *gates: str, between_s: int = 900) -> None:
        """Through these gates one after another, each green, and the news delivered."""
        for gate in gates:
            self.story.sync(gate)
            verdict = self.scan(gate, permit)
            assert verdict.light.word == "green", verdict.plain
            self.story.sync(gate)
            self.nodes.settle()
            self.nodes.tick(between_s)


MOMENTS["commuter declared"] = lambda story: Travel(story)._declare({})
MOMENTS["commuter in force"] = lambda story: Travel(story)._in_force({})
