"""People and roles by page, by command and by API: given, ended, kept; the first password shown once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.site.conftest import Stage

from twoparks.registry.models import Role, User
from twoparks.registry.node import this_node
from twoparks.registry.people_command import people as command
from twoparks.site.demonstration import password

NEW = {"organisation": "sz-o-riverbank", "name": "Wen Lihua", "username": "wen", "kind": "member"}


def _number(stage: Stage, person: str) -> int:
    with stage.story.nodes.at(person[:2]):
        return stage.story.user(person).pk


def _confirm(stage: Stage, person: str) -> None:
    with stage.story.nodes.at(person[:2]):
        given = password(this_node().home)
    stage.post(person, "/accounts/reauthenticate/", {"password": given})


def test_an_administrator_gives_an_account_and_its_owner_signs_in_and_chooses_a_password(
    stage: Stage,
) -> None:
    page = stage.post("sz-lab-admin", "/people/new/", NEW)
    given = re.search(r"data-given>([^<]+)<", page.html)
    assert given is not None
    assert "Wen Lihua" in stage.get("sz-lab-admin", "/people/").text
    with stage.story.nodes.at("sz"):
        browser = Client()
        browser.post("/accounts/login/", {"login": "wen", "password": given[1]})
        assert browser.get("/work/").headers["Location"].startswith("/accounts/password/")
        own = "a few words of mine"
        browser.post("/accounts/password/", {"oldpassword": given[1], "password1": own, "password2": own})
        assert browser.get("/work/").status_code == 200


def test_the_first_password_is_not_kept_by_the_browser(stage: Stage) -> None:
    assert stage.post("sz-lab-admin", "/people/new/", NEW).response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "says"),
    [({"username": "sz-lab"}, "is taken"), ({"username": "a b"}, "letters, digits"), ({"name": ""}, "Name")],
)
def test_an_account_that_cannot_be_given_says_why(stage: Stage, change: dict[str, str], says: str) -> None:
    page = stage.post("sz-lab-admin", "/people/new/", {**NEW, **change})
    assert page.status == 422
    assert says in page.text


def test_an_administrator_gives_no_account_in_another_organisation(stage: Stage) -> None:
    assert stage.post("sz-lab-admin", "/people/new/", {**NEW, "organisation": "sz-o-biobank"}).status == 422


def test_a_park_officer_gives_a_role_after_saying_who_they_are_again(stage: Stage) -> None:
    address = f"/people/{_number(stage, 'sz-lab')}/roles/give/"
    fields = {"role": "authority_officer|mofcom"}
    assert stage.post("sz-officer", address, fields).goes_to.startswith("/accounts/reauthenticate/")
    _confirm(stage, "sz-officer")
    assert stage.post("sz-officer", address, fields).status == 302
    assert "Ministry of Commerce" in stage.get("sz-officer", f"/people/{_number(stage, 'sz-lab')}/").text


def test_an_administrator_makes_a_member_an_administrator(stage: Stage) -> None:
    address = f"/people/{_number(stage, 'sz-lab')}/"
    assert "Administrator: Riverbank" in stage.get("sz-lab-admin", address).text
    _confirm(stage, "sz-lab-admin")
    stage.post("sz-lab-admin", f"{address}roles/give/", {"role": "administrator|sz-o-riverbank"})
    assert stage.get("sz-lab", "/projects/new/").status == 200


def test_a_role_is_ended_and_stays_on_the_page_with_its_end(stage: Stage) -> None:
    number = _number(stage, "sz-nhc")
    page = stage.get("sz-officer", f"/people/{number}/")
    stage.post("sz-officer", f"/people/{number}/roles/end/", {"role": page.hidden("role")})
    assert "Fang Zhiyuan" in stage.get("sz-officer", f"/people/{number}/").text
    assert stage.get("sz-nhc", "/work/").text.count("Your account has no role yet") == 1


def test_the_last_administrator_is_told_why_they_stay(stage: Stage) -> None:
    number = _number(stage, "sz-lab-admin")
    page = stage.get("sz-officer", f"/people/{number}/")
    stage.post("sz-officer", f"/people/{number}/roles/end/", {"role": page.hidden("role")})
    assert "This is the last one" in stage.get("sz-officer", f"/people/{number}/").text


def test_an_account_that_is_ended_no_longer_signs_in(stage: Stage) -> None:
    stage.get("sz-lab", "/work/")
    stage.post("sz-lab-admin", f"/people/{_number(stage, 'sz-lab')}/end/")
    assert stage.get("sz-lab", "/work/").status == 302
    with stage.story.nodes.at("sz"):
        given = password(this_node().home)
        answer = Client().post("/accounts/login/", {"login": "sz-lab", "password": given}, follow=True)
    assert "This account was ended" in answer.content.decode()


def test_search_finds_by_name_and_by_user_name(stage: Stage) -> None:
    for typed in ("xiaohe", "SZ-LAB"):
        assert "Lin Xiaohe" in stage.get("sz-officer", f"/people/?q={typed}").text
    assert "Nothing matches" in stage.get("sz-officer", "/people/?q=zzz").text


def test_nobody_finds_the_people_of_another_organisation(stage: Stage) -> None:
    assert stage.get("sz-lab-admin", f"/people/{_number(stage, 'sz-biobank')}/").status == 404
    assert stage.get("sz-lab", "/people/").status == 403


def test_the_command_gives_and_ends(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    with stage.story.nodes.at("sz"):
        words = [
            "add",
            "wen",
            "--name",
            "Wen Lihua",
            "--organisation",
            "sz-o-riverbank",
            "--as",
            "sz-lab-admin",
        ]
        assert command(words) == 0
        assert "first password" in capsys.readouterr().out
        assert command(["give", "wen", "--kind", "auditor", "--as", "sz-officer"]) == 0
        role = Role.objects.get(user__username="wen", kind="auditor")
        assert command(["end-role", "wen", "--role", str(role.pk), "--as", "sz-officer"]) == 0
        assert command(["end", "wen", "--as", "sz-lab-admin"]) == 0
        assert command(["list", "--as", "sz-lab-admin"]) == 0
        assert "wen" in capsys.readouterr().out
        assert not User.objects.get(username="wen").is_active


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["end", "sz-biobank", "--as", "sz-lab-admin"], 64),
        (["give", "sz-lab", "--kind", "auditor", "--as", "sz-lab-admin"], 1),
        (["give", "sz-lab", "--kind", "gate", "--where", "nowhere", "--as", "sz-officer"], 64),
        (["list", "--as", "nobody"], 64),
        (["first", "boss"], 64),
    ],
)
def test_the_command_says_what_it_did_not_do(stage: Stage, words: list[str], code: int) -> None:
    with stage.story.nodes.at("sz"):
        assert command(words) == code


def test_the_api_gives_and_ends_what_the_page_does(stage: Stage) -> None:
    def call(person: str, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
        with stage.story.nodes.at("sz"):
            browser = stage.client("sz", person)
            answer = browser.post(f"/api{path}", body or {}, content_type="application/json")
        assert answer.status_code in (200, 201, 204), answer.content
        return answer.json() if answer.content else {}  # type: ignore[no-any-return]

    made = call("sz-lab-admin", "/people", {**NEW, "password": "a few words here"})
    role = call("sz-officer", f"/people/{made['id']}/roles", {"kind": "auditor"})
    ended = call("sz-officer", f"/people/{made['id']}/roles/{role['id']}/end")
    assert [r["kind"] for r in ended["roles"] if r["ended_at"]] == ["auditor"]  # type: ignore[attr-defined]
    call("sz-lab-admin", f"/people/{made['id']}/password", {"password": "other words here"})
    call("sz-lab-admin", f"/people/{made['id']}/end")
    assert not stage.get("sz-lab-admin", f"/api/people/{made['id']}").response.json()["active"]
    assert stage.get("sz-lab-admin", "/api/people").response.json()["total"] == 3
