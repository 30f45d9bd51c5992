"""What people, nodes, clocks and networks do in a schedule: each step one thing, all through the real actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from tests.laws.schedules.wanted import CASES, OFFICERS, demand
from tests.laws.schedules.world import World
from tests.story import BECAUSE
from tests.two_nodes import PARKS, Fate, Killed

from twoparks.crossings import actions as crossing_actions
from twoparks.crossings import types as crossing_types
from twoparks.federation.types import Stale
from twoparks.federation.witness import (
    Asking,
    consistency_document,
    cosign_peer,
    current_note,
    frontier_document,
    read_consistency,
    read_frontier,
    sign_checkpoint,
    take_cosignature,
)
from twoparks.permits import actions, terms
from twoparks.permits.rules import NoPermit
from twoparks.permits.types import AuthorityAnswer, Invalid, NotPossible, PermitId, Reasons, Terms
from twoparks.registry.access import Forbidden

NO = (
    NotPossible,
    crossing_types.NotPossible,
    Stale,
    Invalid,
    Forbidden,
    NoPermit,
)  # honest answers to people
MOST_PERMITS = 2
LAST_STATEMENT = 60
DECLARED = "SELECT DISTINCT stream FROM federation_act WHERE kind = 'permit.declared'"
WAITS_S = (0, 1, 5, 60, 600, 1000, 4000, 15_000, 90_000)
FATES = (
    *([Fate.DELIVER] * 6),
    Fate.LOSE,
    Fate.LOSE_ANSWER,
    Fate.TWICE,
    Fate.HOLD,
    Fate.KILL_RECEIVER,
    Fate.KILL_SENDER,
)


def as_person(world: World, park: str, action: Callable[[], object]) -> str:
    """Let somebody act at a node, which may die on the way; what was answered. Only what was done leaves acts."""
    before, answer = _length(world, park), "killed"

    def act() -> str:
        try:
            with world.nodes.at(park):
                action()
        except NO as no:
            return type(no).__name__
        return "done"

    chance = world.random.random()
    if chance < 0.1:
        with world.nodes.killed_at(park, world.random.randint(1, LAST_STATEMENT)):
            answer = act()
    elif chance < 0.15:
        with _killed_after_commit(world, park):
            act()
        return "killed"  # nobody was told, and what was committed stays
    else:
        answer = act()
    grew = _length(world, park) > before
    demand(
        grew == (answer == "done"),
        park,
        "answered",
        answer,
        "and its log",
        "grew" if grew else "did not grow",
    )
    return answer


@contextmanager
def _killed_after_commit(world: World, park: str) -> Iterator[None]:
    """The node dies the moment its transaction is on disk, before anything that waits for that."""
    database = world.nodes.sides[park].database
    try:
        with patch.object(database, "run_and_clear_commit_hooks", side_effect=Killed):
            yield
    except Killed:
        database.run_on_commit, database.run_commit_hooks_on_set_autocommit_on = [], False


def _length(world: World, park: str) -> int:
    found: int = world.connection(park).execute("SELECT count(*) FROM federation_act").fetchone()[0]
    return found


def declare(world: World) -> str:
    """An applicant of either park declares."""
    if len(world.memory.cases) >= MOST_PERMITS:
        return deliver(world)
    name = world.random.choice([*CASES])
    case = CASES[name]
    raw = {**world.examples[name], "uses": world.random.choice([1, 2, 3])}

    def act() -> None:
        actions.declare(world.story.user(case.applicant), raw, world.nodes.now)

    answer = as_person(world, case.home, act)
    for (stream,) in world.connection(case.home).execute(DECLARED):
        world.memory.cases.setdefault(stream, case)
    return f"declare {name}: {answer}"


def decide(world: World) -> str:
    """An authority's officer answers about what the permit needs, or about something nobody asked."""
    permit, park = a_permit(world), world.random.choice(PARKS)
    here = [m for m, (_authority, officer) in OFFICERS.items() if officer.startswith(park)]
    measures = [m for group in world.memory.cases[permit].work[park] for m in group] or here
    measure = world.random.choice(measures)
    authority, officer = OFFICERS[measure]
    said: Any = world.random.choice(["grant"] * 5 + ["refuse", "ask"])
    answer = AuthorityAnswer(authority, said, BECAUSE, measure=measure, number="N-1")

    def act() -> None:
        actions.decide(world.story.user(officer), permit, answer, _seen(world, permit), world.nodes.now)

    return f"decide {park} {measure} {said}: {as_person(world, park, act)}"


