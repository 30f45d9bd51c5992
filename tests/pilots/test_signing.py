"""How a trial comes to be: filed, agreed by each named authority, signed by both parks; and what is refused on the way."""

from __future__ import annotations

import itertools

import pytest
from django.db import transaction
from tests.trials import Trials, protocol
from tests.two_nodes import Fate

from twoparks.federation.actions import record
from twoparks.federation.contracts import ContractBroken
from twoparks.federation.models import Incident
from twoparks.federation.queries import acts
from twoparks.federation.types import Actor, NewAct, Stale, StreamId
from twoparks.permits.types import Invalid, NotPossible
from twoparks.pilots import actions
from twoparks.pilots.figures import figures
from twoparks.pilots.filing import read_protocol
from twoparks.pilots.types import TrialId
from twoparks.registry.access import Forbidden


def test_a_filed_protocol_stands_at_both_parks_with_the_same_digest(trials: Trials) -> None:
    trial = trials.file()
    assert trials.status("sz", trial) == trials.status("hk", trial) == "filed"
    assert trials.at("sz", trial).current.digest == trials.at("hk", trial).current.digest


def test_two_signatures_make_it_run_in_shadow(trials: Trials) -> None:
    trial = trials.signed()
    assert {trials.status(park, trial) for park in ("sz", "hk")} == {"shadow"}


@pytest.mark.parametrize("park", ["sz", "hk"])
def test_one_signature_starts_nothing(trials: Trials, park: str) -> None:
    trial = trials.file()
    trials.agree(park, trial)
    trials.sign(park, trial)
    trials.nodes.settle()
    assert {trials.status(p, trial) for p in ("sz", "hk")} == {"filed"}


def test_a_park_cannot_sign_before_the_authorities_of_its_bank_agree(trials: Trials) -> None:
    trial = trials.file()
    trials.agree("hk", trial)
    trials.nodes.settle()
    with pytest.raises(NotPossible, match="must agree first"):
        trials.sign("sz", trial)


def test_an_authority_that_does_not_agree_keeps_its_park_from_signing(trials: Trials) -> None:
    trial = trials.file()
    trials.agree("sz", trial, agrees=False)
    with pytest.raises(NotPossible, match="must agree first"):
        trials.sign("sz", trial)


def test_an_authority_the_protocol_does_not_name_is_not_asked(trials: Trials) -> None:
    trial = trials.file()
    answer = ("nhc", True, "Why not.")
    with trials.nodes.at("sz"), pytest.raises(NotPossible, match="does not name"):
        actions.agree(trials.story.user("sz-nhc"), trial, answer, 1, trials.nodes.now)


@pytest.mark.parametrize("person", ["sz-lab-admin", "sz-officer", "sz-customs", "sz-auditor"])
def test_only_a_rule_maker_files(trials: Trials, person: str) -> None:
    with trials.nodes.at("sz"), pytest.raises(Forbidden):
        actions.file(trials.story.user(person), protocol(), trials.nodes.now)


@pytest.mark.parametrize("person", ["sz-rules", "sz-customs", "sz-lab-admin", "sz-auditor"])
def test_only_a_park_officer_signs(trials: Trials, person: str) -> None:
    trial = trials.file()
    trials.agree("sz", trial)
    with trials.nodes.at("sz"), pytest.raises(Forbidden):
        actions.sign(trials.story.user(person), trial, 2, trials.nodes.now)


def test_who_has_not_seen_the_newest_act_is_told_so(trials: Trials) -> None:
    trial = trials.file()
    trials.agree("sz", trial)
    with trials.nodes.at("sz"), pytest.raises(Stale):
        actions.sign(trials.story.user("sz-officer"), trial, 1, trials.nodes.now)


