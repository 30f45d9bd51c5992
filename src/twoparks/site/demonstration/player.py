"""Who plays the history: one clock, cases that go on at their own moments, and what nodes and gates do meanwhile.

Everything is done by the rooms' own actions, in order of time, so what comes out is a real record.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twoparks.crossings import actions as crossings
from twoparks.crossings import bundles
from twoparks.crossings.device import Seen
from twoparks.federation.queries import stream_length
from twoparks.federation.types import StreamId
from twoparks.passes.verdict import Verdict
from twoparks.permits import actions, issued
from twoparks.permits.models import Work
from twoparks.permits.types import (
    APPLICANT,
    AuthorityAnswer,
    Declaration,
    PermitId,
    PermitState,
    Reasons,
    Terms,
    Waits,
)
from twoparks.registry.ids import seeded
from twoparks.registry.models import Role, User
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.zone import GroupId, zone
from twoparks.site.demonstration.stage import Stage

Steps = Generator[
    datetime, None, Any
]  # the moments at which a case wants to go on; what it returns is for its course
OPENS, CLOSES = 9, 18  # office hours
NOT_YET = PermitId("")
IN_ORDER = (
    "The papers are in order.",
    "Examined and found complete.",
    "No objection.",
    "Granted as applied for.",
)


@dataclass
class Player:
    """Moves the clock from moment to moment until `until`; what lies beyond has not happened."""

    stage: Stage
    until: datetime
    tell: Callable[[int], None] = lambda percent: None
    _waiting: list[tuple[datetime, int, Steps]] = field(default_factory=list)
    _added: int = 0

    def add(self, first: datetime, steps: Steps) -> None:
        """Let `steps` begin at that moment."""
        self._added += 1
        heapq.heappush(self._waiting, (first, self._added, steps))

    def play(self) -> None:
        """Play everything up to the end."""
        start, told = self.stage.now, -1
        self.add(start, self._days())
        while self._waiting:
            moment, _n, steps = heapq.heappop(self._waiting)
            if moment > self.until:
                continue
            self.stage.now = max(self.stage.now, moment)
            wanted = next(steps, None)
            self.stage.settle()
            if wanted is not None:
                self.add(wanted, steps)
            done = int(100 * (self.stage.now - start) / (self.until - start))
            if done > told:
                told = done
                self.tell(done)
        self.stage.now = max(self.stage.now, self.until)
        self._look()
        self.stage.exchange_documents()
        self.stage.cosign()

    def passed(self, at: datetime) -> None:
        """A gate was passed: the workers look for discrepancies a minute later, and once a lone leg is late."""
        late = at + zone().timing.transit_max + timedelta(minutes=1)
        for moment in (at + timedelta(minutes=1), late):
            self.add(moment, self._looking())

    def _days(self) -> Steps:
        """Once a day the logs are signed and cosigned; a running worker does so every few seconds."""
        while True:
            self.stage.cosign()
            yield self.stage.now + timedelta(days=1)

    def _looking(self) -> Steps:
        self._look()
        yield from ()

    def _look(self) -> None:
        for park in self.stage.sides:
            with self.stage.at(park):
                crossings.open_discrepancies(self.stage.now)
        self.stage.settle()


@dataclass
class Case:
    """One permit's life. `declarer` is a user name of the home park; `chance` decides everything left open, ids included."""

    player: Player
    home: str
    declarer: str
    typed: Mapping[str, Any]
    chance: random.Random
    permit: PermitId = NOT_YET

    # --- time

    @property
    def now(self) -> datetime:
        """The moment the clock shows."""
        return self.player.stage.now

    def later(self, least_h: float, most_h: float) -> datetime:
        """A moment some hours from now, moved into office hours, whole seconds."""
        at = self.now + timedelta(seconds=int(self.chance.uniform(least_h, most_h) * 3600))
        here = at.astimezone(ZoneInfo(zone().park(self.home).time_zone))
        if here.hour < OPENS:
            here = here.replace(hour=OPENS, minute=self.chance.randrange(60))
        elif here.hour >= CLOSES:
            here = (here + timedelta(days=1)).replace(hour=OPENS, minute=self.chance.randrange(60))
        return here.astimezone(at.tzinfo)

    # --- what people do

    @property
    def other(self) -> str:
        """The park that is not the applicant's."""
        return self.player.stage.other(self.home)

    def declare(self) -> None:
        """The applicant declares, and the declaration arrives."""
        with self.player.stage.at(self.home), seeded(self.chance):
            self.permit = actions.declare(self.user(self.declarer), self.typed, self.now)
        self.player.stage.settle()

    def vary(self, **changed: Any) -> None:
        """The applicant declares a new version, and it arrives."""
        self.typed = {**self.typed, **changed}
        with self.player.stage.at(self.home):
            actions.vary(self.user(self.declarer), self.permit, self.typed, self._seen(), self.now)
        self.player.stage.settle()

    def withdraw(self) -> None:
        """The applicant takes it back."""
        with self.player.stage.at(self.home):
            actions.withdraw(self.user(self.declarer), self.permit, self._seen(), self.now)

    def decide(self, park: str, work: Work, decision: str, text: str = "") -> None:
        """The officer of the authority (or of the park, where the law names nobody) answers one piece of work."""
        authority = work.authority or None
        answer = AuthorityAnswer(
            authority,
            decision,  # type: ignore[arg-type]
            Reasons(text or self.chance.choice(IN_ORDER)),
            measure=work.measures[0] if work.measures else None,
            provision=None if work.measures or not work.provisions else work.provisions[0],
            number=f"N-{self.chance.randrange(10**5):05d}" if decision == "grant" and work.measures else "",
        )
        with self.player.stage.at(park):
            actions.decide(self._officer(work.authority), self.permit, answer, self._seen(), self.now)

    def clear(self, park: str, terms: Terms | None = None) -> None:
        """The park officer clears."""
        with self.player.stage.at(park):
            actions.clear(self._officer(""), self.permit, terms, self._seen(), self.now)

    def refuse(self, park: str, text: str) -> None:
        """The park officer refuses."""
        with self.player.stage.at(park):
            actions.refuse(self._officer(""), self.permit, Reasons(text), self._seen(), self.now)

    def revoke(self, park: str, text: str) -> None:
        """The park officer revokes."""
        with self.player.stage.at(park):
            actions.revoke(self._officer(""), self.permit, Reasons(text), self._seen(), self.now)

    def explain(self, park: str, text: str) -> None:
        """The park officer closes the newest discrepancy that this park owns."""
        from twoparks.crossings.models import CrossingRow

        with self.player.stage.at(park):
            row = CrossingRow.objects.filter(permit=self.permit, owner=park).exclude(open_code="").first()
            if row is not None:
                crossings.close_discrepancy(self._officer(""), row.id, row.open_code, text, self.now)  # type: ignore[arg-type]

    # --- what is known

    def work(self, park: str) -> list[Work]:
        """What waits for an officer at that park, one row a piece."""
        with self.player.stage.at(park):
            rows = Work.objects.filter(permit=self.permit).exclude(authority=APPLICANT)
            return [row for row in rows if row.why not in {Waits.LAW, Waits.DENIED, Waits.ASKED}]

    def state(self, park: str) -> PermitState:
        """The permit as that park knows it."""
        with self.player.stage.at(park):
            return issued.permit_state(self.permit)

    @property
    def declaration(self) -> Declaration:
        """The newest version declared."""
        return self.state(self.home).current.declaration

    # --- gates

    def sync(self, gate: str) -> None:
        """The gate fetches what it needs, after its park has read the other's lists."""
        self.player.stage.exchange_statuses()
        with self.player.stage.at(zone().group_of_gate(gate).park):
            crossings.sync_gate(gate, self.now)

    def scan(self, leg: str, fresh: bool = True, **seen: Any) -> Verdict:
        """The consignment is shown at the gate of that leg; unless `fresh`, with what the gate fetched last."""
        gate = self.gate(leg)
        if fresh:
            self.sync(gate)
        return self.show(gate, **seen)

    def show(self, gate: str, **seen: Any) -> Verdict:
        """The pass is shown at a gate, which decides with its folder alone and hands its events over soon after."""
        stage = self.player.stage
        with stage.at(zone().group_of_gate(gate).park):
            state = issued.permit_state(self.permit)
            shown = Seen(
                code=issued.pass_text(state) or "",
                labels=seen.pop("labels", None) or _labels(state),
                use_id=f"{self.chance.getrandbits(64):016x}",
                **seen,
            )
            verdict = bundles.device(gate).scan(shown, self.now)
            stage.tick(20)
            crossings.sync_gate(gate, self.now)
        self.player.passed(self.now)
        return verdict

    def gate(self, leg: str) -> str:
        """The gate of a leg of the declared route."""
        declaration = self.declaration
        groups = declaration.exit_groups if leg == "exit" else declaration.entry_groups
        return str(zone().gate_groups[GroupId(groups[0])].gates[0])

    def counter_officer(self) -> str:
        """Pseudonym of the officer at the counter of the applicant's park."""
        with self.player.stage.at(self.home):
            return pseudonym(self._officer(""))

    def _seen(self) -> int:
        return stream_length(StreamId(self.permit))

    def user(self, name: str) -> User:
        """The account of that name at the node stood on."""
        return User.objects.get(username=name)

    def _officer(self, authority: str) -> User:
        kind = Role.Kind.AUTHORITY_OFFICER if authority else Role.Kind.PARK_OFFICER
        return (
            Role.objects.select_related("user").filter(kind=kind, authority=authority).order_by("pk")[0].user
        )


def _labels(state: PermitState) -> tuple[str, ...]:
    goods = state.current.declaration.goods
    return goods.labels if goods else ()
