"""Signing in: the second factor of those who decide, sessions that end, passwords, failed attempts."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from tests.site.conftest import Shown, Stage

from twoparks.registry.models import Session
from twoparks.registry.node import this_node
from twoparks.registry.sessions import browser_kind, name_of
from twoparks.site.accounts import account_of, handle_of
from twoparks.site.demonstration import password

GUARDED = ("sz-officer", "sz-nhc", "sz-gate", "sz-auditor", "sz-lab-admin")
NEW = "three words in a row"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _fresh_counters(stage: Stage) -> None:
    """Failed attempts are counted in the node's cache, which begins empty."""
    with stage.story.nodes.at("sz"):
        cache.clear()


@pytest.fixture
def strict(settings: object) -> None:
    """As in service: no account is excused from its second factor."""
    settings.TWOPARKS_WAIVE_SECOND_FACTOR = False  # type: ignore[attr-defined]


def _sign_in(
    stage: Stage, person: str, secret: str = "", client: Client | None = None, **headers: str
) -> Shown:
    with stage.story.nodes.at(person[:2]):
        given = {"login": person, "password": secret or password(this_node().home)}
        browser = client or stage.clients.setdefault((person[:2], person), Client())
        return Shown(browser.post("/accounts/login/", given, headers=headers or None))


def _confirm(stage: Stage, person: str) -> None:
    """Say once more that it is you, with the password."""
    with stage.story.nodes.at(person[:2]):
        given = password(this_node().home)
    stage.post(person, "/accounts/reauthenticate/", {"password": given})


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _add_app(stage: Stage, person: str) -> str:
    """Add an app that shows codes; its secret."""
    _confirm(stage, person)
    page = stage.get(person, "/accounts/factors/app/add/")
    secret = page.html.split('<p class="code">')[1].split("</p>")[0]
    assert stage.post(person, "/accounts/factors/app/add/", {"code": _code(secret)}).status == 302
    return secret


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("person", GUARDED)
def test_who_decides_or_gives_accounts_reaches_only_the_page_to_add_a_second_factor(
    stage: Stage, person: str
) -> None:
    for address in ("/work/", "/permits/", "/ledger/", "/projects/"):
        page = stage.get(person, address)
        assert (page.status, page.goes_to.split("?")[0]) == (302, "/accounts/")
    assert "No second factor yet." in stage.get(person, "/accounts/").text


@pytest.mark.usefixtures("strict")
def test_the_api_says_that_a_second_factor_is_wanted(stage: Stage) -> None:
    answer = stage.get("sz-officer", "/api/permits").response
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:twoparks:problem:second_factor")


@pytest.mark.usefixtures("strict")
def test_a_member_and_a_person_who_crosses_may_sign_in_with_a_password_alone(stage: Stage) -> None:
    assert stage.get("sz-lab", "/work/").status == 200
    assert stage.get("sz-commuter", "/my-pass/").status == 200


def test_the_demonstration_excuses_made_up_accounts_and_says_so(stage: Stage) -> None:
    assert stage.get("sz-officer", "/work/").status == 200
    assert "made-up account of a demonstration" in stage.get("sz-officer", "/accounts/").text


