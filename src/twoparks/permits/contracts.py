"""What the acts about a permit may say, field by field, and why each field crosses the river."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from twoparks.federation import contracts as c
from twoparks.federation.types import Contract, Field, StoredAct

Apply = Callable[[StoredAct, datetime], None]

_MOST = 10**12
_ID = c.pattern(r"[a-z0-9-]{3,40}", "an id of 3 to 40 small letters, digits and hyphens")
_KEY = c.pattern(r"[a-z][a-z0-9_]{0,79}", "a key of the vocabulary")
_PARK = c.pattern(r"[a-z][a-z0-9]{0,7}", "the id of a park")
_PROVISIONS = c.list_of(c.pattern(r"[A-Za-z0-9._-]{1,80}", "the id of a provision"), 100)
_WORDS = c.dictionary(c.enum("en", "zh-Hant", "zh-Hans"), c.text(200), 3)
_PARTY = c.mapping({"park": _PARK, "id": _ID, "name": _WORDS})
_FACT = c.nullable(c.one_of(c.boolean(), c.integer(-_MOST, _MOST), c.text(80), c.list_of(c.text(80), 50)))
_EVIDENCE = c.mapping(
    {"measure": _KEY, "number": c.text(80, minimum=0), "authority": _KEY, "valid_until": c.nullable(c.date())}
)
_ITEM = c.mapping(
    {
        "line": c.integer(1, 1000),
        "description": c.text(200),
        "hs_code": c.pattern(r"\d{6}(\d{2}){0,2}", "a code of 6, 8 or 10 digits"),
        "origin": c.pattern(r"[A-Z]{2}", "an ISO 3166 code of two letters"),
        "quantity": c.integer(1, _MOST),
        "unit": c.text(12),
        "value_hkd_cents": c.integer(0, _MOST),
        "gross_mass_g": c.integer(0, _MOST),
        "net_mass_g": c.integer(0, _MOST),
        "un_number": c.nullable(c.text(20)),
    }
)
_GROUPS = c.list_of(c.text(40), 20, minimum=1)
_MINUTES = c.list_of(c.integer(0, 1440), 2, minimum=2)
_PSEUDONYM = c.pattern(r"h-[0-9a-f]{16}", "the pseudonym of a person who crosses")
_COMMON = {
    "crosses": c.text(12),
    "project": c.mapping({"id": _ID, "title": _WORDS}),
    "sender": _PARTY,
    "recipient": _PARTY,
    "facts": c.dictionary(_KEY, _FACT, 120),
    "evidence": c.list_of(_EVIDENCE, 100),
    "uses": c.nullable(c.integer(1, 1000)),
    "valid_from": c.date(),
    "valid_until": c.date(),
}
_GOODS = {
    **_COMMON,
    "flow": c.enum("materials"),
    "items": c.list_of(_ITEM, 100, minimum=1),
    "containers": c.list_of(c.text(40), 50, minimum=1),
    "seal": c.nullable(c.text(40)),
    "customs_declaration": c.nullable(c.text(40)),
    "route": c.mapping({"exit_group": c.text(40), "entry_group": c.text(40)}),
}
_NO_NUMBER = c.list_of(
    c.mapping(
        {
            "measure": _KEY,
            "number": c.pattern("", "no number: those of a person's documents never cross"),
            "authority": _KEY,
            "valid_until": c.nullable(c.date()),
        }
    ),
    100,
)
_PERSON = {
    **_COMMON,
    "flow": c.enum("personnel"),
    "evidence": _NO_NUMBER,
    "person": c.mapping({"pseudonym": _PSEUDONYM, "holder": c.base64url(22), "hours": c.nullable(_MINUTES)}),
    "route": c.mapping({"exit_groups": _GROUPS, "entry_groups": _GROUPS}),
}


def _declaration(value: object) -> str | None:
    """By what the declaration says it carries; a person's has no field that a name or a number would fit."""
    flow = value.get("flow") if isinstance(value, Mapping) else None
    return (_IS_PERSON if flow == "personnel" else _IS_GOODS)(value)


_IS_GOODS, _IS_PERSON = c.mapping(_GOODS), c.mapping(_PERSON)
_ITEM_TERMS = c.mapping({"line": c.integer(1, 1000), "quantity": c.integer(0, _MOST), "unit": c.text(12)})
_TERMS = c.mapping(
    {
        "items": c.list_of(_ITEM_TERMS, 100),
        "exit_groups": c.list_of(c.text(40), 20),
        "entry_groups": c.list_of(c.text(40), 20),
        "uses": c.nullable(c.integer(0, 1000)),
        "valid_from": c.instant(),
        "valid_until": c.instant(),
    },
    optional={"hours": _MINUTES},
)
_GROUND = c.mapping(
    {"measure": c.nullable(_KEY), "provision": c.nullable(c.text(80)), "authority": c.nullable(_KEY)}
)