def test_filing_again_voids_agreements_and_signatures(trials: Trials) -> None:
    trial = trials.file()
    trials.agree("sz", trial)
    trials.sign("sz", trial)
    with trials.nodes.at("sz"):
        raw = protocol(when_stopped="stays")
        actions.file_anew(trials.story.user("sz-rules"), trial, raw, 3, trials.nodes.now)
    trials.nodes.settle()
    current = trials.at("hk", trial).current
    assert (current.number, dict(current.agreed), dict(current.signed)) == (2, {}, {})


def test_what_both_parks_signed_is_not_filed_anew(trials: Trials) -> None:
    trial = trials.signed()
    seen = trials.at("sz", trial).acts
    with trials.nodes.at("sz"), pytest.raises(NotPossible, match="a new trial"):
        actions.file_anew(trials.story.user("sz-rules"), trial, protocol(), seen, trials.nodes.now)


def test_a_refused_protocol_can_be_filed_anew(trials: Trials) -> None:
    trial = trials.file()
    with trials.nodes.at("hk"):
        actions.refuse(trials.story.user("hk-officer"), trial, "Too wide.", 1, trials.nodes.now)
    trials.nodes.settle()
    assert trials.status("sz", trial) == "refused"
    with trials.nodes.at("sz"):
        raw = protocol(when_stopped="stays")
        actions.file_anew(trials.story.user("sz-rules"), trial, raw, 2, trials.nodes.now)
    assert trials.status("sz", trial) == "filed"


def test_opening_needs_the_figures_one_has_before_one(trials: Trials) -> None:
    trial = trials.signed()
    with trials.nodes.at("sz"):
        before = figures(trials.here(trial)).digest()
    trials.story.declare()
    with trials.nodes.at("sz"):
        officer, seen = trials.story.user("sz-officer"), trials.seen(trial)
        with pytest.raises(NotPossible, match="look again"):
            actions.open_trial(officer, trial, before, seen, trials.nodes.now)


@pytest.mark.parametrize("park", ["sz", "hk"])
def test_either_park_alone_stops_it(trials: Trials, park: str) -> None:
    trial = trials.live()
    with trials.nodes.at(park):
        officer = trials.story.user(f"{park}-officer")
        actions.stop(officer, trial, "A doubt.", trials.seen(trial), trials.nodes.now)
    trials.nodes.settle()
    assert {trials.status(p, trial) for p in ("sz", "hk")} == {"stopped"}


def faulty(**changes: object) -> list[str]:
    with pytest.raises(Invalid) as told:
        read_protocol(protocol(**changes))
    return [problem.path for problem in told.value.problems]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"authorities": {"ml": ["customs_ml"], "hk": []}}, "authorities.hk"),
        ({"authorities": {"ml": ["dh"], "hk": ["dh"]}}, "authorities.ml"),
        ({"change": "provisions: [{id: X}]"}, "change"),
        ({"change": ""}, "change"),
        ({"flow": "ferries"}, "flow"),
        ({"title": {"en": "Only English"}}, "title.zh-Hant"),
        ({"harm": []}, "harm"),
        ({"stop_rule": {"harm": "none", "error_per_mille": 50, "at_least": 1}}, "stop_rule.harm"),
        ({"when_stopped": "maybe"}, "when_stopped"),
        (
            {"dates": {"shadow_from": "2026-12-02", "live_from": "2026-12-01", "ends": "2026-12-30"}},
            "dates.live_from",
        ),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_is_wrong_with_a_protocol_is_said_at_its_field(
    trials: Trials, changes: dict[str, object], path: str
) -> None:
    with trials.nodes.at("sz"):
        assert path in faulty(**changes)


# --- what crosses ------------------------------------------------------------------------------------------------


def forged(
    trials: Trials, park: str, kind: str, trial: TrialId, said: tuple[Actor, dict[str, object]]
) -> str:
    """Have one node say what its own rules would not let it say; the code of what the other park made of it."""
    with trials.nodes.at(park), transaction.atomic():
        record(NewAct(kind, StreamId(trial), said[1], said[0]), trials.nodes.now)
    trials.nodes.deliver(park)
    with trials.nodes.at(trials.nodes.other(park)):
        found = Incident.objects.order_by("-id").first()
        return "" if found is None else str(found.detail["code"])