def test_a_real_account_is_never_excused(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        user = stage.story.user("sz-officer")
        user.fictitious = False
        user.save()
    assert stage.get("sz-officer", "/work/").status == 302


@pytest.mark.usefixtures("strict")
def test_an_app_added_opens_the_pages_and_is_asked_for_at_the_next_sign_in(stage: Stage) -> None:
    secret = _add_app(stage, "sz-officer")
    assert stage.get("sz-officer", "/work/").status == 200
    stage.clients.clear()
    assert _sign_in(stage, "sz-officer").goes_to == "/accounts/factors/show/"
    assert stage.get("sz-officer", "/work/").goes_to.startswith("/accounts/login/")
    with stage.story.nodes.at("sz"):
        cache.clear()  # a code is accepted once; this is as good as half a minute later
    assert stage.post("sz-officer", "/accounts/factors/show/", {"code": _code(secret)}).goes_to == "/work/"
    assert stage.get("sz-officer", "/work/").status == 200


@pytest.mark.usefixtures("strict")
def test_a_code_is_accepted_once(stage: Stage) -> None:
    secret = _add_app(stage, "sz-officer")
    code = _code(secret)
    for answer in (302, 200):
        stage.clients.clear()
        _sign_in(stage, "sz-officer")
        assert stage.post("sz-officer", "/accounts/factors/show/", {"code": code}).status == answer


@pytest.mark.usefixtures("strict")
def test_recovery_codes_are_shown_once_and_each_lets_in_once(stage: Stage) -> None:
    _add_app(stage, "sz-officer")
    shown = stage.get("sz-officer", "/accounts/factors/codes/")
    code = shown.html.split('class="codes code"><li>')[1].split("</li>")[0]
    assert code not in stage.get("sz-officer", "/accounts/factors/codes/").html
    for answer in (302, 200):
        stage.clients.clear()
        _sign_in(stage, "sz-officer")
        assert stage.post("sz-officer", "/accounts/factors/show/", {"code": code}).status == answer


@pytest.mark.usefixtures("strict")
def test_the_last_second_factor_of_who_decides_cannot_be_removed(stage: Stage) -> None:
    _add_app(stage, "sz-officer")
    assert "must keep a second factor" in stage.get("sz-officer", "/accounts/factors/app/remove/").text
    stage.post("sz-officer", "/accounts/factors/app/remove/")
    with stage.story.nodes.at("sz"):
        assert Authenticator.objects.filter(type="totp").count() == 1


def test_who_need_not_have_one_removes_it_after_saying_who_they_are_again(stage: Stage) -> None:
    _sign_in(stage, "sz-lab")
    assert stage.get("sz-lab", "/accounts/factors/app/add/").goes_to.startswith("/accounts/reauthenticate/")
    _add_app(stage, "sz-lab")
    assert stage.post("sz-lab", "/accounts/factors/app/remove/").status == 302
    with stage.story.nodes.at("sz"):
        assert not Authenticator.objects.exists()


def test_a_second_factor_added_ends_every_other_session(stage: Stage) -> None:
    thief = Client()
    _sign_in(stage, "sz-lab", client=thief)
    _add_app(stage, "sz-lab")
    with stage.story.nodes.at("sz"):
        assert thief.get("/work/").status_code == 302


@pytest.mark.usefixtures("strict")
def test_a_session_without_the_factor_shows_it_even_when_the_account_has_one(stage: Stage) -> None:
    _add_app(stage, "sz-officer")
    with stage.story.nodes.at("sz"):
        other = Client()
        other.force_login(stage.story.user("sz-officer"))
        assert other.get("/work/").headers["Location"].startswith("/accounts/factors/confirm/")


def test_the_secret_of_an_app_is_not_stored_in_the_clear(stage: Stage) -> None:
    secret = _add_app(stage, "sz-lab")
    with stage.story.nodes.at("sz"):
        assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_passkey_names_its_park_so_that_two_parks_of_one_host_do_not_replace_each_others(
    stage: Stage,
) -> None:
    with stage.story.nodes.at("sz"):
        user = stage.story.user("sz-lab")
        north = handle_of(user)
        assert account_of(north) == user.pk
    with stage.story.nodes.at("hk"):
        assert account_of(north) is None
        assert handle_of(user) != north


@pytest.mark.parametrize("broken", ["", "{}", '{"response": {"userHandle": "!"}}', "[1]", '{"response": 7}'])
def test_a_passkey_nobody_knows_is_refused_in_words(stage: Stage, broken: str) -> None:
    page = stage.post("sz-lab", "/accounts/logout/")
    page = stage.post("sz-lab", "/accounts/factors/passkeys/login/", {"credential": broken})
    assert page.goes_to == "/accounts/login/"


def test_a_person_sees_where_they_are_signed_in_and_ends_one(stage: Stage) -> None:
    other = Client()
    _sign_in(stage, "sz-lab", client=other, **{"User-Agent": FIREFOX})
    with stage.story.nodes.at("sz"):
        assert other.get("/work/", headers={"User-Agent": FIREFOX}).status_code == 200
    stage.get("sz-lab", "/work/")
    page = stage.get("sz-lab", "/accounts/")
    assert "Firefox, Linux" in page.text
    assert stage.post("sz-lab", "/accounts/sessions/end/", {"session": page.hidden("session")}).status == 302
    with stage.story.nodes.at("sz"):
        assert other.get("/work/").status_code == 302
    assert stage.get("sz-lab", "/work/").status == 200


def test_a_person_signs_out_everywhere_else(stage: Stage) -> None:
    others = [Client(), Client()]
    for other in others:
        _sign_in(stage, "sz-lab", client=other)
    stage.post("sz-lab", "/accounts/sessions/end/")
    with stage.story.nodes.at("sz"):
        assert [other.get("/work/").status_code for other in others] == [302, 302]


def test_nobody_ends_somebody_elses_session(stage: Stage) -> None:
    stage.get("sz-biobank", "/work/")
    with stage.story.nodes.at("sz"):
        theirs = Session.objects.get(user=stage.story.user("sz-biobank")).pk
    stage.post("sz-lab", "/accounts/sessions/end/", {"session": name_of(theirs)})
    stage.post("sz-lab", "/accounts/sessions/end/")
    assert stage.get("sz-biobank", "/work/").status == 200


@pytest.mark.parametrize(
    ("person", "idle", "age"),
    [
        ("sz-officer", timedelta(hours=1), timedelta(hours=12)),
        ("sz-lab", timedelta(days=7), timedelta(days=30)),
    ],
)
def test_a_session_ends_when_idle_or_old_and_not_a_minute_before(
    stage: Stage, person: str, idle: timedelta, age: timedelta
) -> None:
    begun = stage.story.nodes.now
    stage.get(person, "/work/")
    stage.story.nodes.now = begun + idle
    assert stage.get(person, "/work/").status == 200
    stage.story.nodes.now += idle + timedelta(seconds=1)
    assert stage.get(person, "/work/").goes_to.startswith("/accounts/login/")
    stage.clients.clear()
    begun = stage.story.nodes.now
    while stage.story.nodes.now + idle <= begun + age:
        assert stage.get(person, "/work/").status == 200
        stage.story.nodes.now += idle
    stage.story.nodes.now = begun + age + timedelta(seconds=1)
    assert stage.get(person, "/work/").goes_to.startswith("/accounts/login/")


def test_five_failures_close_an_account_for_a_while_even_to_the_right_password(stage: Stage) -> None:
    for _ in range(5):
        _sign_in(stage, "sz-lab", secret="not it at all")
    assert "Too many attempts" in _sign_in(stage, "sz-lab").text
    assert _sign_in(stage, "sz-biobank").status == 302


def test_ten_failures_close_an_address_for_a_while(stage: Stage) -> None:
    for n in range(10):
        _sign_in(stage, f"sz-nobody-{n}", secret="not it at all")
    assert "Too many attempts" in _sign_in(stage, "sz-lab").text


def test_no_address_is_kept_of_who_signs_in_or_fails_to(stage: Stage) -> None:
    _sign_in(stage, "sz-lab", secret="not it at all")
    _sign_in(stage, "sz-lab")
    stage.get("sz-lab", "/work/")
    with stage.story.nodes.at("sz"), connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM registry_cache")
        kept = str(cursor.fetchall())
        kept += str([s.get_decoded() for s in Session.objects.all()]) + str(list(Session.objects.values()))
    assert "login_failed" in kept
    assert "127.0.0.1" not in kept


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ("short one", "at least 12 characters"),
        ("qwertyuiop123", "Many people use"),
        ("lin xiaohe 26", "too much like your name"),
    ],
)
def test_a_weak_password_is_refused_with_what_would_do(stage: Stage, chosen: str, says: str) -> None:
    assert says in _change(stage, "sz-lab", chosen).text


