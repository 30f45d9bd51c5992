"""Papers of a permit: who gets which, in which language, and that page and PDF say the same."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.utils.html import escape
from pypdf import PdfReader
from tests.site.conftest import Stage
from tests.travel import BACK, OUT, Travel

from twoparks.permits import actions, queries
from twoparks.permits.types import PermitId, Reasons
from twoparks.site.paper import papers, pdf, wording
from twoparks.site.paper.shape import Paper, PaperKind

pytestmark = pytest.mark.one_database  # what a paper says is the same whatever the database

TITLES = {
    "en": ("Permit", "Receipt of a declaration", "Decision letter"),
    "zh-Hant": ("許可", "申報回執", "決定通知書"),
    "zh-Hans": ("许可", "申报回执", "决定书"),
}
NOT_SAID = {
    "text",
    "pairs",
    "table",
    "steps",
    "law",
    "boxes",
    "code",
    "north",
    "south",
}  # kinds of parts, and banks
ALL = [(kind, language) for kind in PaperKind for language in TITLES]


def made(
    stage: Stage, permit: PermitId, kind: PaperKind = PaperKind.PERMIT, language: str = "en", **of: str
) -> Paper:
    """The paper as one person of one park gets it."""
    person = of.get("person", "sz-lab")
    with stage.story.nodes.at(person[:2]), wording.language(language) as spoken:
        detail = queries.detail(stage.story.user(person), permit, stage.story.nodes.now)
        return papers.paper(detail, kind, spoken)


def strings(value: Any) -> list[str]:
    """Every text a paper's parts hold."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for each in value for text in strings(each)]
    return (
        [text for each in vars(value).values() for text in strings(each)]
        if hasattr(value, "__dict__")
        else []
    )


def refuse(stage: Stage, park: str, permit: PermitId) -> None:
    """The park's officer refuses, citing a provision."""
    with stage.story.nodes.at(park):
        officer, seen = stage.story.user(f"{park}-officer"), stage.story.seen(permit)
        reasons = Reasons("The ethics review has lapsed.", ("CN-HGR-09",))
        actions.refuse(officer, permit, reasons, seen, stage.story.nodes.now)
    stage.story.nodes.settle()


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_the_page_says_everything_the_paper_says(stage: Stage, kind: PaperKind, language: str) -> None:
    permit = stage.story.in_force()
    paper = made(stage, permit, kind, language)
    page = stage.get("sz-lab", f"/permits/{permit}/paper/{kind}/?lang={language}").html
    said = [paper.title, paper.answer, paper.made, *paper.marks]
    said += [text for section in paper.sections for text in strings(section)]
    assert [
        text
        for text in said
        if text not in NOT_SAID and not text.startswith("TP1:") and escape(text) not in page
    ] == []


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_a_paper_is_titled_in_the_language_asked_for(stage: Stage, kind: PaperKind, language: str) -> None:
    permit = stage.story.in_force()
    page = stage.get("sz-lab", f"/permits/{permit}/paper/{kind}/?lang={language}")
    assert f"<h1>{TITLES[language][list(PaperKind).index(kind)]}</h1>" in page.html


def test_without_a_word_about_language_the_reader_s_own_is_used(stage: Stage) -> None:
    permit = stage.story.in_force()
    page = stage.get("sz-lab", f"/permits/{permit}/paper/permit/", **{"Accept-Language": "zh-hans"})
    assert "<h1>许可</h1>" in page.html


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("sz-lab", 200),
        ("sz-officer", 200),
        ("sz-nhc", 200),
        ("sz-auditor", 200),
        ("hk-lab", 200),
        ("hk-officer", 200),
        ("sz-biobank", 403),
        ("sz-mofcom", 403),
        ("sz-gate", 403),
        ("hk-diagnostics", 403),
    ],
)
@pytest.mark.parametrize(
    "address",
    ["/permits/{}/paper/permit/", "/permits/{}/paper/letter.pdf", "/api/permits/{}/papers/receipt/pdf"],
)
def test_a_paper_is_open_to_those_who_may_see_the_permit(
    stage: Stage, person: str, status: int, address: str
) -> None:
    permit = stage.story.in_force()
    assert stage.get(person, address.format(permit)).status == status


