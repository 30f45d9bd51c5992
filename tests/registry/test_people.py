"""Projects, approvals, people: what is kept, by whom, and what is refused with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from tests.story import Story

from twoparks.registry import actions, queries
from twoparks.registry.access import Forbidden
from twoparks.registry.actions import NewApproval, NotAccepted
from twoparks.registry.models import Organisation, Project, Role, User
from twoparks.registry.pseudonyms import pseudonym
from twoparks.site import demonstration

APPROVAL = NewApproval("hgr_ethics_review", "ethics_committee", "EC-9", date(2026, 1, 1), date(2027, 1, 1))


def test_an_administrator_opens_a_project_with_a_partner_across_the_river(story: Story) -> None:
    with story.nodes.at("sz"):
        own, partner = (Organisation.objects.get(pk=k) for k in ("sz-o-riverbank", "hk-o-loop-genomics"))
        made = actions.create_project(story.user("sz-lab-admin"), own, partner, {"en": "New study"})
        assert made in queries.own_projects(story.user("sz-lab"))
        assert made not in queries.projects(story.user("sz-biobank"))


def test_a_project_needs_a_partner_in_the_other_park(story: Story) -> None:
    with story.nodes.at("sz"):
        own, near = (Organisation.objects.get(pk=k) for k in ("sz-o-riverbank", "sz-o-biobank"))
        with pytest.raises(NotAccepted, match="other park"):
            actions.create_project(story.user("sz-lab-admin"), own, near, {"en": "New study"})


def test_a_member_cannot_add_an_approval(story: Story) -> None:
    with story.nodes.at("sz"):
        project = Project.objects.get(pk="sz-j-multicentre")
        with pytest.raises(Forbidden):
            actions.add_approval(story.user("sz-lab"), project, APPROVAL)
        assert actions.add_approval(story.user("sz-lab-admin"), project, APPROVAL).number == "EC-9"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"measure": "good_will"}, "measure"),
        ({"authority": "nobody"}, "authority"),
        ({"number": " "}, "number"),
        ({"valid_until": date(2025, 1, 1)}, "valid_until"),
    ],
)
def test_an_approval_that_cannot_be_is_refused(story: Story, change: dict[str, object], field: str) -> None:
    new = NewApproval(**{**APPROVAL.__dict__, **change})
    with story.nodes.at("sz"):
        project = Project.objects.get(pk="sz-j-multicentre")
        with pytest.raises(NotAccepted) as refused:
            actions.add_approval(story.user("sz-lab-admin"), project, new)
    assert refused.value.field == field


def test_somebody_elses_project_is_not_shown(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        queries.project(story.user("sz-biobank"), "sz-j-multicentre")


def test_an_administrator_adds_people_to_the_own_organisation_only(story: Story) -> None:
    with story.nodes.at("sz"):
        admin = story.user("sz-lab-admin")
        own, other = (Organisation.objects.get(pk=k) for k in ("sz-o-riverbank", "sz-o-biobank"))
        made = actions.add_person(admin, "newcomer", "a long password", Role.Kind.MEMBER, own)
        assert queries.organisations(made) == (own,)
        with pytest.raises(Forbidden):
            actions.add_person(admin, "intruder", "a long password", Role.Kind.MEMBER, other)


def test_an_organisation_has_no_park_officers(story: Story) -> None:
    with story.nodes.at("sz"):
        own = Organisation.objects.get(pk="sz-o-riverbank")
        with pytest.raises(NotAccepted, match="members and administrators"):
            actions.add_person(
                story.user("sz-lab-admin"), "boss", "a long password", Role.Kind.PARK_OFFICER, own
            )


def test_only_a_park_officer_gives_roles_at_the_node(story: Story) -> None:
    with story.nodes.at("sz"):
        person = story.user("sz-lab")
        with pytest.raises(Forbidden):
            actions.add_role(story.user("sz-lab-admin"), person, Role.Kind.AUDITOR)
        role = actions.add_role(story.user("sz-officer"), person, Role.Kind.AUTHORITY_OFFICER, "mofcom")
        assert role.authority == "mofcom"


def test_a_role_for_an_authority_nobody_knows_is_refused(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(NotAccepted, match="is not an authority"):
        actions.add_role(
            story.user("sz-officer"), story.user("sz-lab"), Role.Kind.AUTHORITY_OFFICER, "nobody"
        )


def test_a_pseudonym_is_stable_at_one_node_and_different_at_the_other(story: Story) -> None:
    with story.nodes.at("sz"):
        user = story.user("sz-lab")
        here, again = pseudonym(user), pseudonym(User.objects.get(pk=user.pk))
    with story.nodes.at("hk"):
        there = pseudonym(User(pk=user.pk))
    assert here == again != there


def test_loading_the_demonstration_again_changes_nothing(story: Story) -> None:
    with story.nodes.at("sz"):
        before = [model.objects.count() for model in (User, Role, Organisation, Project)]
        password = story.user("sz-lab").password
        demonstration.load(story.nodes.now)
        assert [model.objects.count() for model in (User, Role, Organisation, Project)] == before
        assert story.user("sz-lab").password == password


def test_demonstration_accounts_open_with_the_printed_password_only_its_owner_can_read(story: Story) -> None:
    with story.nodes.at("hk") as node:
        assert story.user("hk-dh").check_password(demonstration.password(node.home))
        assert (node.home / demonstration.PASSWORD_FILE).stat().st_mode & 0o077 == 0


def test_everything_of_the_demonstration_is_labelled_fictitious(story: Story) -> None:
    with story.nodes.at("sz"):
        for model in (User, Organisation, Project):
            assert not model.objects.filter(fictitious=False).exists()
        assert all("(fictitious)" in o.name["en"] for o in Organisation.objects.all())
