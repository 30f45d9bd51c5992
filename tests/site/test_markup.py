"""What holds of every page: nothing inline, one heading of the first level, labelled fields, a language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.site.conftest import Shown, Stage

pytestmark = pytest.mark.one_database  # markup is the same whatever the database

VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}


def _pages(stage: Stage) -> Iterator[tuple[str, Shown]]:
    permit = stage.story.in_force()
    stage.story.cross(permit)
    waiting = stage.story.declare()
    draft = stage.post("sz-lab", "/declare/", {"project": "sz-j-multicentre"}).goes_to
    yield "/", stage.visit("sz", "/")
    yield "/accounts/login/", stage.visit("sz", "/accounts/login/")
    yield "/api/", stage.visit("sz", "/api/")
    yield "/verify/", stage.visit("sz", "/verify/")
    yield "/zone/", stage.visit("sz", "/zone/")
    lab = ["/work/", "/projects/", "/projects/sz-j-multicentre/", "/declare/", "/declare/file/", draft]
    lab += [draft + part for part in ("goods/", "questions/", "approvals/", "route/", "review/")]
    lab += [
        "/permits/",
        f"/permits/{permit}/",
        f"/permits/{waiting}/",
        "/crossings/",
        f"/crossings/{permit}-x1/",
    ]
    lab += [f"/permits/{permit}/paper/{kind}/?lang=zh-Hant" for kind in ("receipt", "letter")]
    for address in lab:
        yield address, stage.get("sz-lab", address)
    for person, address in (
        ("sz-nhc", f"/permits/{waiting}/decide/"),
        ("sz-officer", f"/permits/{waiting}/decide/"),
        ("sz-gate", "/gate/"),
        ("sz-gate", "/gate/sz-huanggang-exit-a/"),
        ("sz-auditor", "/ledger/"),
        ("sz-lab-admin", "/projects/new/"),
        ("sz-lab-admin", "/projects/sz-j-multicentre/approvals/new/"),
        ("sz-lab", "/ledger/"),
    ):
        yield f"{person} {address}", stage.get(person, address)


@pytest.fixture
def pages(stage: Stage) -> dict[str, Shown]:
    """Every kind of page, with something on it."""
    return dict(_pages(stage))


def test_no_page_carries_inline_script_or_style(pages: dict[str, Shown]) -> None:
    inline = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:")
    assert {name: inline.findall(page.html) for name, page in pages.items() if inline.search(page.html)} == {}


def test_every_page_has_one_first_heading_and_a_title_of_its_own(pages: dict[str, Shown]) -> None:
    wrong = {n: p.html.count("<h1") for n, p in pages.items() if p.html.count("<h1") != 1}
    untitled = [n for n, p in pages.items() if re.search(r"<title>\s*·", p.html)]
    assert (wrong, untitled) == ({}, [])


def test_no_id_stands_twice_on_a_page(pages: dict[str, Shown]) -> None:
    twice = {}
    for name, page in pages.items():
        ids = re.findall(r'\sid="([^"]+)"', page.html)
        if repeated := {i for i in ids if ids.count(i) > 1}:
            twice[name] = repeated
    assert twice == {}


def test_every_field_has_a_label(pages: dict[str, Shown]) -> None:
    bare = {}
    for name, page in pages.items():
        fields = re.findall(r"<(?:input|select|textarea)\b([^>]*)>", page.html)
        shown = [f for f in fields if 'type="hidden"' not in f and "aria-label" not in f]
        ids = [found[1] if (found := re.search(r'\sid="([^"]+)"', f)) else f for f in shown]
        if lacking := [i for i in ids if f'for="{i}"' not in page.html]:
            bare[name] = lacking
    assert bare == {}


def test_every_tag_that_opens_closes(pages: dict[str, Shown]) -> None:
    from html.parser import HTMLParser

    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.wrong: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in VOID:
                self.open.append(tag)

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            if tag in VOID:
                return
            if not self.open or self.open.pop() != tag:
                self.wrong.append(tag)

    found = {}
    for name, page in pages.items():
        balance = Balance()
        balance.feed(page.html)
        if balance.wrong or balance.open:
            found[name] = (balance.wrong[:3], balance.open[:3])
    assert found == {}


def test_no_page_shows_an_untranslated_template_or_an_absent_value(pages: dict[str, Shown]) -> None:
    odd = re.compile(r"\{\{|\{%|\bNone\b(?! of|[.,])|<function|%\(\w+\)s")
    assert {name: odd.findall(page.text) for name, page in pages.items() if odd.search(page.text)} == {}


def test_every_page_forbids_what_it_does_not_need(pages: dict[str, Shown]) -> None:
    policies = {page.response.headers.get("Content-Security-Policy", "") for page in pages.values()}
    assert all("default-src 'self'" in policy and "unsafe" not in policy for policy in policies)