def grant(world: World, asked: tuple[PermitId, str] | None = None) -> str:
    """Every authority of a park grants, as on a good day."""
    permit, park = asked or (a_permit(world), world.random.choice(PARKS))
    said = []
    for group in world.memory.cases[permit].work[park]:
        authority, officer = OFFICERS[group[0]]
        answer = AuthorityAnswer(authority, "grant", BECAUSE, measure=group[0], number="N-1")

        def act(answer: AuthorityAnswer = answer, officer: str = officer) -> None:
            actions.decide(
                world.story.user(officer), permit, answer, world.story.seen(permit), world.nodes.now
            )

        said.append(as_person(world, park, act))
    return f"grant {park}: {said}"


def clear(world: World) -> str:
    """A park officer clears, sometimes less than was asked, sometimes more, sometimes somebody else tries."""
    permit, park = a_permit(world), world.random.choice(PARKS)
    name = world.random.choice([f"{park}-officer"] * 8 + ["sz-customs" if park == "sz" else "hk-dh"])

    def act() -> None:
        given = _terms(world, permit)
        actions.clear(world.story.user(name), permit, given, _seen(world, permit), world.nodes.now)

    return f"clear {park}: {as_person(world, park, act)}"


def refuse(world: World) -> str:
    """A park refuses."""
    permit, park = a_permit(world), world.random.choice(PARKS)

    def act() -> None:
        user = world.story.user(f"{park}-officer")
        actions.refuse(user, permit, Reasons("No."), _seen(world, permit), world.nodes.now)

    return f"refuse {park}: {as_person(world, park, act)}"


def revoke(world: World, by: str = "") -> str:
    """A park revokes."""
    permit, park = a_permit(world), by or world.random.choice(PARKS)

    def act() -> None:
        user = world.story.user(f"{park}-officer")
        actions.revoke(user, permit, Reasons("New finding."), _seen(world, permit), world.nodes.now)

    return f"revoke {park}: {as_person(world, park, act)}"


def withdraw(world: World) -> str:
    """The applicant withdraws."""
    permit = a_permit(world)
    case = world.memory.cases[permit]

    def act() -> None:
        actions.withdraw(world.story.user(case.applicant), permit, _seen(world, permit), world.nodes.now)

    return f"withdraw: {as_person(world, case.home, act)}"


def vary(world: World, asked: PermitId | None = None) -> str:
    """The applicant declares a new version: other boxes, seal, uses, quantity."""
    permit = asked or a_permit(world)
    case = world.memory.cases[permit]
    name = next(n for n, c in CASES.items() if c is case)
    raw = dict(world.examples[name])
    number = world.random.randint(1, 9)
    match world.random.randrange(4):
        case 0:
            raw["containers"] = [f"BOX-{number}"]
        case 1:
            raw["seal"] = f"SEAL-{number}"
        case 2:
            raw["uses"] = 1 + number % 4
        case _:
            raw["items"] = [{**raw["items"][0], "quantity": number}, *raw["items"][1:]]

    def act() -> None:
        actions.vary(world.story.user(case.applicant), permit, raw, _seen(world, permit), world.nodes.now)

    return f"vary: {as_person(world, case.home, act)}"


# --- network, documents, clock ----------------------------------------------------------------------------------


def deliver(world: World) -> str:
    """One node sends what waits, each message with its own fate."""
    park = world.random.choice(PARKS)
    report = world.nodes.deliver(park)
    return f"deliver {park}: {report.delivered} {report.unreachable}"


def settle(world: World) -> str:
    """For a while everything works."""
    for park in PARKS * 2:
        world.nodes.deliver(park)
    return "deliver both"


def arrive(world: World) -> str:
    """Something held on the way arrives, in any order."""
    held = world.nodes.network.held
    if not held:
        return deliver(world)
    index = world.random.randrange(len(held))
    return f"arrive: {world.nodes.network.arrive(index).answer}"


def cut(world: World) -> str:
    """The network is cut, or healed."""
    world.nodes.network.cut = not world.nodes.network.cut
    return f"cut: {world.nodes.network.cut}"


