"""Words a protocol begins with, in three languages; a protocol carries its words, so they are not in the catalogues."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

MEASURES: Mapping[str, Words] = {
    "working_minutes": {
        "en": "Time on working days from declaration to permit",
        "zh-Hant": "由申報至許可生效在工作日所需的時間",
        "zh-Hans": "从申报到许可生效在工作日所需的时间",
    },
    "in_force": {
        "en": "Declarations that come into force",
        "zh-Hant": "最終生效的申報",
        "zh-Hans": "最终生效的申报",
    },
    "clear_at_once": {
        "en": "Declarations that the law clears at once",
        "zh-Hant": "法律即時准許的申報",
        "zh-Hans": "法律即时准许的申报",
    },
    "refused": {
        "en": "Declarations refused after review",
        "zh-Hant": "經審查後被拒的申報",
        "zh-Hans": "经审查后被拒的申报",
    },
    "discrepancy": {
        "en": "Crossings with a discrepancy",
        "zh-Hant": "出現不符的過關",
        "zh-Hans": "出现不一致的通关",
    },
    "recorded": {
        "en": "Harm that an officer records",
        "zh-Hant": "人員所記錄的損害",
        "zh-Hans": "人员所记录的损害",
    },
}
DATA_KEPT: Words = {
    "en": "Outcomes and counts of the permits in scope; no personal data.",
    "zh-Hant": "範圍內各項許可的結果及數目；不含個人資料。",
    "zh-Hans": "范围内各项许可的结果和数量；不含个人信息。",
}
