"""Projects, approvals, people: what is kept, by whom, and what is refused with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from tests.story import Story

from twoparks.registry import actions, queries, tokens
from twoparks.registry.access import NODE, Forbidden, Subject, Verb, may
from twoparks.registry.actions import NewApproval, NotAccepted
from twoparks.registry.models import Organisation, Project, Role, User
from twoparks.registry.pseudonyms import pseudonym
from twoparks.registry.sessions import SessionStore
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


def account(username: str, organisation: Organisation, **changed: Any) -> actions.NewAccount:
    """An account about to be given."""
    given = {"password": "a long password", "kind": Role.Kind.MEMBER, "name": "Wen Lihua", **changed}
    return actions.NewAccount(username=username, organisation=organisation, **given)


def test_an_administrator_adds_people_to_the_own_organisation_only(story: Story) -> None:
    with story.nodes.at("sz"):
        admin = story.user("sz-lab-admin")
        own, other = (Organisation.objects.get(pk=k) for k in ("sz-o-riverbank", "sz-o-biobank"))
        made = actions.add_person(admin, account("newcomer", own), story.nodes.now)
        assert queries.organisations(made) == (own,)
        with pytest.raises(Forbidden):
            actions.add_person(admin, account("intruder", other), story.nodes.now)


def test_an_organisation_has_no_park_officers(story: Story) -> None:
    with story.nodes.at("sz"):
        own = Organisation.objects.get(pk="sz-o-riverbank")
        with pytest.raises(NotAccepted, match="members and administrators"):
            actions.add_person(
                story.user("sz-lab-admin"), account("boss", own, kind=Role.Kind.PARK_OFFICER), story.nodes.now
            )


def test_only_a_park_officer_gives_roles_at_the_node(story: Story) -> None:
    with story.nodes.at("sz"):
        person = story.user("sz-lab")
        with pytest.raises(Forbidden):
            actions.add_role(story.user("sz-lab-admin"), person, Role.Kind.AUDITOR, "", story.nodes.now)
        role = actions.add_role(
            story.user("sz-officer"), person, Role.Kind.AUTHORITY_OFFICER, "mofcom", story.nodes.now
        )
        assert role.authority == "mofcom"


def test_a_role_for_an_authority_nobody_knows_is_refused(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(NotAccepted, match="is not an authority"):
        actions.add_role(
            story.user("sz-officer"),
            story.user("sz-lab"),
            Role.Kind.AUTHORITY_OFFICER,
            "nobody",
            story.nodes.now,
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


def test_a_role_that_ended_gives_nothing_and_is_kept_with_who_ended_it(story: Story) -> None:
    with story.nodes.at("sz"):
        officer, role = story.user("sz-officer"), story.user("sz-nhc").roles.get()
        actions.end_role(officer, role, story.nodes.now)
        assert not may(story.user("sz-nhc"), Verb.SEE_QUEUE, Subject(authorities=frozenset({"nhc"})))
        kept = Role.objects.get(pk=role.pk)
        assert (kept.ended_at, kept.ended_by) == (story.nodes.now, officer)


def test_a_role_given_again_after_its_end_is_a_new_one(story: Story) -> None:
    with story.nodes.at("sz"):
        officer, person = story.user("sz-officer"), story.user("sz-nhc")
        first = person.roles.get()
        actions.end_role(officer, first, story.nodes.now)
        again = actions.add_role(officer, person, Role.Kind.AUTHORITY_OFFICER, "nhc", story.nodes.now)
        assert (again.pk != first.pk, again.given_by, person.roles.count()) == (True, officer, 2)


def test_giving_a_role_twice_gives_it_once(story: Story) -> None:
    with story.nodes.at("sz"):
        officer, person = story.user("sz-officer"), story.user("sz-nhc")
        twice = [actions.add_role(officer, person, Role.Kind.AUDITOR, "", story.nodes.now) for _ in range(2)]
        assert twice[0] == twice[1]


@pytest.mark.parametrize("person", ["sz-lab-admin", "sz-officer"])
def test_the_last_administrator_and_the_last_park_officer_stay(story: Story, person: str) -> None:
    with story.nodes.at("sz"):
        officer, last = story.user("sz-officer"), story.user(person)
        with pytest.raises(NotAccepted, match="last one"):
            actions.end_role(officer, last.roles.get(), story.nodes.now)
        with pytest.raises(NotAccepted, match="last one"):
            actions.end_account(officer, last, story.nodes.now)
        assert story.user(person).is_active


def test_an_administrator_hands_over_and_then_goes(story: Story) -> None:
    with story.nodes.at("sz"):
        admin, member = story.user("sz-lab-admin"), story.user("sz-lab")
        actions.add_role(admin, member, Role.Kind.ADMINISTRATOR, "sz-o-riverbank", story.nodes.now)
        actions.end_account(story.user("sz-lab"), admin, story.nodes.now)
        assert not story.user("sz-lab-admin").is_active


def test_an_administrator_who_left_does_not_count_as_one(story: Story) -> None:
    with story.nodes.at("sz"):
        admin, member = story.user("sz-lab-admin"), story.user("sz-lab")
        actions.add_role(admin, member, Role.Kind.ADMINISTRATOR, "sz-o-riverbank", story.nodes.now)
        User.objects.filter(pk=member.pk).update(is_active=False)
        with pytest.raises(NotAccepted, match="last one"):
            actions.end_role(story.user("sz-officer"), admin.roles.get(), story.nodes.now)


def test_an_ended_account_is_signed_out_and_its_tokens_are_dead(story: Story) -> None:
    with story.nodes.at("sz"):
        person = story.user("sz-lab")
        verbs = frozenset({Verb.SEE_PERMIT})
        _row, text = tokens.make_token(person, tokens.NewToken("mine", verbs), story.nodes.now)
        session = SessionStore()
        session["_auth_user_id"] = str(person.pk)
        session.save()
        actions.end_account(story.user("sz-lab-admin"), person, story.nodes.now)
        assert not may(story.user("sz-lab"), Verb.SEE_PERMIT, NODE)
        assert tokens.believe(text, story.nodes.now) is None
        assert not person.sessions.exists()


@pytest.mark.parametrize("change", ["end_account", "give_password"])
def test_nobody_rises_by_the_account_of_somebody_with_more_roles(story: Story, change: str) -> None:
    with story.nodes.at("sz"):
        admin, person = story.user("sz-lab-admin"), story.user("sz-lab")
        actions.add_role(story.user("sz-officer"), person, Role.Kind.PARK_OFFICER, "", story.nodes.now)
        last = {"end_account": (), "give_password": ("four words in a row",)}
        with pytest.raises(Forbidden):
            getattr(actions, change)(admin, person, *last[change], story.nodes.now)


def test_an_administrator_takes_nobody_from_another_organisation(story: Story) -> None:
    with story.nodes.at("sz"), pytest.raises(Forbidden):
        actions.add_role(
            story.user("sz-lab-admin"),
            story.user("sz-biobank"),
            Role.Kind.MEMBER,
            "sz-o-riverbank",
            story.nodes.now,
        )


def test_a_given_password_removes_factor_and_sessions_and_must_be_changed(story: Story) -> None:
    with story.nodes.at("sz"):
        person = story.user("sz-lab")
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
        actions.give_password(story.user("sz-lab-admin"), person, "four words in a row", story.nodes.now)
        changed = story.user("sz-lab")
        assert (changed.password_given, changed.check_password("four words in a row")) == (True, True)
        assert not Authenticator.objects.filter(user=person).exists()


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("new person", "four words in a row", "username"),
        ("SZ-LAB", "four words in a row", "username"),
        ("x" * 61, "four words in a row", "username"),
        ("new-person", "short", "password"),
    ],
)
def test_an_account_that_cannot_be_is_refused(story: Story, username: str, password: str, field: str) -> None:
    with story.nodes.at("sz"):
        own = Organisation.objects.get(pk="sz-o-riverbank")
        with pytest.raises(NotAccepted) as refused:
            actions.add_person(
                story.user("sz-lab-admin"), account(username, own, password=password), story.nodes.now
            )
    assert refused.value.field == field


def test_the_first_park_officer_is_made_once(story: Story) -> None:
    with story.nodes.at("sz"):
        with pytest.raises(NotAccepted, match="has a park officer"):
            actions.first_officer("boss", "four words in a row", story.nodes.now)
        Role.objects.filter(kind=Role.Kind.PARK_OFFICER).delete()
        assert may(actions.first_officer("boss", "four words in a row", story.nodes.now), Verb.CLEAR, NODE)


def test_an_administrator_sees_the_people_of_the_own_organisation_alone(story: Story) -> None:
    with story.nodes.at("sz"):
        seen = {row.username for row in queries.people(story.user("sz-lab-admin"))}
        assert seen == {"sz-lab", "sz-lab-admin"}
        with pytest.raises(User.DoesNotExist):
            queries.person(story.user("sz-lab-admin"), story.user("sz-biobank").pk)
        with pytest.raises(Forbidden):
            queries.people(story.user("sz-lab"))


def test_an_administrator_does_not_see_what_somebody_is_elsewhere(story: Story) -> None:
    with story.nodes.at("sz"):
        person = story.user("sz-lab")
        actions.add_role(story.user("sz-officer"), person, Role.Kind.AUDITOR, "", story.nodes.now)
        seen = queries.person(story.user("sz-lab-admin"), person.pk)
        assert [role.kind for role in seen.line.roles] == [Role.Kind.MEMBER]
        assert not seen.may_end