def fetch(world: World) -> str:
    """A node pulls the peer's trust and status lists."""
    park = world.random.choice(PARKS)
    if world.nodes.network.cut:
        return "fetch: silence"
    world.fetch_trust(park)
    world.fetch_status(park)
    return f"fetch {park}"


def checkpoint(world: World) -> str:
    """A node signs a checkpoint and the other one cosigns it."""
    park = world.random.choice(PARKS)
    return f"checkpoint {park}: {sign_and_cosign(world, park)}"


def sign_and_cosign(world: World, park: str) -> str:
    """The checkpoint of a node, cosigned by the other one when the network lets it."""
    other, now = world.nodes.other(park), world.nodes.now
    with world.nodes.at(park):
        sign_checkpoint(now)
        note = current_note()
    if note is None or world.nodes.network.cut:
        return "alone"

    def prove(old: int, new: int) -> list[bytes]:
        with world.nodes.at(park):
            return read_consistency(consistency_document(old, new), old, new)

    def frontier(size: int) -> list[bytes]:
        with world.nodes.at(park):
            return read_frontier(frontier_document(size), size)

    with world.nodes.at(other):
        cosigned = cosign_peer(note, Asking(prove, frontier), now)
    if cosigned is None:
        return "known"
    with world.nodes.at(park):
        take_cosignature(cosigned, now)
    return "cosigned"


def wait(world: World) -> str:
    """Time passes: lists age, permits run out."""
    seconds = world.random.choice(WAITS_S)
    world.nodes.tick(seconds)
    return f"wait {seconds}"


# --- gates and duties -------------------------------------------------------------------------------------------


def sync(world: World) -> str:
    """A gate hands over its events and gets a fresh bundle; now and then only the second lane copies the first."""
    gate = world.random.choice(gates_of_cases(world))
    taken = world.sync(gate)
    if world.random.random() < 0.5:
        world.sync_second(gate + "-b")
    return f"sync {gate}: {taken}"


def duties(world: World) -> str:
    """A node does what its worker does regularly."""
    park = world.random.choice(PARKS)
    with world.nodes.at(park):
        waiting = crossing_actions.record_waiting(world.nodes.now)
        opened = crossing_actions.open_discrepancies(world.nodes.now)
    return f"duties {park}: {waiting} {opened}"


def close_discrepancy(world: World) -> str:
    """An officer explains what was wrong."""
    park = world.random.choice(PARKS)
    opened = [
        line.act["body"] for line in world.books[park].lines if line.says("crossing.discrepancy_opened")
    ]
    if not opened:
        return duties(world)
    body = world.random.choice(opened)

    def act() -> None:
        user = world.story.user(f"{park}-officer")
        crossing_actions.close_discrepancy(user, body["crossing"], body["code"], "Found.", world.nodes.now)

    return f"close {park}: {as_person(world, park, act)}"


def gates_of_cases(world: World) -> list[str]:
    """Gates that the permits of this schedule lead through."""
    return sorted({gate for case in world.memory.cases.values() for gate in case.gates.values()}) or [
        *world.node_gates
    ]


def a_permit(world: World) -> PermitId:
    """Any permit of this schedule."""
    return PermitId(world.random.choice([*world.memory.cases]))


def _seen(world: World, permit: PermitId) -> int:
    """What the officer had before him, now and then one act too few."""
    return world.story.seen(permit) - (world.random.random() < 0.08)


def _terms(world: World, permit: PermitId) -> Terms | None:
    """None for all that was asked; or less, or more, of something."""
    if world.random.random() < 0.5:
        return None
    asked = asked_terms(permit)
    first = asked.items[0]
    match world.random.randrange(5):
        case 0:
            return replace(
                asked, items=(replace(first, quantity=max(1, first.quantity // 2)), *asked.items[1:])
            )
        case 1:
            return replace(asked, uses=1)
        case 2:
            return replace(asked, valid_from=asked.valid_from + timedelta(days=world.random.randint(0, 1)))
        case 3:
            return replace(asked, items=(replace(first, quantity=first.quantity + 1), *asked.items[1:]))
        case _:
            return replace(
                asked, valid_until=asked.valid_until + timedelta(days=world.random.choice([-1, 3]))
            )


def asked_terms(permit: PermitId) -> Terms:
    """All that was asked for, as this node reads it."""
    from twoparks.permits import issued
    from twoparks.registry.node import this_node

    return terms.offer(issued.permit_state(permit).current.declaration, this_node().park.time_zone)
