"""Trials by page: a protocol is filed, agreed, signed, opened, joined, harmed and stopped without leaving the browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from tests.site.conftest import Shown, Stage
from tests.trials import CHANGE, Trials, protocol

from twoparks.pilots import actions
from twoparks.pilots.models import TrialDraft, TrialRow
from twoparks.pilots.types import TrialId


@pytest.fixture
def trials(stage: Stage) -> Trials:
    return Trials(stage.story)


def typed(page: Shown) -> dict[str, object]:
    """What the form of a page would send as it stands."""
    found: dict[str, object] = {}
    for tag in re.findall(r"<input\b[^>]*>", page.html):
        name, kind = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "type"))
        value = re.search(r'\bvalue="([^"]*)"', tag)
        ticked = kind is None or kind[1] not in {"checkbox", "radio"} or " checked" in tag
        if name and ticked:
            found.setdefault(name[1], [])
            found[name[1]].append(unescape(value[1]) if value else "")  # type: ignore[attr-defined]
    for name, text in re.findall(r'<textarea\b[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page.html, re.S):
        found[name] = unescape(text).removeprefix("\n")  # a browser drops the first line end
    for name, more, options in re.findall(
        r'<select\b[^>]*name="([^"]+)"([^>]*)>(.*?)</select>', page.html, re.S
    ):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        first = [] if "multiple" in more else re.findall(r'<option value="([^"]*)"', options)[:1]
        found[name] = [unescape(v) for v in chosen or first]
    return {key: value for key, value in found.items() if key not in {"csrfmiddlewaretoken", "language"}}


def draft(stage: Stage) -> str:
    with stage.story.nodes.at("sz"):
        now = stage.story.nodes.now
        made = TrialDraft.objects.create(
            id="sz-td-1",
            title=protocol()["title"],
            question=protocol()["question"],
            flow="materials",
            crosses="sz-hk",
            change=CHANGE,
            author=stage.story.user("sz-rules"),
            made_at=now,
            changed_at=now,
        )
    return str(made.pk)


def test_a_protocol_is_filed_from_a_draft_with_its_authorities_alone_added(stage: Stage) -> None:
    page = stage.get("sz-rules", f"/trials/new/?draft={draft(stage)}")
    said = typed(page) | {"authorities_ml": ["customs_ml"], "authorities_hk": ["dh"]}
    answer = stage.post("sz-rules", "/trials/new/", said)
    assert answer.goes_to.startswith("/trials/sz-t-")
    with stage.story.nodes.at("sz"):
        assert TrialDraft.objects.get().trial == TrialRow.objects.get().id


def test_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    said = typed(stage.get("sz-rules", "/trials/new/"))
    page = stage.post("sz-rules", "/trials/new/", {**said, "change": "provisions: [", "title_en": "X"})
    assert page.status == 422
    for field in ("title_zh-Hant", "authorities_ml", "authorities_hk"):
        assert f'id="id_{field}_error"' in page.html, field


def test_filed_anew_the_form_begins_with_what_was_filed(stage: Stage, trials: Trials) -> None:
    trial = trials.file()
    page = stage.get("sz-rules", f"/trials/{trial}/versions/new/")
    said = typed(page) | {"when_stopped": "stays", "title_en": "Notified samples, again"}
    assert stage.post("sz-rules", f"/trials/{trial}/versions/new/", said).status == 302
    protocol_now = trials.at("sz", trial).protocol
    assert (protocol_now.title["en"], protocol_now.change) == ("Notified samples, again", CHANGE)


def do(stage: Stage, person: str, trial: TrialId, what: str, **more: str) -> Shown:
    """Press the button of that name on the trial's page."""
    page = stage.get(person, f"/trials/{trial}/")
    assert f'name="do" value="{what}"' in page.html, (person, what)
    given = {"do": what, **more}
    given |= {name: page.hidden(name) for name in ("seen", "figures") if f'name="{name}"' in page.html}
    answer = stage.post(person, f"/trials/{trial}/", given)
    assert answer.status == 302, answer.text
    stage.story.nodes.settle()
    return answer


def test_a_whole_trial_by_page(stage: Stage, trials: Trials) -> None:
    trial = trials.file()
    for park, (authority, officer) in {"sz": ("customs_ml", "sz-customs"), "hk": ("dh", "hk-dh")}.items():
        do(stage, officer, trial, "agree", authority=authority, agrees="yes", reasons="We have read it.")
        do(stage, f"{park}-officer", trial, "sign")
    trials.nodes.tick(60)
    for park in ("sz", "hk"):
        do(stage, f"{park}-officer", trial, "open")
    do(stage, "sz-lab-admin", trial, "join", organisation="sz-o-riverbank", named="yes")
    trials.nodes.tick(60)
    permit = trials.story.declare()
    assert trials.figures("hk", trial).live == 1
    assert permit in stage.get("hk-officer", f"/trials/cases/?trial={trial}").text
    do(stage, "hk-officer", trial, "harm", measure="found", permit=permit, reasons="A seal was broken.")
    page = stage.get("sz-lab", f"/trials/{trial}/")
    assert "Stopped: by its stop rule." in page.text
    summary = {f"summary_{tongue}": "It was stopped." for tongue in ("en", "zh-Hant", "zh-Hans")}
    do(stage, "sz-rules", trial, "report", proposal="end", **summary)
    assert trials.status("hk", trial) == "reported"


