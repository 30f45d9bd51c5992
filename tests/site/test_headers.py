"""What every answer tells the browser: whose scripts may run, who may frame it, what is remembered and for whom."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from tests.site.conftest import Stage

from twoparks.registry.node import this_node
from twoparks.site.demonstration import password

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = ("/", "/accounts/login/", "/work/", "/no/such/page/", "/api/zone", "/api/no/such", "/verify/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_keeps_scripts_styles_and_frames_to_this_site(stage: Stage, address: str) -> None:
    policy = stage.visit("sz", address).response.headers["Content-Security-Policy"]
    said = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert said["script-src"] == said["style-src"] == said["default-src"] == "'self'"
    assert said["frame-ancestors"] == said["object-src"] == said["base-uri"] == "'none'"
    assert said["form-action"] == "'self'"
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_where_it_may_be_shown_and_what_may_be_told_of_it(
    stage: Stage, address: str
) -> None:
    headers = stage.visit("sz", address).response.headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


def test_what_is_for_one_person_is_kept_by_no_cache(stage: Stage) -> None:
    for address in ("/work/", "/accounts/", "/projects/sz-j-multicentre/"):
        assert stage.get("sz-lab", address).response.headers["Cache-Control"] == "private, no-store"


def test_cookies_carry_the_parks_id_and_are_read_by_no_script(stage: Stage) -> None:
    with stage.story.nodes.at("sz"):
        browser = Client()
        browser.get("/accounts/login/")
        browser.post("/accounts/login/", {"login": "sz-lab", "password": password(this_node().home)})
        session = browser.cookies[settings.SESSION_COOKIE_NAME]
        form = browser.cookies[settings.CSRF_COOKIE_NAME]
    assert settings.TWOPARKS_PARK in settings.SESSION_COOKIE_NAME
    assert settings.TWOPARKS_PARK in settings.CSRF_COOKIE_NAME
    assert (session["samesite"], form["samesite"]) == ("Lax", "Lax")
    assert session["httponly"]


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/i18n/setlang/", "/permits/x/withdraw/", "/people/1/end/"]
)
def test_a_form_without_its_token_changes_nothing_and_says_so(stage: Stage, address: str) -> None:
    with stage.story.nodes.at("sz"):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(stage.story.user("sz-lab-admin"))
        answer = browser.post(address, {"language": "en"})
    assert answer.status_code == 403
    assert "The form had expired" in answer.content.decode()


@pytest.mark.parametrize(
    ("origin", "secure", "lasts"),
    [
        ("http://localhost:8002", False, 0),
        ("https://localhost:8002", True, 0),
        ("https://sz.example", True, 31_536_000),
    ],
)
def test_https_makes_cookies_secure_and_is_insisted_on_except_at_localhost(
    tmp_path: Path, origin: str, secure: bool, lasts: int
) -> None:
    """Settings are read once a process, so each origin has a process of its own."""
    code = (
        "from twoparks.site import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, getattr(s, 'SECURE_HSTS_SECONDS', 0))"
    )
    env = {
        **os.environ,
        "TWOPARKS_ORIGIN": origin,
        "TWOPARKS_SECRET_KEY": "only here",
        "TWOPARKS_HOME": str(tmp_path),
        "PYTHONPATH": f"{ROOT / 'src'}",
    }
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(secure), str(secure), str(lasts)]


def test_nothing_but_the_supervisor_waives_the_second_factor() -> None:
    sources = {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py")}
    named = {name for name, text in sources.items() if "TWOPARKS_WAIVE_SECOND_FACTOR" in text}
    assert named == {
        "src/twoparks/site/accounts.py",
        "src/twoparks/site/context.py",
        "src/twoparks/site/settings.py",
        "src/twoparks/site/supervisor.py",
    }
    assert (
        'environ.get("TWOPARKS_WAIVE_SECOND_FACTOR", "0") == "1"' in sources["src/twoparks/site/settings.py"]
    )
