"""The courses a case can take, each a short story of its own: it names its next moment and does what happens then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from twoparks.crossings.device import Counter
from twoparks.permits import terms as t
from twoparks.permits.models import Work
from twoparks.registry.zone import zone
from twoparks.site.demonstration.player import Case, Steps

Course = Callable[[Case], Steps]


# --- pieces of a course ------------------------------------------------------------------------------------------


def reviewed(case: Case, *parks: str) -> Steps:
    """Declared, and every authority of the given parks (both when none is given) decides."""
    case.declare()
    yield from decided(case, *(parks or (case.home, case.other)))


def first_piece(case: Case) -> tuple[str, Work]:
    """The first piece of work an officer has, at the applicant's park if there is any."""
    return next((park, piece) for park in (case.home, case.other) for piece in case.work(park))


def decided(case: Case, *parks: str) -> Steps:
    """Every authority of those parks grants what waits for it."""
    for park in parks:
        for piece in case.work(park):
            yield case.later(1, 14)
            case.decide(park, piece, "grant")


def cleared(case: Case) -> Steps:
    """Both parks clear, the applicant's first; then both sign by themselves."""
    for park in (case.home, case.other):
        yield case.later(0.5, 9)
        case.clear(park)


def in_force(case: Case) -> Steps:
    """Declared, decided, cleared, signed: nothing has crossed. Unused, it expires with its time."""
    yield from reviewed(case)
    yield from cleared(case)


def crosses(case: Case, out: Mapping[int, int] | None = None, into: Mapping[int, int] | None = None) -> Steps:
    """Out through one gate, in through the other half an hour later; quantities where they are not all that is allowed."""
    yield case.later(2, 20)
    case.scan("exit", quantities=out)
    yield case.now + timedelta(minutes=case.chance.randint(15, 70))
    case.scan("entry", quantities=into, inspection="passed")


# --- courses -----------------------------------------------------------------------------------------------------


def completed(case: Case) -> Steps:
    """All goes well."""
    yield from in_force(case)
    yield from crosses(case)


