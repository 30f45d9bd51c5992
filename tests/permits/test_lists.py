"""Lists, queues and figures: what each person sees, and that they are what the acts make them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.story import BECAUSE, SZ_WORK, Story

from twoparks.lists.queries import Page, page
from twoparks.lists.types import Asked
from twoparks.permits import actions, queries, standing, telling
from twoparks.permits.lists import PERMITS
from twoparks.permits.models import Draft, PermitRow, StatusPlace, Work
from twoparks.permits.pieces import marked
from twoparks.permits.queries import PermitLine
from twoparks.permits.types import (
    Action,
    AuthorityAnswer,
    DraftId,
    PermitId,
    Reasons,
    Status,
    Todo,
    Waits,
)
from twoparks.permits.waiting import WAITING, WORK
from twoparks.registry.access import Forbidden
from twoparks.registry.models import User


def listed(story: Story, name: str, **values: str) -> Page[PermitLine]:
    """One page of the list as that person sees it at the node stood on."""
    return page(PERMITS, story.user(name), Asked(values), story.nodes.now)


def seen_by(story: Story, name: str) -> list[PermitId]:
    with story.nodes.at(name[:2]):
        return [line.id for line in listed(story, name).rows]


def queue_of(story: Story, name: str, authority: str | None = None) -> Any:
    with story.nodes.at(name[:2]):
        return queries.queue(story.user(name), story.nodes.now, authority)


def test_a_permit_is_seen_by_its_parties_and_officers_and_by_nobody_else(story: Story) -> None:
    permit = story.declare()
    sees = {"sz-lab", "sz-lab-admin", "sz-officer", "sz-nhc", "sz-customs", "sz-auditor"}
    sees |= {"hk-lab", "hk-lab-admin", "hk-officer", "hk-dh", "hk-auditor"}
    blind = {
        "sz-biobank",
        "sz-instruments",
        "sz-mofcom",
        "sz-gate",
        "hk-diagnostics",
        "hk-tid",
        "hk-customs",
        "hk-gate",
    }
    assert {name for name in sees | blind if permit in seen_by(story, name)} == sees


def test_the_page_of_someone_elses_permit_is_refused(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"), pytest.raises(Forbidden, match="belongs to others"):
        queries.detail(story.user("sz-biobank"), permit, story.nodes.now)


def test_an_authority_that_has_decided_still_sees_the_permit(story: Story) -> None:
    permit = story.in_force()
    assert permit in seen_by(story, "hk-dh")


def test_the_queue_of_an_authority_says_what_waits_and_why(story: Story) -> None:
    permit = story.declare()
    (line,) = queue_of(story, "sz-nhc", "nhc").rows
    (todo,) = line.work
    assert (line.permit.id, todo.measures, todo.why) == (permit, (SZ_WORK[0][1],), "missing")


def test_the_queue_of_another_authority_is_refused(story: Story) -> None:
    with pytest.raises(Forbidden):
        queue_of(story, "sz-nhc", "customs_ml")


def test_a_permit_leaves_the_queue_of_an_authority_that_decided(story: Story) -> None:
    permit = story.declare()
    story.decide("sz", permit, AuthorityAnswer("nhc", "grant", BECAUSE, measure=SZ_WORK[0][1]))
    assert queue_of(story, "sz-nhc", "nhc").total == 0


def test_a_park_officers_queue_holds_what_can_be_cleared(story: Story) -> None:
    permit = story.declare()
    assert queue_of(story, "hk-officer").total == 0
    story.grant_all("hk", permit)
    (line,) = queue_of(story, "hk-officer").rows
    assert (line.permit.id, line.ready) == (permit, True)


def test_a_park_officers_queue_holds_what_can_only_be_refused(story: Story) -> None:
    permit = story.declare(story.example("samples-for-sale"))
    (line,) = queue_of(story, "sz-officer").rows
    assert (line.permit.id, line.ready, line.work[0].why) == (permit, False, "law")


def test_figures_count_what_waits_and_for_whom(story: Story) -> None:
    story.declare()
    with story.nodes.at("sz"):
        figures = standing.figures(story.nodes.now)
    assert figures.by_status == {Status.IN_REVIEW: 1}
    assert figures.waiting_by_authority == {"nhc": 1, "customs_ml": 3}
    assert (figures.ready_to_clear, figures.waiting_for_applicant, figures.waiting_for_peer) == (0, 0, 0)


def close_the_desk(story: Story, name: str) -> None:
    """The only officer of an authority leaves the park."""
    with story.nodes.at(name[:2]):
        User.objects.filter(username=name).update(is_active=False)


def test_work_for_an_authority_without_a_desk_is_in_the_park_officers_queue(story: Story) -> None:
    permit = story.declare()
    close_the_desk(story, "sz-nhc")
    (line,) = queue_of(story, "sz-officer").rows
    (todo,) = line.work
    assert (line.permit.id, line.ready, todo.authorities, todo.no_desk) == (permit, False, ("nhc",), True)


def test_the_queue_says_that_there_is_no_desk_for_the_authority(story: Story) -> None:
    story.declare()
    close_the_desk(story, "hk-dh")
    (line,) = queue_of(story, "hk-officer").rows
    assert telling.why(line.work[0]).startswith("There is no desk at this park for Director of Health.")


def test_work_of_an_authority_with_a_desk_is_not_in_the_park_officers_queue(story: Story) -> None:
    story.declare()
    assert queue_of(story, "sz-officer").total == 0


def work_of(story: Story, name: str, listing: Any = WORK, **values: str) -> Any:
    with story.nodes.at(name[:2]):
        return page(listing, story.user(name), Asked(values), story.nodes.now).rows


def test_a_desk_is_shown_its_own_work_and_not_that_of_others(story: Story) -> None:
    permit = story.declare()
    (line,) = work_of(story, "sz-nhc")
    assert (line.permit.id, {a for todo in line.work for a in todo.authorities}) == (permit, {"nhc"})


def test_what_no_desk_of_a_person_waits_for_is_not_in_that_persons_work(story: Story) -> None:
    story.declare()
    assert [work_of(story, name) for name in ("sz-officer", "sz-mofcom", "sz-lab", "sz-auditor")] == [()] * 4


def test_work_without_a_desk_is_the_parks(story: Story) -> None:
    permit = story.declare()
    close_the_desk(story, "sz-nhc")
    (stuck,) = work_of(story, "sz-officer")
    assert (stuck.permit.id, stuck.ready, stuck.work[0].no_desk) == (permit, False, True)


def test_a_permit_every_authority_has_granted_is_ready_for_the_park(story: Story) -> None:
    permit = story.declare()
    story.grant_all("sz", permit)
    (line,) = work_of(story, "sz-officer")
    assert (line.permit.id, line.ready) == (permit, True)


def test_all_that_waits_at_a_park_is_narrowed_by_authority(story: Story) -> None:
    permit = story.declare()
    found = [
        [line.permit.id for line in work_of(story, "sz-officer", WAITING, authority=key)]
        for key in ("nhc", "mofcom", "park")
    ]
    assert found == [[permit], [], []]


def test_all_that_waits_is_for_those_whose_reach_is_the_park(story: Story) -> None:
    story.declare()
    with pytest.raises(Forbidden):
        work_of(story, "sz-nhc", WAITING)


def test_one_desk_of_several_that_may_decide_is_enough() -> None:
    either = Todo(("nhc", "customs_ml"), Waits.MISSING, ("a_measure",))
    assert [todo.no_desk for todo in marked([either], {"nhc"}) + marked([either], {"mofcom"})] == [
        False,
        True,
    ]


def test_a_park_officer_cannot_decide_for_an_authority_without_a_desk(story: Story) -> None:
    permit = story.declare()
    close_the_desk(story, "sz-nhc")
    answer = AuthorityAnswer("nhc", "grant", BECAUSE, measure=SZ_WORK[0][1])
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        actions.decide(story.user("sz-officer"), permit, answer, story.seen(permit), story.nodes.now)


def test_figures_count_work_without_a_desk(story: Story) -> None:
    story.declare()
    close_the_desk(story, "sz-customs")
    with story.nodes.at("sz"):
        assert standing.figures(story.nodes.now).waiting_without_desk == {"customs_ml": 3}


def test_figures_count_an_expired_permit_as_expired(story: Story) -> None:
    story.declare()
    story.nodes.tick(20 * 86_400)
    with story.nodes.at("sz"):
        assert standing.figures(story.nodes.now).by_status == {Status.EXPIRED: 1}
        assert queue_of(story, "sz-nhc", "nhc").total == 0


def test_a_list_is_narrowed_by_status_at_its_time(story: Story) -> None:
    story.declare()

    def total(status: Status) -> int:
        with story.nodes.at("sz"):
            return listed(story, "sz-lab", status=str(status)).total

    assert (total(Status.IN_REVIEW), total(Status.EXPIRED)) == (1, 0)
    story.nodes.tick(20 * 86_400)
    assert (total(Status.IN_REVIEW), total(Status.EXPIRED)) == (0, 1)


def test_lists_take_a_bounded_number_of_queries(story: Story) -> None:
    for _unused in range(3):
        story.declare()
    with story.nodes.at("sz"):
        for ask in (
            lambda: listed(story, "sz-lab"),
            lambda: queries.queue(story.user("sz-customs"), story.nodes.now, "customs_ml"),
            lambda: queries.queue(story.user("sz-officer"), story.nodes.now),
        ):
            with CaptureQueriesContext(connection) as counted:
                ask()
            assert len(counted) <= 6


def test_a_permits_page_takes_a_bounded_number_of_queries(story: Story) -> None:
    permit = story.in_force()
    with story.nodes.at("sz"):
        user = story.user("sz-officer")
        with CaptureQueriesContext(connection) as counted:
            queries.detail(user, permit, story.nodes.now)
    assert len(counted) <= 3


@pytest.mark.parametrize(
    ("name", "actions_open"),
    [
        ("sz-lab", {Action.VARY, Action.WITHDRAW}),
        ("sz-officer", {Action.REFUSE}),
        ("sz-nhc", {Action.DECIDE}),
        ("hk-lab", set()),
        ("hk-dh", {Action.DECIDE}),
        ("sz-auditor", set()),
    ],
)
def test_each_person_is_offered_what_that_person_may_do(
    story: Story, name: str, actions_open: set[Action]
) -> None:
    permit = story.declare()
    with story.nodes.at(name[:2]):
        detail = queries.detail(story.user(name), permit, story.nodes.now)
    assert {p.action for p in detail.possible if p.open} == actions_open


def test_rebuilding_the_lists_changes_nothing(story: Story) -> None:
    permit = story.in_force()
    story.cross(permit)
    other = story.declare(containers=["BOX-7"], seal=None)
    story.grant_all("hk", other)
    story.clear("hk", other)
    with story.nodes.at("hk"):
        actions.revoke(story.user("hk-officer"), other, Reasons("x"), story.seen(other), story.nodes.now)
    story.nodes.settle()
    for park in ("sz", "hk"):
        with story.nodes.at(park):
            assert actions.rebuild() == 0


def test_rebuilding_mends_rows_that_were_tampered_with(story: Story) -> None:
    permit = story.declare()
    with story.nodes.at("sz"):
        PermitRow.objects.filter(pk=permit).update(status="in_force")
        Work.objects.all().delete()
        StatusPlace.objects.create(list=1, index=3, permit="sz-p-ghost", version=1, ended=True)
        assert actions.rebuild() == 2
        assert listed(story, "sz-lab").rows[0].status == Status.IN_REVIEW
        assert actions.rebuild() == 0


def test_a_draft_is_kept_as_typed_and_seen_by_its_organisation_only(story: Story) -> None:
    typed = {"project": "sz-j-multicentre", "valid_until": "31/02", "items": [{"quantity": "-1"}]}
    with story.nodes.at("sz"):
        kept = actions.save_draft(story.user("sz-lab"), None, typed, story.nodes.now)
        assert queries.draft(story.user("sz-lab-admin"), DraftId(kept.id)).content == typed
        assert queries.drafts(story.user("sz-biobank")) == ()
        with pytest.raises(Forbidden):
            queries.draft(story.user("sz-biobank"), DraftId(kept.id))


def test_a_draft_is_gone_once_it_is_declared(story: Story) -> None:
    with story.nodes.at("sz"):
        user = story.user("sz-lab")
        kept = actions.save_draft(user, None, story.example(), story.nodes.now)
        actions.declare(user, kept.content, story.nodes.now, DraftId(kept.id))
        assert not Draft.objects.exists()


def test_somebody_without_an_organisation_cannot_begin_a_draft(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        actions.save_draft(story.user("sz-officer"), None, {}, story.nodes.now)


def test_the_live_answer_names_both_banks_and_what_is_still_asked(story: Story) -> None:
    known = {"goods_kind": "human_material", "human_genome_inside": True, "on": "2026-11-25"}
    with story.nodes.at("sz"):
        still = [spec.name for spec in queries.questions("materials", "sz-hk", known)]
        answers = queries.determination(
            "materials", "sz-hk", {k: v for k, v in known.items() if k != "on"}, [], story.nodes.now.date()
        )
    assert set(answers) == {"ml", "hk"}
    assert "mainland_donors" in still
    assert answers["ml"].outcome == "unknown"
