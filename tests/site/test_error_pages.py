"""What cannot be shown or done is said in the reader's language, in the house's look, with a way on."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.site.conftest import Shown, Stage

LANGUAGES = ("en", "zh-hant", "zh-hans")
SAID = {
    "not_found": ("There is nothing here", "此處沒有內容", "此处没有内容"),
    "forbidden": ("This is not open to you", "你無權使用", "您无权使用"),
    "csrf": ("The form had expired", "表格已逾時", "表格已逾时"),
    "fault": ("Something went wrong here", "系統出現問題", "系统出现问题"),
}


def shown(stage: Stage, kind: str, language: str) -> Shown:
    """One error page as a reader of that language meets it."""
    headers = {"Accept-Language": language}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    with stage.story.nodes.at("sz"):
        match kind:
            case "not_found":
                return Shown(client.get("/no/such/page/", headers=headers))
            case "csrf":
                return Shown(client.post("/i18n/setlang/", {"language": "en"}, headers=headers))
            case "fault":
                return Shown(client.get("/", headers=headers))
    return stage.get("sz-lab", "/ledger/acts/", **headers)


STATUS = {"not_found": 404, "forbidden": 403, "csrf": 403, "fault": 500}


@pytest.fixture(autouse=True)
def _broken_front(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The front page fails, in the tests that ask for a fault."""
    if "fault" in request.node.name:

        def fails(*_args: object) -> HttpResponse:
            raise RuntimeError("made to fail by a test")

        monkeypatch.setattr("twoparks.permits.standing.figures", fails)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAID)
def test_an_error_is_said_in_the_readers_language(stage: Stage, kind: str, language: str) -> None:
    page = shown(stage, kind, language)
    assert page.status == STATUS[kind]
    assert SAID[kind][LANGUAGES.index(language)] in page.text
    tag = {"en": "en", "zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}[language]
    assert f'<html lang="{tag}">' in page.html


@pytest.mark.parametrize("kind", SAID)
def test_an_error_page_is_in_the_houses_look_with_a_way_on(stage: Stage, kind: str) -> None:
    page = shown(stage, kind, "en").html
    assert page.count("<h1") == 1
    assert re.search(r'<link rel="stylesheet" href="/static/twoparks[^"]*css">', page)
    assert re.search(r'<a class="button[^"]*" href="/', page)
    assert 'class="banner' in page


@pytest.mark.parametrize("kind", SAID)
def test_an_error_page_shows_nothing_of_the_code(stage: Stage, kind: str) -> None:
    page = shown(stage, kind, "en").html
    assert "Traceback" not in page
    assert "made to fail" not in page


def test_a_fault_gives_the_number_under_which_it_is_logged(stage: Stage) -> None:
    page = shown(stage, "fault", "en")
    assert page.response.headers["X-Request-Id"] in page.text
