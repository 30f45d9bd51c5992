"""What the acts about a trial may say, field by field, and why each field crosses the river."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from twoparks.federation import contracts as c
from twoparks.federation.types import Contract, Field, StoredAct

MOST = 10**12
CHANGE_MAX = 20_000  # characters of a change's text
BENEFITS = ("working_minutes", "in_force", "clear_at_once")
HARMS = ("refused", "discrepancy", "recorded")
HOW = ("invited", "open", "lot")
KINDS = ("rule", "technology")
AFTERWARDS = ("stays", "revoked")
PROPOSALS = ("widen", "repeat", "end")
_KEY = c.pattern(r"[a-z][a-z0-9_]{0,79}", "a key of small letters, digits and underscores")
_ID = c.pattern(r"[a-z0-9-]{3,40}", "an id of 3 to 40 small letters, digits and hyphens")
_PARK = c.pattern(r"[a-z][a-z0-9]{0,7}", "the id of a park")
_WAY = c.pattern(r"[a-z0-9-]{3,12}", "a direction over the river")
_PER_MILLE = c.integer(1, 999)
_COUNTS = c.dictionary(_PARK, c.integer(0, MOST), 2)


def _words(most: int) -> c.Check:
    tongue = c.text(most)
    return c.mapping({"en": tongue, "zh-Hant": tongue, "zh-Hans": tongue})


_PROTOCOL = c.mapping(
    {
        "title": _words(200),
        "question": _words(600),
        "kind": c.enum(*KINDS),
        "change": c.text(CHANGE_MAX, minimum=0),
        "change_digest": c.digest(),
        "base_digest": c.digest(),
        "flow": _KEY,
        "crosses": c.nullable(_WAY),
        "authorities": c.dictionary(_KEY, c.list_of(_KEY, 12, minimum=1), 2),
        "participants": c.mapping(
            {
                "how": c.enum(*HOW),
                "organisations": c.list_of(_ID, 200),
                "sender_kinds": c.list_of(_KEY, 20),
                "places": _COUNTS,
                "drawn_per_mille": c.nullable(_PER_MILLE),
            }
        ),
        "caps": c.mapping(
            {
                "permits": _COUNTS,
                "per_participant": c.nullable(c.integer(1, 10**6)),
                "quantity": c.nullable(c.mapping({"counts": _KEY, "unit": c.text(12), "most": _COUNTS})),
            }
        ),
        "dates": c.mapping({"shadow_from": c.date(), "live_from": c.date(), "ends": c.date()}),
        "benefit": c.list_of(
            c.mapping({"key": _KEY, "words": _words(200), "counted": c.enum(*BENEFITS)}), 6, minimum=1
        ),
        "harm": c.list_of(
            c.mapping(
                {
                    "key": _KEY,
                    "words": _words(200),
                    "counted": c.enum(*HARMS),
                    "accepted_per_mille": _PER_MILLE,
                }
            ),
            6,
            minimum=1,
        ),
        "stop_rule": c.mapping(
            {"harm": _KEY, "error_per_mille": _PER_MILLE, "at_least": c.integer(1, 10**6)}
        ),
        "data_kept": c.mapping({"what": _words(600), "until": c.date()}),
        "when_stopped": c.enum(*AFTERWARDS),
        "assumed": c.list_of(c.text(80), 40),
    }
)
_FIGURE = c.one_of(c.integer(-MOST, MOST), c.text(80, minimum=0), c.boolean())
_FLAT = c.dictionary(c.text(80), c.nullable(_FIGURE), 60)
_FIGURES = c.dictionary(c.text(80), c.nullable(c.one_of(_FIGURE, _FLAT)), 60)
_VERSION = Field(c.integer(1, 1000), "both parks must speak of the same protocol")
_DIGEST = Field(c.digest(), "an answer holds for these bytes and no others")
_REASONS = Field(c.text(2000), "the other park is told why; no personal data belongs here")
_ORGANISATION = Field(_ID, "both banks' law must know whose declarations are on trial")

_FIELDS: Mapping[str, Mapping[str, Field]] = {
    "trial.filed": {
        "version": _VERSION,
        "protocol": Field(_PROTOCOL, "both parks sign the same protocol and run the same law"),
    },
    "trial.authority_agreed": {
        "version": _VERSION,
        "protocol_digest": _DIGEST,
        "authority": Field(_KEY, "a park signs once each authority it names has agreed"),
        "agrees": Field(c.boolean(), "the other park sees where it stands"),
        "reasons": _REASONS,
    },
    "trial.signed": {"version": _VERSION, "protocol_digest": _DIGEST},
    "trial.refused": {"version": _VERSION, "reasons": _REASONS},
    "trial.opened": {
        "version": _VERSION,
        "seen": Field(c.digest(), "which figures of the shadow run were seen before it decides"),
    },
    "trial.joined": {
        "organisation": _ORGANISATION,
        "sender_kind": Field(_KEY, "figures are told apart by kind of organisation"),
        "named": Field(c.boolean(), "whether the public register may name it"),
    },
    "trial.left": {"organisation": _ORGANISATION},
    "trial.harmed": {
        "permit": Field(c.nullable(_ID), "a permit counts once for each harm"),
        "measure": Field(_KEY, "harms are counted by measure at both parks"),
        "reasons": _REASONS,
    },
    "trial.stopped": {
        "version": _VERSION,
        "why": Field(c.enum("officer", "cap", "stop_rule", "law", "end"), "the other park stops as well"),
        "reasons": Field(c.text(2000, minimum=0), "the other park is told why"),
        "figures": Field(_FIGURES, "on what figures it was stopped"),
    },
    "trial.reported": {
        "proposal": Field(c.enum(*PROPOSALS), "both parks decide what follows"),
        "summary": Field(_words(2000), "both parks publish it in their register"),
        "figures": Field(_FIGURES, "both parks report the same figures"),
        "figures_digest": Field(c.digest(), "equal figures are shown to be equal"),
    },
}


def register_contracts(apply: Callable[[StoredAct, datetime], None]) -> None:
    """Register every kind of act about trials; `apply` takes those the other park sends."""
    for kind, fields in _FIELDS.items():
        c.register(Contract(kind, True, fields, apply))