def test_a_password_changed_ends_other_sessions_and_keeps_this_one(stage: Stage) -> None:
    other = Client()
    _sign_in(stage, "sz-lab", client=other)
    assert _change(stage, "sz-lab", NEW).status == 302
    assert stage.get("sz-lab", "/work/").status == 200
    with stage.story.nodes.at("sz"):
        assert other.get("/work/").status_code == 302


def test_a_password_somebody_else_chose_is_changed_first(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        user = stage.story.user("sz-lab")
        user.password_given = True
        user.save()
    assert stage.get("sz-lab", "/work/").goes_to.startswith("/accounts/password/")
    assert _change(stage, "sz-lab", NEW).status == 302
    assert stage.get("sz-lab", "/work/").status == 200


@pytest.mark.parametrize("address", ["signup/", "email/", "password/reset/", "confirm-email/", "3rdparty/"])
def test_nobody_signs_up_and_no_mail_is_asked_for(stage: Stage, address: str) -> None:
    assert stage.visit("sz", f"/accounts/{address}").status == 404


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_known_by_its_kind_alone(agent: str, kind: str) -> None:
    assert browser_kind(agent) == kind


def _change(stage: Stage, person: str, chosen: str) -> Shown:
    with stage.story.nodes.at(person[:2]):
        given = password(this_node().home)
    fields = {"oldpassword": given, "password1": chosen, "password2": chosen}
    return stage.post(person, "/accounts/password/", fields)
