"""Check a crossing: the answer without an account, a question at a time, in an address that can be shared."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from random import Random
from urllib.parse import parse_qsl, urlencode

import pytest
from django.http import QueryDict
from tests.site.conftest import Shown, Stage

from twoparks.packs import load
from twoparks.window import checking
from twoparks.window.links import link, read_link
from twoparks.window.pages import FLOWS
from twoparks.window.types import Case

pytestmark = pytest.mark.one_database  # the law is asked, no row is read

ON = date(2026, 8, 3)
CASES = [(flow, way) for flow in FLOWS for way in checking.directions(flow)]
DAY = f"on={ON.isoformat()}"


def page(stage: Stage, where: str, query: str = "", **headers: str) -> Shown:
    return stage.visit("hk", f"/check/{where}/?{query}", **headers)


def choices(shown: Shown) -> list[tuple[str, str]]:
    """Every answer the shown question offers, as a field of the form."""
    form = re.search(r'id="question">(.*?)</form>', shown.html, re.S)
    assert form, "no question is asked"
    asked = re.search(r'name="asked" value="([^"]*)"', form[1])
    assert asked
    found = re.findall(r'<input type="(?:radio|checkbox)" name="([^"]*)"[^>]*value="([^"]*)"', form[1])
    found += [(f"facts.{asked[1]}", v) for v in re.findall(r'<option value="([^"]+)"', form[1])]
    return [(unescape(a), unescape(b)) for a, b in found]


def hidden(shown: Shown) -> list[tuple[str, str]]:
    form = re.search(r'id="question">(.*?)</form>', shown.html, re.S)
    assert form
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[1])
    return [(unescape(a), unescape(b)) for a, b in found]


def test_what_moves_is_asked_first_and_then_which_way(stage: Stage) -> None:
    assert (
        "Goods or samples" in page(stage, "..").text
        or "Goods or samples" in stage.visit("hk", "/check/").text
    )
    assert "from Shenzhen Park to Hong Kong Park" in stage.visit("hk", "/check/?flow=materials").text


def test_a_flow_whose_law_knows_no_ways_asks_for_none(stage: Stage) -> None:
    assert stage.visit("hk", "/check/?flow=schemes").goes_to == "/check/schemes/none/"


@pytest.mark.parametrize("where", ["birds/sz-hk", "materials/north", "schemes/sz-hk"])
def test_what_the_law_does_not_know_is_not_found(stage: Stage, where: str) -> None:
    assert page(stage, where).status == 404


@pytest.mark.parametrize(("flow", "way"), CASES)
def test_answering_question_by_question_reaches_a_certain_answer(stage: Stage, flow: str, way: str) -> None:
    random, query, shown = Random(f"{flow} {way}"), DAY, page(stage, f"{flow}/{way}", DAY)
    for _turn in range(60):
        if 'id="question"' not in shown.html:
            break
        offered = choices(shown)
        said = [random.choice(offered)] if offered else [("skip", dict(hidden(shown))["asked"])]
        query = urlencode([*hidden(shown), *said])
        shown = page(stage, f"{flow}/{way}", query)
        assert shown.status == 200
    assert 'id="question"' not in shown.html
    assert 'class="answer"' in shown.html


def test_the_question_asked_is_the_one_that_settles_most(stage: Stage) -> None:
    case = Case("data", "sz-hk", ON)
    first = load().relevant_facts("data", "sz-hk", {"on": ON})[0]
    found = checking.answer(case).question
    assert found is not None
    assert found.short == first


def test_asking_stops_once_it_is_forbidden(stage: Stage) -> None:
    shown = page(stage, "capital/sz-hk", f"{DAY}&facts.transaction=payment&facts.genuine_compliant=false")
    assert "No. The law forbids it on these facts." in shown.text
    assert 'id="question"' not in shown.html


def test_the_change_that_would_make_it_possible_is_told(stage: Stage) -> None:
    shown = page(stage, "capital/sz-hk", f"{DAY}&facts.transaction=payment&facts.genuine_compliant=false")
    law = load().what_if(
        {
            "flow": "capital",
            "crosses": "sz-hk",
            "on": ON,
            "transaction": "payment",
            "genuine_compliant": False,
        }
    )
    assert law.verdict in {"impossible", "change"}
    words = {"impossible": "Nothing that an applicant can change", "change": "instead of"}
    assert words[law.verdict] in shown.text


def test_a_question_can_be_passed_over_and_taken_up_again(stage: Stage) -> None:
    first = checking.answer(Case("data", "sz-hk", ON)).question
    assert first is not None
    shown = page(stage, "data/sz-hk", f"{DAY}&skip={first.short}")
    assert dict(hidden(shown))["asked"] != first.short
    assert "passed over" in shown.text


def test_an_answer_can_be_taken_back(stage: Stage) -> None:
    case = Case("capital", "sz-hk", ON, {"transaction": "payment", "genuine_compliant": False})
    [given] = [g for g in checking.answer(case).given if g.name == "genuine_compliant"]
    again = read_link("capital", "sz-hk", QueryDict(given.without), ON)
    assert dict(again.facts) == {"transaction": "payment"}


def test_going_on_without_an_answer_says_so(stage: Stage) -> None:
    asked = dict(hidden(page(stage, "data/sz-hk", DAY)))["asked"]
    assert (
        "Choose an answer, or pass the question over."
        in page(stage, "data/sz-hk", f"{DAY}&asked={asked}").text
    )


def test_an_answer_that_cannot_be_used_is_asked_again_with_what_would_be(stage: Stage) -> None:
    query = f"{DAY}&facts.control_point=gate_1&facts.activity=visit&facts.stay_days=99999"
    case = read_link("personnel", "hk-sz", QueryDict(query), ON)
    assert "stay_days" in case.wrong
    assert "stay_days" not in case.facts
    while (found := checking.answer(case)).question and found.question.short != "stay_days":
        query += f"&skip={found.question.short}"
        case = read_link("personnel", "hk-sz", QueryDict(query), ON)
    assert found.question is not None
    assert found.question.says == "Give a number from 0 days to 3,660 days."


def test_money_is_typed_in_whole_currency_and_times_as_hours_and_minutes() -> None:
    case = read_link("capital", "sz-hk", QueryDict("money.amount_cny_cents=1,234.5"), ON)
    assert case.facts["amount_cny_cents"] == 123450
    case = read_link("personnel", "sz-hk", QueryDict("time.minute_of_day=06:30"), ON)
    assert case.facts["minute_of_day"] == 390


LOAN = {
    "transaction": "cross_border_loan",
    "genuine_compliant": "true",
    "borrower_class": "enterprise",
    "amount_cny_cents": 3_000_000_000,
    "amount_usd_cents": 420_000_000,
    "net_assets_cny_cents": 5_000_000_000,
    "existing_weighted_cny_cents": 100_000_000,
    "maturity_months": 12,
    "loan_foreign_currency": "true",
    "financing_mode": "full_scope",
}


def test_each_line_of_an_amount_stands_in_its_own_unit(stage: Stage) -> None:
    query = f"{DAY}&{urlencode({f'facts.{name}': value for name, value in LOAN.items()})}"
    for name in load().facts_of("capital"):
        query += "" if name in LOAN else f"&skip={name}"
    shown = page(stage, "capital/hk-sz", query)
    tables = re.findall(r'<table class="amount">(.*?)</table>', shown.html, re.S)
    said = [
        re.sub("<[^>]+>", "", cell) for one in tables for cell in re.findall(r'<td class="num">.*?</td>', one)
    ]
    assert said == [
        *(
            "CNY 50,000,000",
            "2,000 ‰",
            "1,750 ‰",
            "CNY 175,000,000",
        ),  # net assets, leverage, parameter: the limit
        *("CNY 30,000,000", "1,500 ‰", "500 ‰", "CNY 60,000,000"),  # the loan, maturity, currency: its weight
        *("CNY 1,000,000", "CNY 60,000,000", "CNY 175,000,000", "Yes"),  # before, this loan, limit: within
    ]


@pytest.mark.parametrize(("flow", "way"), CASES)
def test_a_link_asks_the_same_case_again(flow: str, way: str) -> None:
    specs = load().facts_of(flow)
    facts: dict[str, object] = {}
    for name, spec in specs.items():
        if name not in {"flow", "crosses", "on", "held", "sought"}:
            samples = {
                "bool": False,
                "int": spec.minimum or 0,
                "set": list(spec.values[:2]),
                "date": "2026-01-31",
            }
            facts[name] = None if spec.nullable else samples.get(spec.type, next(iter(spec.values), ""))
    case = Case(flow, way, ON, facts, ("pia",), ())
    again = read_link(flow, way, QueryDict(link(case)), date(1999, 1, 1))
    assert (dict(again.facts), again.on, again.held) == (facts, ON, ("pia",))


@pytest.mark.parametrize(
    "query", ["facts.name=Chan+Tai+Man", "facts.activity=Chan", "held=Chan", "skip=Chan", "on=Chan"]
)
def test_no_name_fits_into_a_link(query: str) -> None:
    assert "Chan" not in link(read_link("personnel", "sz-hk", QueryDict(query), ON))


def test_the_address_to_share_leads_to_the_same_answer(stage: Stage) -> None:
    shown = page(stage, "capital/sz-hk", f"{DAY}&facts.transaction=payment&facts.genuine_compliant=false")
    found = re.search(r'id="share" readonly value="([^"]*)"', shown.html)
    assert found
    address = unescape(found[1])
    assert ("facts.transaction", "payment") in parse_qsl(address.partition("?")[2])
    assert "No. The law forbids it" in stage.visit("hk", address.partition("testserver")[2] or address).text


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_the_page_speaks_chinese(stage: Stage, language: str) -> None:
    query = f"{DAY}&facts.transaction=payment&facts.genuine_compliant=false"
    shown = page(stage, "capital/sz-hk", query, **{"Accept-Language": language})
    assert f'<html lang="{language}">' in shown.html
    assert not re.search("Change|Your answers|forbids|Step", shown.text)


def test_the_api_says_the_same_without_an_account(stage: Stage) -> None:
    body = {"flow": "capital", "crosses": "sz-hk", "on": ON.isoformat(), "facts": {"transaction": "payment"}}
    client = stage.client("hk")
    with stage.story.nodes.at("hk"):
        answer = client.post("/api/check", json.dumps(body), content_type="application/json")
    found = answer.json()
    assert answer.status_code == 200
    assert (found["outcome"], found["certain"], found["what_if"]) == ("unknown", False, None)
    assert found["next"] == found["open_questions"][0]


def test_one_filing_that_serves_both_banks_is_told_on_the_page_and_by_the_api(stage: Stage) -> None:
    facts = {"goods_kind": "human_material", "infection_suspected": True}
    query = urlencode({f"facts.{name}": str(value).lower() for name, value in facts.items()})
    shown = page(stage, "materials/sz-hk", f"{DAY}&{query}")
    assert "One filing serves both banks" in shown.text
    assert "Mainland customs rests priority quarantine approval" in shown.text
    body = {"flow": "materials", "crosses": "sz-hk", "on": ON.isoformat(), "facts": facts}
    with stage.story.nodes.at("hk"):
        answer = stage.client("hk").post("/api/check", json.dumps(body), content_type="application/json")
    served = {one["measure"]: one["also"] for one in answer.json()["serves_both"]}
    assert served["hk_dh_biological_import_permit"] == ["priority_quarantine_handling"]


def test_the_api_names_a_fact_that_cannot_be_used(stage: Stage) -> None:
    body = {"flow": "capital", "crosses": "sz-hk", "on": ON.isoformat(), "facts": {"transaction": "gift"}}
    client = stage.client("hk")
    with stage.story.nodes.at("hk"):
        answer = client.post("/api/check", json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "facts.transaction"


def test_a_declaration_begins_with_the_answers_of_the_check(stage: Stage) -> None:
    query = f"{DAY}&facts.goods_kind=reagent&facts.transport_mode=road&facts.age=40&facts.goods_kinds=x"
    begun = stage.get("sz-lab", f"/declare/?flow=materials&{query}")
    assert "Your answers from the check are taken along" in begun.text
    kept = re.findall(r'<input type="hidden" name="(facts[^"]*)" value="([^"]*)">', begun.html)
    chosen = {"project": "sz-j-multicentre", "flow": "materials", **dict(kept)}
    page = stage.get("sz-lab", stage.post("sz-lab", "/declare/", chosen).goes_to + "questions/").html
    assert re.search(r'name="facts.transport_mode"[^>]*value="road" checked', page)
    assert "facts.age" not in page


def test_the_link_to_declare_stands_only_where_the_goods_leave(stage: Stage) -> None:
    case = DAY + "".join(f"&skip={name}" for name in load().facts_of("materials"))
    link = "Start the declaration with these answers"
    assert link in stage.visit("sz", f"/check/materials/sz-hk/?{case}").text
    assert link not in stage.visit("hk", f"/check/materials/sz-hk/?{case}").text


def test_a_route_can_be_asked_about_by_itself_and_the_whole_crossing_again(stage: Stage) -> None:
    shown = page(stage, "personnel/sz-hk", f"{DAY}&facts.status=mainland_resident")
    found = re.search(r'<a href="\?([^"]*)">e-Channel</a>', shown.html)
    assert found
    alone = page(stage, "personnel/sz-hk", unescape(found[1]))
    assert "Which route or facility is asked for?" in alone.text
    back = re.search(r'<a href="\?([^"]*)">e-Channel</a> <span class="label">asked for', alone.html)
    assert back
    assert read_link("personnel", "sz-hk", QueryDict(unescape(back[1])), ON).facts == {
        "status": "mainland_resident"
    }


def test_a_person_is_told_that_boundary_control_remains(stage: Stage) -> None:
    every = "".join(f"&skip={name}" for name in load().facts_of("personnel"))
    assert "Boundary control" in page(stage, "personnel/sz-hk", f"{DAY}{every}").text
    assert "Boundary control" not in page(stage, "personnel/none", f"{DAY}{every}").text


def test_a_step_that_is_held_already_is_said_so_and_taken_back(stage: Stage) -> None:
    facts = {
        "transaction": "research_funds",
        "genuine_compliant": "true",
        "research_body": "true",
        "funds_origin": "hong_kong",
        "amount_hkd_cents": "200000000",
        "occasional_transaction": "false",
    }
    every = "".join(f"&skip={name}" for name in load().facts_of("capital") if name not in facts)
    query = f"{DAY}&{urlencode({f'facts.{name}': value for name, value in facts.items()})}{every}"
    shown = page(stage, "capital/hk-sz", query)
    assert "Yes, once 1 step is taken." in shown.text
    have = re.search(r'href="\?([^"]*)">I have it', shown.html)
    assert have
    held = page(stage, "capital/hk-sz", unescape(have[1]))
    assert "Yes. The law asks for nothing more." in held.text
    assert "Held or done already" in held.text
    case = read_link("capital", "hk-sz", QueryDict(unescape(have[1])), ON)
    [given] = [g for g in checking.answer(case).given if g.name == "kehuitong_registration"]
    assert read_link("capital", "hk-sz", QueryDict(given.without), ON).held == ()


def test_of_a_route_asked_for_both_banks_answer_about_the_route(stage: Stage) -> None:
    facts = f"{DAY}&facts.status=mainland_resident&facts.age=34&many.documents=1"
    facts += "&facts.documents=exit_entry_permit_electronic&many.sought=1&facts.sought=echannel"
    shown = page(stage, "personnel/sz-hk", facts)
    assert "Yes, once 1 step is taken." in shown.text
    assert "HK-ECH-04" in shown.html
    mainland, _river, hong_kong = shown.html.partition('class="river"')
    assert "<b>e-Channel</b>" not in mainland.partition('id="letter"')[2]
    assert "<b>e-Channel</b>" in hong_kong
    refused = page(stage, "personnel/sz-hk", facts.replace("age=34", "age=6"))
    assert "No. The law forbids it on these facts." in refused.text