def test_a_stranger_is_sent_to_sign_in(stage: Stage) -> None:
    permit = stage.story.declare()
    assert stage.visit("sz", f"/permits/{permit}/paper/receipt/").goes_to.startswith("/accounts/login/")


@pytest.mark.parametrize(("kind", "says"), [("permit", "not in force"), ("letter", "Nobody has decided")])
def test_a_paper_that_cannot_be_made_yet_says_why(stage: Stage, kind: str, says: str) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-lab", f"/permits/{permit}/paper/{kind}.pdf")
    assert (page.status, says in page.text) == (409, True)


def test_the_code_on_the_page_is_that_of_the_pdf_and_is_never_cut_off(stage: Stage) -> None:
    permit = stage.story.in_force()
    picture = pdf.picture(stage.story.code("sz", permit))
    assert "viewBox" in picture
    assert picture in stage.get("sz-lab", f"/permits/{permit}/paper/permit/").html


def test_there_is_no_paper_of_another_kind(stage: Stage) -> None:
    permit = stage.story.declare()
    assert stage.get("sz-lab", f"/permits/{permit}/paper/diploma/").status == 404


def test_the_permit_page_offers_only_the_papers_there_are(stage: Stage) -> None:
    permit = stage.story.declare()
    page = stage.get("sz-lab", f"/permits/{permit}/").html
    offered = [kind for kind in PaperKind if f"/permits/{permit}/paper/{kind}/" in page]
    assert offered == [PaperKind.RECEIPT]


def test_a_permit_that_was_revoked_is_not_printed_any_more(stage: Stage) -> None:
    permit = stage.story.in_force()
    with stage.story.nodes.at("hk"):
        officer, seen = stage.story.user("hk-officer"), stage.story.seen(permit)
        actions.revoke(officer, permit, Reasons("Recalled."), seen, stage.story.nodes.now)
    stage.story.nodes.settle()
    assert stage.get("sz-lab", f"/permits/{permit}/paper/permit.pdf").status == 409
    assert "revoked by Hong Kong Park" in stage.get("sz-lab", f"/permits/{permit}/paper/letter/").text


def test_a_refusal_tells_reasons_the_provision_with_its_source_and_what_to_do(stage: Stage) -> None:
    permit = stage.story.declare()
    refuse(stage, "sz", permit)
    page = stage.get("hk-lab", f"/permits/{permit}/paper/letter/")
    told = ["refused by Shenzhen Park", "The ethics review has lapsed.", "CN-HGR-09", "declare a new version"]
    assert [each for each in told if each not in page.text] == []
    assert 'href="https://www.gov.cn/' in page.html


def test_an_authority_s_answer_is_in_the_letter_before_the_park_has_decided(stage: Stage) -> None:
    permit = stage.story.declare()
    stage.story.grant_all("hk", permit)
    page = stage.get("hk-lab", f"/permits/{permit}/paper/letter/").text
    assert "the park has not decided yet" in page
    assert "Director of Health" in page


def test_a_receipt_names_the_act_and_the_digests_that_the_record_holds(stage: Stage) -> None:
    permit = stage.story.declare()
    with stage.story.nodes.at("sz"):
        detail = queries.detail(stage.story.user("sz-lab"), permit, stage.story.nodes.now)
    declared = next(act for act in detail.acts if act.kind == "permit.declared")
    page = stage.get("sz-lab", f"/permits/{permit}/paper/receipt/").text
    assert [d for d in (declared.id, declared.digest, detail.version.digest) if d not in page] == []


def test_a_demonstration_and_a_simulated_register_are_marked(stage: Stage) -> None:
    permit = stage.story.in_force()
    marks = made(stage, permit).marks
    assert [mark.partition(":")[0] for mark in marks] == ["Demonstration", "Simulated register"]


@pytest.mark.parametrize("kind", PaperKind)
def test_no_paper_names_a_person(stage: Stage, kind: PaperKind) -> None:
    permit = stage.story.in_force()
    with stage.story.nodes.at("sz"):
        from twoparks.registry.models import User

        names = [
            name for user in User.objects.all() for name in (user.username, user.get_full_name()) if name
        ]
    said = " ".join(s for section in made(stage, permit, kind).sections for s in strings(section))
    assert [name for name in names if name in said] == []