_VERSION = Field(c.integer(1, 10_000), "both banks must speak of the same version")
_REASONS = Field(c.text(2000), "the applicant and the other park are told why")
_CITED = Field(_PROVISIONS, "a refusal names the law it rests on")
_TRIAL = Field(_ID, "both banks see that a law on trial was asked", optional=True)
_DIGEST = Field(c.digest(), "a clearance holds for these bytes and no others")

_FIELDS: Mapping[str, tuple[bool, Mapping[str, Field]]] = {
    "permit.declared": (
        True,
        {
            "version": _VERSION,
            "declaration": Field(_declaration, "the other bank's law is asked about it"),
            "trial": _TRIAL,
        },
    ),
    "permit.determined": (
        True,
        {
            "version": _VERSION,
            "bank": Field(_KEY, "whose law answered"),
            "outcome": Field(
                c.enum("clear", "conditional", "forbidden", "refer", "unknown"),
                "the other park sees where it stands",
            ),
            "pack_digest": Field(c.digest(), "which law: the answer can be made again"),
            "facts_digest": Field(c.digest(), "which facts: the answer can be made again"),
            "required": Field(
                c.list_of(c.mapping({"measure": _KEY, "held": c.boolean()}), 200),
                "the applicant is told what the other bank requires",
            ),
            "trial": _TRIAL,
        },
    ),
    "permit.register_checked": (
        False,
        {
            "version": _VERSION,
            "measure": Field(_KEY, ""),
            "register": Field(c.text(120), ""),
            "number": Field(c.text(80, minimum=0), ""),
            "answer": Field(c.enum("valid", "unknown", "expired", "revoked", "other_holder"), ""),
            "simulated": Field(c.boolean(), ""),
            "valid_until": Field(c.nullable(c.date()), ""),
        },
    ),
    "permit.decided": (
        False,
        {
            "version": _VERSION,
            "measure": Field(c.nullable(_KEY), ""),
            "provision": Field(c.nullable(c.text(80)), ""),
            "authority": Field(c.nullable(_KEY), ""),
            "decision": Field(c.enum("grant", "refuse", "ask"), ""),
            "reasons": Field(c.text(2000), ""),
            "provisions": Field(_PROVISIONS, ""),
            "number": Field(c.text(80, minimum=0), ""),
            "seen": Field(c.integer(1, 10**6), ""),
        },
    ),
    "permit.cleared": (
        True,
        {
            "version": _VERSION,
            "declaration_digest": _DIGEST,
            "terms": Field(_TERMS, "the permit is what both parks allow"),
            "status_place": Field(
                c.mapping({"list": c.integer(1, 10**6), "index": c.integer(0, 2**31)}),
                "both places stand in the permit's bytes",
            ),
            "grounds": Field(c.list_of(_GROUND, 200), "on whose decisions the clearance rests"),
            "seen": Field(c.integer(1, 10**6), "shows that nothing was decided blindly"),
        },
    ),
    "permit.refused": (
        True,
        {"version": _VERSION, "declaration_digest": _DIGEST, "reasons": _REASONS, "provisions": _CITED},
    ),
    "permit.signed": (
        True,
        {
            "version": _VERSION,
            "permit_digest": Field(c.digest(), "both parks must have signed the same bytes"),
            "signature_part": Field(c.base64url(400), "each park's gates verify both signatures"),
        },
    ),
    "permit.revoked": (True, {"version": _VERSION, "reasons": _REASONS}),
    "permit.withdrawn": (True, {"version": _VERSION}),
    "person.consented": (
        False,
        {
            "pseudonym": Field(_PSEUDONYM, ""),
            "recipient": Field(_ID, ""),
            "facts": Field(c.list_of(_KEY, 120), ""),
            "facts_digest": Field(c.digest(), ""),
        },
    ),
    "person.consent_withdrawn": (False, {"pseudonym": Field(_PSEUDONYM, "")}),
    "person.movements_read": (False, {"reasons": Field(c.text(2000), "")}),
}


def register_contracts(apply: Apply) -> None:
    """Register every kind of act about permits; `apply` takes those the other park sends."""
    for kind, (crosses, fields) in _FIELDS.items():
        c.register(Contract(kind, crosses, fields, apply if crosses else None))
