"""What the acts about a crossing may say, field by field, and why each field crosses the river."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from twoparks.federation import contracts as c
from twoparks.federation.types import Contract, Field, StoredAct

_MOST = 10**12
_NAME = c.pattern(r"[a-z0-9-]{3,60}", "an id of 3 to 60 small letters, digits and hyphens")
_NAME_OF_POINT = c.pattern(r"[a-z][a-z0-9_]{0,39}", "a control point of the vocabulary")
_PSEUDONYM = c.pattern(r"h-[0-9a-f]{16}", "the pseudonym of a person who crosses")
_MONTH = c.pattern(r"\d{4}-(0[1-9]|1[0-2])", "a month, as 2026-10")
_QUANTITY = c.mapping({"line": c.integer(1, 1000), "quantity": c.integer(0, _MOST)})
_QUANTITIES = c.list_of(_QUANTITY, 100)
_CROSSING = Field(_NAME, "the legs of one crossing are paired by it")
_CODE = Field(c.enum("short", "over", "overdue", "unannounced"), "both parks speak of the same discrepancy")

PASSED = {
    "crossing": _CROSSING,
    "leg": Field(c.enum("exit", "entry"), "exit and entry are recorded on different banks"),
    "gate": Field(_NAME, "the event can be asked for at this gate"),
    "group": Field(_NAME, "uses are counted by gate group"),
    "event_number": Field(c.integer(1, 2**31), "the gate's own signed event can be found"),
    "at": Field(c.instant(), "transit time is counted from it"),
    "version": Field(c.integer(1, 10_000), "which permit bytes were used"),
    "items": Field(_QUANTITIES, "quantities are written off and reconciled on both banks"),
    "labels_digest": Field(c.nullable(c.base64url(40)), "the same containers came in as went out"),
    "seal": Field(c.nullable(c.text(40)), "a broken seal is seen on the other bank"),
    "inspection": Field(
        c.nullable(c.enum("passed", "failed", "waived")), "the result travels with the goods"
    ),
}
DECLARED = {
    "crossing": _CROSSING,
    "version": Field(c.integer(1, 10_000), "which permit it is under"),
    "control_point": Field(_NAME_OF_POINT, "the other park sees why its gate saw nobody"),
    "at": Field(c.instant(), "the open stay ends then"),
}
DISCREPANCY_OPENED = {
    "crossing": _CROSSING,
    "code": _CODE,
    "owner": Field(c.pattern(r"[a-z][a-z0-9]{0,7}", "the id of a park"), "whose business it is"),
    "expected": Field(_QUANTITIES, "what left"),
    "found": Field(_QUANTITIES, "what came"),
}
DISCREPANCY_CLOSED = {
    "crossing": _CROSSING,
    "code": _CODE,
    "explanation": Field(c.text(2000), "the other park is told how it was explained"),
}
AT_HOME = {  # what concerns a person and the employer stays with them
    "person.counts_released": {
        "pseudonym": Field(_PSEUDONYM, ""),
        "employer": Field(_NAME, ""),
        "months": Field(c.list_of(_MONTH, 12, minimum=1), ""),
    },
    "person.counts_withdrawn": {"pseudonym": Field(_PSEUDONYM, ""), "employer": Field(_NAME, "")},
}


def register_contracts(apply: Callable[[StoredAct, datetime], None]) -> None:
    """Register every kind of act about crossings; `apply` takes those the other park sends."""
    for kind, fields in (
        ("crossing.passed", PASSED),
        ("crossing.declared", DECLARED),
        ("crossing.discrepancy_opened", DISCREPANCY_OPENED),
        ("crossing.discrepancy_closed", DISCREPANCY_CLOSED),
    ):
        c.register(Contract(kind, True, fields, apply))
    for kind, fields in AT_HOME.items():
        c.register(Contract(kind, False, fields, None))