OFFICER, NODE, MAKER = Actor("park_officer", "p-1"), Actor("node", "node"), Actor("rule_maker", "p-2")


def test_the_other_park_refuses_a_signature_over_other_bytes(trials: Trials) -> None:
    trial = trials.file()
    trials.agree("hk", trial)
    said = {"version": 1, "protocol_digest": "0" * 64}
    assert forged(trials, "hk", "trial.signed", trial, (OFFICER, said)) == "other_protocol"


def test_the_other_park_refuses_a_signature_its_authorities_did_not_agree_to(trials: Trials) -> None:
    trial = trials.file()
    said = {"version": 1, "protocol_digest": trials.at("hk", trial).current.digest}
    assert forged(trials, "hk", "trial.signed", trial, (OFFICER, said)) == "not_agreed"


@pytest.mark.parametrize("by", [NODE, MAKER, Actor("administrator", "p-3")])
def test_the_other_park_refuses_a_signature_by_a_wrong_role(trials: Trials, by: Actor) -> None:
    trial = trials.file()
    said = {"version": 1, "protocol_digest": trials.at("hk", trial).current.digest}
    assert forged(trials, "hk", "trial.signed", trial, (by, said)) == "wrong_speaker"


def test_the_other_park_refuses_that_a_park_opens_what_was_not_signed(trials: Trials) -> None:
    trial = trials.file()
    assert (
        forged(trials, "hk", "trial.opened", trial, (OFFICER, {"version": 1, "seen": "0" * 64}))
        == "not_signed"
    )


def test_the_other_park_refuses_an_organisation_that_is_not_of_the_sender(trials: Trials) -> None:
    trial = trials.signed()
    said: dict[str, object] = {"organisation": "sz-o-riverbank", "sender_kind": "enterprise", "named": False}
    by = Actor("administrator", "p-3")
    assert forged(trials, "hk", "trial.joined", trial, (by, said)) == "other_organisation"


def test_the_other_park_refuses_a_protocol_it_could_not_sign(trials: Trials) -> None:
    trial = trials.file()
    with trials.nodes.at("sz"):
        body = dict(acts(StreamId(trial))[0].body["protocol"])
    body["stop_rule"] = {**body["stop_rule"], "harm": "nothing"}
    said: dict[str, object] = {"version": 2, "protocol": body}
    assert forged(trials, "sz", "trial.filed", trial, (MAKER, said)) == "protocol_unfit"


def test_a_field_no_contract_names_is_not_even_recorded(trials: Trials) -> None:
    trial = trials.signed()
    said = {"organisation": "sz-o-riverbank", "sender_kind": "enterprise", "named": False, "name": "Lin"}
    with trials.nodes.at("sz"), transaction.atomic(), pytest.raises(ContractBroken, match="name"):
        record(NewAct("trial.joined", StreamId(trial), said, Actor("administrator", "p")), trials.nodes.now)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_and_twice_both_parks_come_to_the_same_trial(
    trials: Trials, order: tuple[int, ...]
) -> None:
    trial = trials.signed()
    trials.nodes.network.fate = lambda sender, envelope: Fate.HOLD
    trials.open("sz", trial)
    trials.join(trial)
    trials.open("hk", trial)
    for park in ("sz", "hk"):
        trials.nodes.deliver(park)
        trials.nodes.tick(1)
    held = [trials.nodes.network.held[n % len(trials.nodes.network.held)] for n in order]
    trials.nodes.network.held = [*held, *held]
    while trials.nodes.network.held:
        trials.nodes.network.arrive()
    trials.nodes.settle()
    one, other = (trials.at(park, trial) for park in ("sz", "hk"))
    assert (one.current, one.joined, one.acts, one.changed_at) == (
        other.current,
        other.joined,
        other.acts,
        other.changed_at,
    )
    assert trials.status("hk", trial) == "live"
