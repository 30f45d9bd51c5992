"""Ten questions that people of the zone would ask, answered question by question on the page, in each language.

Each says what the user would truthfully answer. The walk follows the page wherever it leads, so a question that nobody can answer, an
answer that is not certain, or a provision that ought to be there and is not, is found here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

import pytest
from django.utils.translation import override
from tests.site.conftest import Shown, Stage

from twoparks.lists.statuses import STATUSES
from twoparks.packs import load

pytestmark = pytest.mark.one_database  # the law is asked, no row is read

DAY = "2026-09-01"
MOST_QUESTIONS = 25
Answers = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Asked:
    """One user's question: what moves which way, the true answers, and what a lawyer expects of the page."""

    where: str
    answers: Answers
    outcome: str
    provisions: tuple[str, ...]  # shown as the law that applies
    measures: tuple[str, ...]  # named as steps
    not_asked: tuple[str, ...] = ()  # questions that would be absurd here


BLOOD = Asked(  # a Shenzhen hospital sends patients' blood to a Hong Kong university for genome sequencing
    "materials/sz-hk",
    {
        "goods_kind": "human_material",
        "un_numbers": ["exempt_specimen", "un1845"],
        "human_genome_inside": "true",
        "mainland_donors": "true",
        "purpose": "joint_research",
        "sender_kind": "medical_institution",
        "payment": "none",
        "transport_mode": "road",
        "dual_use_class": "none",
        "quarantine_grade": "c",
        "managed_as": "none",
        "sender_place": "shenzhen",
        "sender_foreign_percent": "0",
        "sender_foreign_dominated": "false",
        "wmd_end_use": "false",
        "pathogen": "none",
        "hk_schedule": "none",
        "recipient_place": "hk_other",
        "recipient_mainland_controlled": "false",
        "temporary": "no_return",
    },
    "conditional",
    ("CN-HGR-09", "CN-HGR-12", "CN-HGR-21", "CN-HGR-27", "CN-FHQ-22", "ZN-PACK-EXEMPT", "HK-60E-4"),
    (
        "hgr_material_export_certificate",
        "hgr_international_cooperation_approval",
        "customs_special_goods_quarantine_approval",
        "customs_declaration",
        "packing_dry_ice",
    ),
    ("licence_changes", "tax_white_list", "aircraft_mass_g"),
)
SERVER = Asked(  # a GPU server comes from Hong Kong for six months of use and goes back
    "materials/hk-sz",
    {
        "goods_kind": "equipment",
        "un_numbers": [],
        "transport_mode": "road",
        "inspection_required": "false",
        "bonded": "false",
        "hk_schedule": "schedule_1",
        "recipient_place": "sz_park_supervised",
        "customs_white_list": "false",
        "temporary": "professional_use",
        "temporary_months": "6",
        "tax_white_list": "false",
    },
    "conditional",
    ("CN-CUS-01", "CN-PTX-1", "CN-CUS-04", "HK-60G-EXP", "HK-60E-4"),
    ("customs_declaration", "import_tax_payment", "tid_export_licence", "ata_carnet"),
    ("human_genome_inside", "quarantine_grade", "pathogen", "mainland_donors"),
)
ANTIBODY = Asked(  # a monoclonal antibody, special goods of grade D, for a laboratory on the tax white list
    "materials/hk-sz",
    {
        "goods_kind": "biological_product",
        "un_numbers": ["un1845"],
        "quarantine_grade": "d",
        "transport_mode": "road",
        "managed_as": "none",
        "endangered_species": "false",
        "bonded": "false",
        "hk_schedule": "none",
        "wmd_end_use": "false",
        "temporary": "no_return",
        "recipient_place": "sz_park_supervised",
        "tax_white_list": "true",
        "on_tax_list": "true",
        "own_use": "true",
        "exemption_waived_on": "null",
    },
    "conditional",
    ("CN-FHQ-22", "CN-SPG-281-07", "CN-PTX-1", "ZN-PACK-1845"),
    ("customs_special_goods_quarantine_approval", "hetao_import_tax_exemption", "packing_dry_ice"),
    ("licence_changes", "aircraft_mass_g"),
)
RECORDS = Asked(  # a Hong Kong hospital sends 2,000 identifiable clinical records to a Shenzhen research body
    "data/hk-sz",
    {
        "access_mode": "transfer",
        "personal": "identifiable",
        "security_in_place": "true",
        "same_purpose": "false",
    },
    "conditional",
    ("HK-PDPO-DPP3", "HK-PDPO-DPP2-4", "ZN-GBA-VOLUNTARY"),
    ("dpp3_prescribed_consent", "dpp_security_and_retention"),
    ("contract_terms", "onward", "important_data", "ciio"),
)
DATASET = (
    Asked(  # researchers in Hong Kong query a Shenzhen dataset of 50,000 persons, coded, nothing sensitive
        "data/sz-hk",
        {
            "access_mode": "remote_access",
            "personal": "deidentified",
            "purpose": "research",
            "legal_basis": "consent",
            "security_in_place": "true",
            "recipient_kind": "university",
            "important_data": "none",
            "mainland_donors": "true",
            "biodata_kinds": [],
            "sensitive_kinds": [],
            "pi_persons_handled": "400000",
            "ciio": "false",
            "minimal": "true",
            "includes_under_18": "false",
            "profiles_mainland_people": "false",
            "volume_split": "false",
            "pi_persons_year": "180000",
            "sensitive_persons_year": "0",
            "sender_place": "sz_park_other",
            "collected_abroad": "false",
            "contract_terms": "no_contract",
            "recipient_place": "hk_park",
            "onward": "none",
        },
        "conditional",
        ("CN-CAC-EXPORT", "CN-CBDF-08", "CN-PIPL-39-C", "CN-PIPL-55", "ZN-GBA-02"),
        ("pi_export_standard_contract", "gba_standard_contract", "separate_consent", "pia", "pipl_notice"),
        ("requester", "assessment_issued_on", "contract_effective_on"),
    )
)
COMMUTER = Asked(  # a Mainland researcher of the Shenzhen Park with its talent endorsement goes to a meeting
    "personnel/sz-hk",
    {
        "status": "mainland_resident",
        "activity": "meeting_or_exchange",
        "control_point": "huanggang",
        "endorsement": "hetao_talent",
        "stay_days": "1",
        "genuine_purpose": "true",
        "paid": "false",
    },
    "clear",
    ("CN-TAL-09",),
    (),
    ("degree", "income_employment_hkd_cents", "ml_days_present"),
)
PROFESSOR = Asked(  # a visiting professor with a foreign passport and no Hong Kong card gives a lecture
    "personnel/hk-sz",
    {
        "status": "other",
        "activity": "speech",
        "control_point": "futian",
        "minute_of_day": "09:15",
        "chinese_national": "false",
        "documents": ["foreign_passport"],
        "stay_days": "5",
    },
    "conditional",
    ("CN-FOR-01",),
    ("mainland_work_visa_or_residence_permit",),
    ("endorsement", "degree", "height_cm"),
)
LOAN = Asked(  # a Hong Kong parent lends CNY 30 million to its enterprise in the Shenzhen Park for two years
    "capital/hk-sz",
    {
        "transaction": "cross_border_loan",
        "financing_mode": "full_scope",
        "genuine_compliant": "true",
        "borrower_class": "enterprise",
        "net_assets_cny_cents": "20,000,000",
        "existing_weighted_cny_cents": "0",
        "amount_cny_cents": "30,000,000",
        "loan_foreign_currency": "false",
        "maturity_months": "24",
        "amount_hkd_cents": "33,000,000",
        "occasional_transaction": "false",
    },
    "conditional",
    ("CN-FSF-LIMIT", "CN-FSF-WEIGHT", "CN-FSF-WITHIN", "CN-DEBT-REGISTER", "CN-DEBT-ACCOUNTS"),
    ("safe_external_debt_registration", "audited_accounts"),
    ("cash_currency", "carrier_age", "fdi_negative_list"),
)
GRANT = Asked(  # a Hong Kong foundation remits a research grant to a research body that is no enterprise
    "capital/hk-sz",
    {
        "transaction": "research_funds",
        "genuine_compliant": "true",
        "amount_hkd_cents": "2,000,000",
        "occasional_transaction": "false",
        "research_body": "true",
        "funds_origin": "hong_kong",
    },
    "conditional",
    ("CN-KHT", "CN-KHT-REQ"),
    ("kehuitong_registration",),
    ("borrower_class", "carrier_age", "maturity_months"),
)
DRONE = Asked(  # a drone of a listed dual-use class flies over for two months of tests
    "materials/sz-hk",
    {
        "goods_kind": "equipment",
        "un_numbers": [],
        "transport_mode": "unmanned_aircraft",
        "dual_use_class": "other",
        "wmd_end_use": "false",
        "temporary": "test_or_repair",
        "penalised_exporter": "false",
        "hk_schedule": "none",
        "inspection_required": "false",
        "customs_white_list": "false",
    },
    "conditional",
    ("CN-DUR-19", "CN-DUR-24", "CN-UAV-1", "HK-448G-X"),
    (
        "mofcom_dual_use_export_voucher",
        "end_user_certificate",
        "ml_uav_flight_approval",
        "hk_cad_uas_permission",
    ),
    ("licence_changes", "human_genome_inside", "payment"),
)
TEN = {
    "blood": BLOOD,
    "server": SERVER,
    "antibody": ANTIBODY,
    "records": RECORDS,
    "dataset": DATASET,
    "commuter": COMMUTER,
    "professor": PROFESSOR,
    "loan": LOAN,
    "grant": GRANT,
    "drone": DRONE,
}