def standing(case: Case) -> Steps:
    """Several deliveries under one permit, some days apart."""
    yield from in_force(case)
    uses = case.declaration.uses or 1
    share = {item.line: max(1, item.quantity // uses) for item in case.declaration.items}
    for _use in range(uses):
        yield from crosses(case, share, share)
        yield case.later(70, 150)


def asked(case: Case) -> Steps:
    """An authority asks; the applicant answers with a new version; then all goes well."""
    case.declare()
    park, piece = first_piece(case)
    yield case.later(3, 20)
    case.decide(park, piece, "ask", "Please name the freezer and the log of the shipment.")
    yield case.later(5, 30)
    first, *rest = case.typed["items"]
    case.vary(
        items=[{**first, "description": f"{first['description']}; freezer F-12, logger attached"}, *rest]
    )
    yield from decided(case, case.home, case.other)
    yield from cleared(case)
    yield from crosses(case)


def stated_later(case: Case) -> Steps:
    """The applicant forgot its own packing statement and adds it."""
    case.declare()
    yield case.later(4, 20)
    packing = {"measure": "packing_category_b", "authority": "party", "number": "SOP-PK-07"}
    case.vary(evidence=[*case.typed["evidence"], packing])
    yield from decided(case, case.home, case.other)
    yield from cleared(case)
    yield from crosses(case)


def varied(case: Case) -> Steps:
    """In force, then less is sent: the new version voids both clearances and runs again."""
    yield from in_force(case)
    yield case.later(3, 10)
    case.vary(items=[{**item, "quantity": max(1, item["quantity"] // 2)} for item in case.typed["items"]])
    yield from decided(case, case.home, case.other)
    yield from cleared(case)
    yield from crosses(case)


def reduced(case: Case) -> Steps:
    """The other park allows less than was asked; the permit is what both allow."""
    yield from reviewed(case)
    yield case.later(1, 8)
    case.clear(case.home)
    yield case.later(1, 8)
    asked_for = t.offer(case.declaration, zone().park(case.other).time_zone)
    ends = case.state(case.home).current.cleared[case.home].terms
    less = tuple(replace(item, quantity=max(1, item.quantity * 3 // 4)) for item in asked_for.items)
    case.clear(
        case.other, replace(asked_for, items=less, valid_until=min(asked_for.valid_until, ends.valid_until))
    )
    yield from crosses(case)


def short(case: Case) -> Steps:
    """Less arrives than left; explained two days later."""
    yield from in_force(case)
    out = {item.line: item.quantity for item in case.declaration.items}
    yield from crosses(case, out, {**out, 1: max(0, out[1] - case.chance.randint(1, 4))})
    yield case.later(24, 60)
    case.explain(
        case.other, "Tubes broke on the way; the broken ones were counted and destroyed under record."
    )


def over(case: Case) -> Steps:
    """More arrives than left; explained the next day."""
    yield from in_force(case)
    into = {item.line: item.quantity for item in case.declaration.items}
    yield from crosses(case, {**into, 1: into[1] - 1}, into)
    yield case.later(20, 40)
    case.explain(case.other, "Miscounted on leaving: the seal was whole and the count at arrival is right.")


def overdue(case: Case) -> Steps:
    """It leaves and does not arrive; the park that saw it last explains."""
    yield from in_force(case)
    yield case.later(2, 20)
    case.scan("exit")
    yield case.later(30, 50)
    case.explain(
        case.home, "The van turned back before the bridge; the goods are in the freezer they came from."
    )


def unannounced(case: Case) -> Steps:
    """It arrives and is not known to have left."""
    yield from in_force(case)
    yield case.later(2, 20)
    case.scan("entry", inspection="passed")
    yield case.later(30, 50)
    case.explain(
        case.other, "The exit lane let it pass during a power cut; the officer's paper note was found."
    )


def turned_back(case: Case) -> Steps:
    """A box without the label of the permit is turned back; the right one crosses."""
    yield from in_force(case)
    yield case.later(2, 20)
    case.scan("exit", labels=("BOX-UNKNOWN",))
    yield from crosses(case)


def refused_by_authority(case: Case) -> Steps:
    """An authority refuses, so the park can only refuse."""
    case.declare()
    park, piece = first_piece(case)
    yield case.later(10, 40)
    case.decide(park, piece, "refuse", "The certificate does not cover this kind of material.")
    yield case.later(2, 10)
    case.refuse(park, "An authority refused; see its decision.")


def refused_by_other(case: Case) -> Steps:
    """The applicant's park clears, the other one refuses."""
    yield from reviewed(case, case.home)
    yield case.later(1, 8)
    case.clear(case.home)
    yield case.later(8, 30)
    case.refuse(
        case.other, "The receiving laboratory cannot store this class of material until its audit is closed."
    )


def refused_by_law(case: Case) -> Steps:
    """The law forbids it; the park says so."""
    case.declare()
    yield case.later(3, 20)
    case.refuse(case.home, "The law forbids it: human material may not be given for a price.")


def revoked(case: Case) -> Steps:
    """In force, and ended by one park before anything crossed."""
    yield from in_force(case)
    yield case.later(10, 30)
    case.revoke(
        case.other,
        "The receiving laboratory reported a failed freezer; nothing may arrive until it is mended.",
    )


def withdrawn(case: Case) -> Steps:
    """The applicant thinks again."""
    case.declare()
    yield case.later(5, 30)
    case.withdraw()


def waits_for_first(case: Case) -> Steps:
    """Declared; nobody has decided yet."""
    case.declare()
    yield from ()


def waits_for_some(case: Case) -> Steps:
    """The first authority has granted, the rest has not answered."""
    case.declare()
    park, piece = first_piece(case)
    yield case.now + timedelta(minutes=40)
    case.decide(park, piece, "grant")


def waits_for_answer(case: Case) -> Steps:
    """An authority asked and the applicant has not answered."""
    case.declare()
    park, piece = first_piece(case)
    yield case.now + timedelta(minutes=55)
    case.decide(park, piece, "ask", "Which freezer, and who holds the key at night?")


def ready_to_clear(case: Case) -> Steps:
    """Every authority has decided; both parks may clear."""
    yield from hurried(case, case.home, case.other)


def cleared_by_one(case: Case) -> Steps:
    """The applicant's park has cleared, the other one not yet."""
    yield from hurried(case, case.home)
    yield case.now + timedelta(minutes=15)
    case.clear(case.home)


def crossed_just_now(case: Case) -> Steps:
    """Arrived within the last hours."""
    yield from hurried_in_force(case)
    yield case.player.until - timedelta(minutes=case.chance.randint(100, 170))
    case.scan("exit")
    yield case.now + timedelta(minutes=case.chance.randint(20, 50))
    case.scan("entry", inspection="passed")


def on_its_way(case: Case) -> Steps:
    """Left within the last hour and not yet arrived."""
    yield from hurried_in_force(case)
    yield case.player.until - timedelta(minutes=case.chance.randint(5, 30))
    case.scan("exit")


def overdue_now(case: Case) -> Steps:
    """Left this morning, not arrived, not explained."""
    yield from hurried_in_force(case)
    yield case.player.until - timedelta(hours=6, minutes=case.chance.randint(0, 50))
    case.scan("exit")


def short_now(case: Case) -> Steps:
    """Less arrived than left, and nobody has explained it."""
    yield from hurried_in_force(case)
    out = {item.line: item.quantity for item in case.declaration.items}
    yield case.player.until - timedelta(hours=5)
    case.scan("exit", quantities=out)
    yield case.now + timedelta(minutes=35)
    case.scan("entry", quantities={**out, 1: max(0, out[1] - 2)}, inspection="passed")


def referred(case: Case) -> Steps:
    """The lane's lists were old: the pass was sent to the counter, where an officer compared the labels and let it through."""
    yield from in_force(case)
    case.sync(case.gate("exit"))
    yield case.now + timedelta(minutes=40)
    case.scan("exit", fresh=False)
    yield case.now + timedelta(minutes=6)
    case.scan(
        "exit", fresh=False, counter=Counter(case.counter_officer(), "Labels and seal compared by hand.")
    )
    yield case.now + timedelta(minutes=40)
    case.scan("entry", inspection="passed")


def hurried(case: Case, *parks: str) -> Steps:
    """Declared and decided within minutes, whatever the hour: for cases that stand somewhere just now."""
    case.declare()
    for park in parks:
        for piece in case.work(park):
            yield case.now + timedelta(minutes=case.chance.randint(5, 25))
            case.decide(park, piece, "grant")


def hurried_in_force(case: Case) -> Steps:
    """In force within hours, whatever the hour."""
    yield from hurried(case, case.home, case.other)
    for park in (case.home, case.other):
        yield case.now + timedelta(minutes=case.chance.randint(5, 25))
        case.clear(park)


COURSES: Mapping[str, Course] = {
    course.__name__: course
    for course in (
        completed,
        standing,
        asked,
        stated_later,
        varied,
        reduced,
        short,
        over,
        overdue,
        unannounced,
        turned_back,
        referred,
        in_force,
        hurried_in_force,
        refused_by_authority,
        refused_by_other,
        refused_by_law,
        revoked,
        withdrawn,
        waits_for_first,
        waits_for_some,
        waits_for_answer,
        ready_to_clear,
        cleared_by_one,
        crossed_just_now,
        on_its_way,
        overdue_now,
        short_now,
    )
}
