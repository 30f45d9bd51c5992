"""What a schedule may not end in, and the cases it is about: the work each park owes is stated here, not computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class Violation(AssertionError):
    """Something happened that must never happen."""


class NotRebuilt(Violation):
    """Rows of lists do not follow from the acts; also so when the code changed since a stage was made."""


def demand(holds: bool, *said: object) -> None:
    """Raise Violation with these words unless it holds."""
    if not holds:
        raise Violation(" ".join(map(str, said)))


@dataclass(frozen=True)
class Case:
    """One kind of consignment. `work` says, by park, which groups of measures its authorities must have granted."""

    example: str
    applicant: str
    home: str
    crosses: str
    gates: Mapping[str, str]  # leg -> gate
    work: Mapping[str, tuple[tuple[str, ...], ...]]
    forbidden: frozenset[str] = field(default_factory=frozenset)  # parks whose law forbids it


_SAMPLES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sz": (
        ("hgr_material_export_certificate",),
        ("customs_declaration",),
        ("customs_special_goods_quarantine_approval",),
        ("customs_quarantine_inspection",),
    ),
    "hk": (("hk_dh_biological_import_permit",),),
}
CASES: Mapping[str, Case] = {
    "reagents": Case(
        "reagents-to-hong-kong",
        "sz-biobank",
        "sz",
        "sz-hk",
        {"exit": "sz-gate1-exit-a", "entry": "hk-gate1-entry-a"},
        {"sz": (("customs_declaration",),), "hk": ()},
    ),
    "reference": Case(
        "samples-to-shenzhen",
        "hk-lab",
        "hk",
        "hk-sz",
        {"exit": "hk-gate1-exit-a", "entry": "sz-gate1-entry-a"},
        {"sz": (("customs_declaration", "centralised_declaration"),), "hk": ()},
    ),
    "samples": Case(
        "samples-to-hong-kong",
        "sz-lab",
        "sz",
        "sz-hk",
        {"exit": "sz-huanggang-exit-a", "entry": "hk-lokmachau-entry-a"},
        _SAMPLES,
    ),
    "sale": Case(
        "samples-for-sale",
        "sz-lab",
        "sz",
        "sz-hk",
        {"exit": "sz-huanggang-exit-a", "entry": "hk-lokmachau-entry-a"},
        {"sz": _SAMPLES["sz"], "hk": ()},
        frozenset({"sz"}),
    ),
}
OFFICERS: Mapping[str, tuple[str, str]] = {  # measure -> its authority and that authority's officer
    "hgr_material_export_certificate": ("nhc", "sz-nhc"),
    "customs_declaration": ("customs_ml", "sz-customs"),
    "centralised_declaration": ("customs_ml", "sz-customs"),
    "customs_special_goods_quarantine_approval": ("customs_ml", "sz-customs"),
    "customs_quarantine_inspection": ("customs_ml", "sz-customs"),
    "hk_dh_biological_import_permit": ("dh", "hk-dh"),
}
