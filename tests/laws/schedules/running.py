"""One schedule from its seed: a stage to begin at, steps, everything checked after each, and the end put in order."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from random import Random
from unittest.mock import patch

from tests.laws.schedules import honest
from tests.laws.schedules.days import TWO, Day, day_of
from tests.laws.schedules.ending import put_in_order
from tests.laws.schedules.wanted import CASES, OFFICERS
from tests.laws.schedules.world import SECOND_LANE, Stage, World, the_world
from tests.story import BECAUSE
from tests.two_nodes import PARKS

from twoparks.permits import actions
from twoparks.permits.types import AuthorityAnswer, PermitId

FEWEST, MOST = 6, 16
TEST = "tests/laws/test_nothing_crosses_with_one_signature.py"


class Failed(AssertionError):
    """A schedule that ended in what must never happen, with its shortest prefix and how to play it again."""

    def __init__(self, seed: int, cause: BaseException, trace: Sequence[str]) -> None:
        self.seed, self.cause, self.trace = seed, cause, tuple(trace)
        told = "\n".join(f"  {n:2} {line}" for n, line in enumerate(trace, 1))
        again = f"TWOPARKS_SEED={seed} TWOPARKS_SCHEDULES=1 pytest {TEST}"
        super().__init__(f"schedule {seed}: {type(cause).__name__}: {cause}\n{told}\nagain: {again}")


def run(seed: int) -> None:
    """Play one schedule on its kind of day; raises Failed, with the shortest prefix that still fails."""
    day = day_of(seed)
    cause, trace = play(seed, day)
    if cause is None:
        return
    for length in range(len(trace)):
        shorter, told = play(seed, day, length)
        if shorter is not None:
            raise Failed(seed, shorter, told) from shorter
    raise Failed(seed, cause, trace) from cause


def play(seed: int, day: Day, length: int | None = None) -> tuple[BaseException | None, list[str]]:
    """One schedule, or its first `length` steps; what it died of, if it did, and what happened."""
    world, random, trace = the_world(), Random(seed), list[str]()
    stage = random.choice([stage for stage in stages() if day.begins(stage.name)])
    with _seeded(seed):
        world.restore(stage)
        world.random = random
        _spoil_network(world, seed)
        steps = random.randint(FEWEST, MOST)
        trace.append(f"{day.name}, begins {stage.name}")
        try:
            for _ in range(steps if length is None else min(steps, length)):
                trace.append("")
                _step(world, day, trace)
            trace.append("in order")
            put_in_order(world)
        except Exception as cause:
            return cause, trace
    return None, trace


@contextmanager
def quietly() -> Iterator[None]:
    """Thousands of refusals are not worth a line each in the log."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _step(world: World, day: Day, trace: list[str]) -> None:
    weights, steps = zip(*day.steps, strict=True)
    step = world.random.choices(steps, weights)[0] if world.memory.cases else honest.declare
    trace[-1] = step.__name__
    said = step(world)
    trace[-1] = said
    world.ran[step.__name__] += 1
    world.look()


def _spoil_network(world: World, seed: int) -> None:
    fates = Random(seed + 1)
    network = world.nodes.network
    network.fate = lambda sender, envelope: fates.choice(honest.FATES)
    network.kill_at = fates.randint(1, honest.LAST_STATEMENT)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Ids, salts and status places follow from the seed too, so that a schedule is the same each time."""
    source = Random(seed + 2)
    with ExitStack() as stack:
        for name, function in {
            "token_hex": lambda n=16: source.randbytes(n).hex(),
            "token_bytes": lambda n=32: source.randbytes(n),
            "randbelow": source.randrange,
            "choice": source.choice,
        }.items():
            stack.enter_context(patch.object(secrets, name, function))
        yield


# --- where schedules begin --------------------------------------------------------------------------------------


@cache
def stages() -> tuple[Stage, ...]:
    """The moments schedules begin at, each reached by the same actions over a sound network; made once a process."""
    world, made = the_world(), []
    with _seeded(0):
        fresh = world.stage("with nothing declared")
        made.append(fresh)
        for name in CASES:
            world.restore(fresh)
            made += _towards(world, name)
        made.append(_two(world, made))
    return tuple(made)


def _towards(world: World, name: str) -> Iterator[Stage]:
    permit = _declared(world, name)
    yield world.stage(f"with {name} declared")
    if CASES[name].forbidden:
        return
    for park in PARKS:
        _granted(world, park, permit)
    yield world.stage(f"with {name} granted")
    for first in PARKS:
        half = world.stage("")
        _cleared(world, first, permit)
        yield world.stage(f"with {name} cleared by {first}, not delivered")
        world.restore(half)
    for first, last in (PARKS, PARKS[::-1]):
        half = world.stage("")
        _cleared(world, first, permit)
        _delivered(world)
        _cleared(world, last, permit)
        yield from [world.stage(f"with {name} cleared by both, what {last} said not delivered")] * 2
        world.restore(half)
    for park in PARKS:
        _cleared(world, park, permit)
        _delivered(world)
    for park in PARKS:
        world.fetch_status(park)
    yield world.stage(f"with {name} in force")
    for gate in CASES[name].gates.values():
        world.sync(gate)
        world.sync_second(gate + SECOND_LANE)
    yield from [world.stage(f"with {name} in force and known at the gates")] * 3


def _two(world: World, made: Sequence[Stage]) -> Stage:
    """A second permit beside one in force, through the same gates."""
    name = "reagents"
    world.restore(next(stage for stage in made if stage.name == f"with {name} in force"))
    permit = _declared(world, name)
    for park in PARKS:
        _granted(world, park, permit)
    for park in PARKS:
        _cleared(world, park, permit)
        _delivered(world)
    for gate in CASES[name].gates.values():
        world.sync(gate)
        world.sync_second(gate + SECOND_LANE)
    return world.stage(TWO)


def _declared(world: World, name: str) -> PermitId:
    case = CASES[name]
    with world.nodes.at(case.home):
        raw = world.examples[name]
        permit = actions.declare(world.story.user(case.applicant), raw, world.nodes.now)
    world.memory.cases[permit] = case
    _delivered(world)
    return permit


def _granted(world: World, park: str, permit: PermitId) -> None:
    for group in world.memory.cases[permit].work[park]:
        authority, officer = OFFICERS[group[0]]
        with world.nodes.at(park):
            seen, user = world.story.seen(permit), world.story.user(officer)
            answer = AuthorityAnswer(authority, "grant", BECAUSE, measure=group[0], number="N-1")
            actions.decide(user, permit, answer, seen, world.nodes.now)
    world.look()


def _cleared(world: World, park: str, permit: PermitId) -> None:
    with world.nodes.at(park):
        user = world.story.user(f"{park}-officer")
        actions.clear(user, permit, None, world.story.seen(permit), world.nodes.now)
    world.look()


def _delivered(world: World) -> None:
    world.nodes.settle()
    world.look()