def _fields(form: str, asked: str, answer: str | list[str]) -> list[tuple[str, str]]:
    """The answer as the browser would send it: in the field that the page offers for the question."""
    name = next(
        n for n in re.findall(r'name="((?:facts|money|time)\.[^"]*)"', form)[::-1] if n.endswith("." + asked)
    )
    chosen = [answer] if isinstance(answer, str) else answer or ["null"]
    offered = re.findall(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', form)
    if 'type="radio"' in form or 'type="checkbox"' in form:
        assert set(chosen) <= {*offered, ""}, f"{asked} does not offer {chosen}"
    return [(name, value) for value in chosen]


def walk(stage: Stage, question: Asked, language: str) -> tuple[list[str], Shown]:
    """What was asked, in order, and the last page."""
    asked: list[str] = []
    query = f"on={DAY}"
    while len(asked) <= MOST_QUESTIONS:
        shown = stage.visit("sz", f"/check/{question.where}/?{query}", **{"Accept-Language": language})
        form = re.search(r'<form method="get" class="stack" id="question">(.*?)</form>', shown.html, re.S)
        if form is None:
            return asked, shown
        assert 'class="error"' not in form[1], f"{asked[-1]} was not understood"
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[1])
        stated = [(unescape(a), unescape(b)) for a, b in hidden if a != "asked"]
        now = dict(hidden)["asked"]
        assert now in question.answers, f"nobody expected to be asked {now}"
        asked.append(now)
        query = urlencode([*stated, *_fields(form[1], now, question.answers[now])])
    raise AssertionError(f"more than {MOST_QUESTIONS} questions: {asked}")


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("name", TEN)
def test_the_question_is_answered_with_the_law_that_governs_it(
    stage: Stage, name: str, language: str
) -> None:
    question, law = TEN[name], load()
    asked, shown = walk(stage, question, language)
    letter = shown.html.partition('id="letter"')[2].partition("</article>")[0]
    with override(language):
        assert str(STATUSES[question.outcome][2]) == re.findall(r'class="status.*?</svg>([^<]*)<', letter)[0]
    assert set(question.provisions) <= set(re.findall(r'<b class="code">([A-Z0-9-]+)</b>', letter))
    for measure in question.measures:
        assert law.measures[measure].name[language] in unescape(letter), measure
    assert not set(question.not_asked) & set(asked)


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("name", TEN)
def test_no_english_sentence_is_left_on_a_chinese_page(stage: Stage, name: str, language: str) -> None:
    _asked, shown = walk(stage, TEN[name], language)
    main = re.sub(r"<input[^>]*>", "", shown.html.partition("<main")[2].partition("</main>")[0])
    text = unescape(re.sub(r"<[^>]+>", "\n", main))
    assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", text) == []