def test_the_same_state_gives_the_same_bytes_whenever_it_is_printed(stage: Stage) -> None:
    permit = stage.story.in_force()
    first = pdf.pdf(made(stage, permit))
    stage.story.nodes.tick(3600)
    assert pdf.pdf(made(stage, permit)) == first


def test_another_act_gives_other_bytes(stage: Stage) -> None:
    permit = stage.story.declare()
    before = pdf.pdf(made(stage, permit, PaperKind.RECEIPT))
    stage.story.grant_all("sz", permit)
    assert pdf.pdf(made(stage, permit, PaperKind.RECEIPT)) != before


@pytest.mark.parametrize(("kind", "language"), ALL)
def test_a_commuter_s_papers_name_nobody_and_are_set_in_three_languages(
    stage: Stage, kind: PaperKind, language: str
) -> None:
    travel = Travel(stage.story)
    permit, name = travel.in_force(), travel.person().name
    paper = made(stage, permit, kind, language, person="sz-officer")
    said = " ".join([paper.answer, *(text for section in paper.sections for text in strings(section))])
    assert name not in said
    assert pdf.pdf(paper).startswith(b"%PDF-")


def test_a_commuter_s_permit_says_hours_phone_and_that_boundary_control_remains(stage: Stage) -> None:
    travel = Travel(stage.story)
    permit = travel.in_force()
    page = stage.get("sz-officer", f"/permits/{permit}/paper/permit/").text
    told = [
        "pre-cleared",
        "Boundary control as at other land crossings remains",
        "Hours",
        "moving code on your phone",
    ]
    assert [each for each in told if each not in page] == []


def test_a_commuter_s_paper_does_not_tell_when_the_person_crossed(stage: Stage) -> None:
    travel = Travel(stage.story)
    permit = travel.in_force()
    before = pdf.pdf(made(stage, permit, PaperKind.RECEIPT, person="sz-officer"))
    travel.pass_gates(permit, *OUT, *BACK)
    assert pdf.pdf(made(stage, permit, PaperKind.RECEIPT, person="sz-officer")) == before


def test_the_command_writes_what_the_page_sends(stage: Stage, tmp_path: Any, capsys: Any) -> None:
    from twoparks.permits import desk

    permit, out = stage.story.in_force(), tmp_path / "permit.pdf"
    with stage.story.nodes.at("sz"):
        words = ["paper", permit, "--as", "sz-lab", "--kind", "permit", "--lang", "zh-Hant", "-o", str(out)]
        assert desk.permit(words, lambda: stage.story.nodes.now) == 0
    sent = stage.get("sz-lab", f"/permits/{permit}/paper/permit.pdf?lang=zh-Hant").response.content
    assert out.read_bytes() == sent


def test_the_command_refuses_who_may_not_see_the_permit(stage: Stage, tmp_path: Any) -> None:
    from twoparks.permits import desk

    permit, out = stage.story.in_force(), tmp_path / "permit.pdf"
    with stage.story.nodes.at("sz"):
        words = ["paper", permit, "--as", "sz-biobank", "-o", str(out)]
        assert (desk.permit(words, lambda: stage.story.nodes.now), out.exists()) == (1, False)


def test_the_api_gives_the_paper_as_values(stage: Stage) -> None:
    permit = stage.story.in_force()
    given = stage.get("sz-lab", f"/api/permits/{permit}/papers/receipt?lang=zh-Hans").response.json()
    assert (given["title"], given["number"], given["language"]) == ("申报回执", permit, "zh-Hans")


def test_the_pdf_is_named_after_the_permit_and_not_kept_by_caches(stage: Stage) -> None:
    permit = stage.story.in_force()
    answer = stage.get("sz-lab", f"/permits/{permit}/paper/permit.pdf?lang=zh-Hans").response
    assert answer.headers["Content-Disposition"] == f'inline; filename="{permit}-permit-zh-Hans.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert len(PdfReader(BytesIO(answer.content)).pages) >= 1