def test_an_officer_stops_it_by_page(stage: Stage, trials: Trials) -> None:
    trial = trials.live()
    do(stage, "hk-officer", trial, "stop", reasons="A doubt.")
    assert trials.status("sz", trial) == "stopped"


def test_a_tenant_sees_neither_cases_nor_who_else_takes_part(stage: Stage, trials: Trials) -> None:
    trial = trials.live()
    permit = trials.story.declare()
    for person in ("sz-biobank", "sz-biobank-admin"):
        page = stage.get(person, f"/trials/{trial}/")
        assert page.status == 200
        assert permit not in page.html
        assert "sz-o-riverbank" not in page.html
        assert "Riverbank" not in page.html
        assert stage.get(person, f"/trials/cases/?trial={trial}").status == 403


@pytest.mark.parametrize("language", ["en", "zh-hant", "zh-hans"])
def test_its_page_reads_in_three_languages(stage: Stage, trials: Trials, language: str) -> None:
    trial = trials.live()
    page = stage.get("hk-officer", f"/trials/{trial}/", **{"Accept-Language": language})
    tongue = {"en": "en", "zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}[language]
    assert protocol()["title"][tongue] in page.text
    law = {"en": "On trial, special goods", "zh-Hant": "試行期間", "zh-Hans": "试行期间"}[tongue]
    assert law in page.text


@pytest.mark.parametrize(
    ("status", "found"), [("live", 1), ("shadow", 1), ("filed", 1), ("stopped", 0), ("agreed", 0)]
)
def test_the_list_is_narrowed_by_status(stage: Stage, trials: Trials, status: str, found: int) -> None:
    trials.live()
    trials.signed()
    trials.file()
    page = stage.get("sz-auditor", f"/trials/?status={status}")
    assert page.html.count('href="/trials/sz-t-') == found


def test_the_page_asks_a_bounded_number_of_queries(stage: Stage, trials: Trials) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    raw = protocol(caps={"permits": {"sz": 20, "hk": 0}, "per_participant": None, "quantity": None})
    trial = trials.live(raw)
    counts = []
    for _ in range(2):
        for _more in range(3):
            trials.story.declare()
        with stage.story.nodes.at("hk"), CaptureQueriesContext(connection) as asked:
            stage.client("hk", "hk-officer").get(f"/trials/{trial}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[1] <= 25
    with stage.story.nodes.at("hk"):
        actions.follow_days(stage.story.nodes.now)


def test_a_filed_protocol_is_the_next_step_of_whoever_must_answer_it(stage: Stage, trials: Trials) -> None:
    says = "1 protocol of a trial waits for your answer"
    trial = trials.file()
    assert says in stage.get("sz-customs", "/").text
    assert says not in stage.get("sz-officer", "/").text
    trials.agree("sz", trial)
    assert says not in stage.get("sz-customs", "/").text
    assert says in stage.get("sz-officer", "/").text


def test_the_work_of_a_rule_maker_is_the_drafts(stage: Stage) -> None:
    assert stage.get("sz-rules", "/work/").response.headers["Location"] == "/trials/drafts/"


def test_what_is_assumed_is_said_in_words(stage: Stage, trials: Trials) -> None:
    trial = trials.file(protocol(assumed=["accepted_per_mille"]))
    assert (
        "Assumed, not from a source accepted rates of harm"
        in stage.get("sz-customs", f"/trials/{trial}/").text
    )


def test_a_signed_trial_leads_to_its_public_entry_and_a_filed_one_has_none(
    stage: Stage, trials: Trials
) -> None:
    trial = trials.file()
    link = f'href="/trials/register/{trial}/"'
    assert link not in stage.get("sz-officer", f"/trials/{trial}/").html
    for park in ("sz", "hk"):
        trials.agree(park, trial)
        trials.sign(park, trial)
    trials.nodes.settle()
    assert link in stage.get("sz-officer", f"/trials/{trial}/").html


def test_a_trial_both_ways_says_so_in_the_list(stage: Stage, trials: Trials) -> None:
    trials.file(protocol(crosses=None))
    assert "both ways" in stage.get("sz-officer", "/trials/?status=filed").text.split("1 entry")[1]


def test_an_error_of_the_form_stands_at_its_field_without_its_path(stage: Stage, trials: Trials) -> None:
    form = typed(stage.get("sz-rules", f"/trials/new/?draft={draft(stage)}"))
    form |= {"authorities_ml": "customs_ml", "authorities_hk": "dh", "permits_sz": "-1"}
    page = stage.post("sz-rules", "/trials/new/", form).text
    assert "-1 is not accepted" in page
    assert "caps" not in page.split("-1 is not accepted")[0][-60:]


def test_cases_under_a_trial_and_those_decided_have_a_word_each(stage: Stage, trials: Trials) -> None:
    """An open case was declared under the trial; the exit report counts the decided ones alone."""
    trial = trials.live()
    stage.story.declare()
    assert "Declared under it 1" in stage.get("sz-officer", f"/trials/{trial}/").text
    assert "Decided under it — 0" in stage.visit("sz", f"/trials/register/{trial}/").text
