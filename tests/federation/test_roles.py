"""Roles given and ended are acts of the park's log, and the log finds a role that no act gave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.story import Story

from twoparks.federation.audit import audit_node
from twoparks.federation.queries import acts, acts_of
from twoparks.federation.types import StoredAct, StreamId
from twoparks.registry import actions, travellers
from twoparks.registry.models import Organisation, Person, Role, User
from twoparks.registry.pseudonyms import pseudonym


def told(person: User) -> list[StoredAct]:
    """The acts about an account."""
    return acts(StreamId(pseudonym(person)))


def faults(story: Story) -> list[str]:
    """What the audit says of roles."""
    return [f.found for f in audit_node(story.nodes.now).findings if f.code == "roles_differ"]


def given(story: Story, person: User) -> Role:
    """The person becomes an auditor as well."""
    return actions.add_role(story.user("sz-officer"), person, Role.Kind.AUDITOR, "", story.nodes.now)


def test_giving_and_ending_a_role_are_acts_by_pseudonyms(story: Story) -> None:
    with story.nodes.at("sz"):
        officer, person = story.user("sz-officer"), story.user("sz-nhc")
        role = given(story, person)
        actions.end_role(officer, role, story.nodes.now)
        first, last = told(person)
        assert (first.kind, last.kind) == ("role.given", "role.ended")
        assert first.body == {"person": pseudonym(person), "role": "auditor", "where": None}
        assert (first.by.role, first.by.actor) == ("park_officer", pseudonym(officer))
        kept = Role.objects.get(pk=role.pk)
        assert (kept.given_act, kept.ended_act) == (first.id, last.id)
        assert (first.seq, last.seq) == (None, None)
        assert faults(story) == []


def test_a_new_account_an_invitation_and_a_new_password_are_acts_too(story: Story) -> None:
    now = story.nodes.now
    with story.nodes.at("sz"):
        admin, own = story.user("sz-lab-admin"), Organisation.objects.get(pk="sz-o-riverbank")
        new = actions.NewAccount("wen", "four words in a row", Role.Kind.MEMBER, own, "Wen Lihua")
        person = actions.add_person(admin, new, now)
        actions.give_password(admin, person, "other words in a row", now)
        actions.end_account(admin, person, now)
        kinds = [act.kind for act in told(person)]
        assert kinds == ["role.given", "account.password_given", "role.ended", "account.ended"]
        invited = travellers.register_person(admin, own, "Ruan Sile", now)
        joined = travellers.accept_invitation(
            travellers.invite(admin, invited, now), "ruan", "four words in a row", now
        )
        assert [a.kind for a in acts(StreamId(invited.pk))] == ["person.invited"]
        (act,) = told(joined)
        assert (act.body["role"], act.by.actor) == ("person", pseudonym(joined))
        assert faults(story) == []


def test_no_name_stands_in_an_act_about_roles(story: Story) -> None:
    with story.nodes.at("sz"):
        given(story, story.user("sz-nhc"))
        said = str([act.body for act in acts_of("role.given", "roles.noted")])
        names = [
            *User.objects.values_list("username", "first_name"),
            *Person.objects.values_list("name", "id"),
        ]
        assert [name for pair in names for name in pair if name in said] == []


def test_roles_that_stood_before_are_noted_in_one_act(story: Story) -> None:
    with story.nodes.at("sz"):
        (noted,) = acts_of("roles.noted")
        assert noted.body["roles"] == Role.objects.count()
        assert set(Role.objects.values_list("given_act", flat=True)) == {noted.id}


def test_roles_of_a_node_without_such_acts_are_noted_with_the_first(story: Story) -> None:
    with story.nodes.at("hk"):
        Role.objects.update(given_act="")
        actions.add_role(
            story.user("hk-officer"), story.user("hk-dh"), Role.Kind.AUDITOR, "", story.nodes.now
        )
        assert not Role.objects.filter(given_act="").exists()


def _inserted(story: Story) -> None:
    Role.objects.create(user=story.user("sz-lab"), kind=Role.Kind.PARK_OFFICER)


def _passed_off_as_noted(story: Story) -> None:
    (noted,) = acts_of("roles.noted")
    Role.objects.create(user=story.user("sz-lab"), kind=Role.Kind.PARK_OFFICER, given_act=noted.id)


def _changed(story: Story) -> None:
    Role.objects.filter(kind=Role.Kind.AUDITOR, user=story.user("sz-nhc")).update(kind=Role.Kind.PARK_OFFICER)


def _reopened(story: Story) -> None:
    Role.objects.exclude(ended_at=None).update(ended_at=None, ended_by=None)


def _reopened_without_trace(story: Story) -> None:
    Role.objects.exclude(ended_at=None).update(ended_at=None, ended_by=None, ended_act="")


def _ended(story: Story) -> None:
    Role.objects.filter(user=story.user("sz-customs")).update(ended_at=story.nodes.now + timedelta(hours=1))


def _deleted(story: Story) -> None:
    Role.objects.filter(kind=Role.Kind.AUDITOR, user=story.user("sz-nhc")).delete()


@pytest.mark.parametrize(
    "change",
    [_inserted, _passed_off_as_noted, _changed, _reopened, _reopened_without_trace, _ended, _deleted],
)
def test_a_role_changed_behind_the_acts_is_found(story: Story, change: Any) -> None:
    with story.nodes.at("sz"):
        officer = story.user("sz-officer")
        given(story, story.user("sz-nhc"))
        actions.end_role(officer, given(story, story.user("sz-mofcom")), story.nodes.now)
        assert faults(story) == []
        change(story)
        assert faults(story) != []
        assert not audit_node(story.nodes.now).whole
