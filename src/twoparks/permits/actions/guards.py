"""What every action on a permit asks first: may this person, is the picture fresh, does the state allow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from twoparks.federation.queries import acts
from twoparks.federation.types import NewAct, Stale, StoredAct, StreamId
from twoparks.permits import rules
from twoparks.permits.bank_law import BankAnswer, ask
from twoparks.permits.on_trial import law_for
from twoparks.permits.reading import Reader
from twoparks.permits.subjects import actor_of, subject_of
from twoparks.permits.types import Action, NotPossible, PermitId, PermitState, Reasons, Todo
from twoparks.permits.work import todo
from twoparks.registry.access import Verb, demand
from twoparks.registry.models import Role, User
from twoparks.registry.node import this_node


@dataclass(frozen=True)
class Case:
    """A permit on the desk of someone who may act on it."""

    user: User
    state: PermitState
    answer: BankAnswer
    work: tuple[Todo, ...]
    acts: tuple[StoredAct, ...]
    last_day: date | None = None  # that terms may reach, where a law on trial is asked

    @property
    def stream(self) -> StreamId:
        """The stream of the permit's acts."""
        return StreamId(self.state.id)

    def act(self, kind: str, body: dict[str, object], role: Role) -> NewAct:
        """An act of this person about the current version."""
        return NewAct(
            kind, self.stream, {"version": self.state.current.number, **body}, actor_of(self.user, role)
        )


def take_up(user: User, permit: PermitId, seen: int) -> Case:
    """The permit as this node knows it; raises NoPermit, and Stale when someone acted since the user looked."""
    found = tuple(acts(StreamId(permit)))
    state = rules.fold(found)
    under = law_for(state)
    answer = ask(state.current.declaration, this_node().park.bank, under)
    case = Case(user, state, answer, todo(state.current, answer.answered()), found, under.last_day)
    demand(user, Verb.SEE_PERMIT, subject_of(state, case.work))
    if seen != state.acts:
        raise Stale(case.stream, seen, state.acts)
    return case


def demand_open(case: Case, verb: Verb, action: Action, now: datetime) -> Role:
    """The role by which the user may do it now; raises Forbidden, or NotPossible with the reason."""
    role = demand(case.user, verb, subject_of(case.state, case.work))
    possible = rules.possible_actions(case.state, this_node().id, case.work, now)
    answer = next(p for p in possible if p.action is action)
    if not answer.open:
        raise NotPossible(f"no_{action}", answer.says)
    return role


def demand_reasons(reasons: Reasons, answer: BankAnswer) -> None:
    """Raise Invalid unless the reasons say something and cite provisions that apply here."""
    reader = Reader()
    reader.long_text(reasons.text, "reasons", 2000)
    applying = answer.applying()
    for number, provision in enumerate(reasons.provisions, 1):
        reader.choice(provision, f"provisions.{number}", applying)
    reader.done()
