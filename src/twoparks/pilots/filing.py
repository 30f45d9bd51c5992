"""Reading a protocol as it was typed or sent: every problem at once, each with its field and what would be accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _

from twoparks.packs import load
from twoparks.permits.reading import Reader
from twoparks.pilots import checking, trial_law
from twoparks.pilots import contracts as c
from twoparks.pilots import protocol as p
from twoparks.pilots.types import (
    Benefit,
    Harm,
    Participants,
    Protocol,
    Quantity,
    StopRule,
    Words,
)
from twoparks.registry.zone import LANGUAGES, zone

FIELDS = frozenset(
    {
        *("title", "question", "kind", "change", "flow", "crosses", "authorities", "participants", "caps"),
        *("dates", "benefit", "harm", "stop_rule", "data_kept", "when_stopped", "assumed"),
    }
)


def read_protocol(raw: Mapping[str, Any]) -> Protocol:
    """The protocol in `raw`, laid out as `trial.filed` carries it but for the digests; raises Invalid."""
    reader = Reader()
    reader.only(raw, FIELDS | {"change_digest", "base_digest"})
    made = _protocol(reader, raw)
    told = {problem.path for problem in reader.problems}
    for fault in checking.faults(made, zone(), load()):
        if fault.path not in told:
            reader.wrong(fault.path, fault.value, fault.accepted)
    if made.kind == "rule" and (objection := trial_law.fits(made)) is not None:
        reader.wrong("change", None, objection)
    reader.done()
    return made


def read_report(raw: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """What is proposed and the summary in three languages; raises Invalid."""
    reader = Reader()
    reader.only(raw, {"proposal", "summary"})
    proposal = reader.choice(raw.get("proposal"), "proposal", c.PROPOSALS)
    summary = dict(_words(reader, raw.get("summary"), "summary", 2000))
    reader.done()
    return proposal, summary


def _protocol(reader: Reader, raw: Mapping[str, Any]) -> Protocol:
    kind = reader.choice(raw.get("kind", "rule"), "kind", c.KINDS)
    change = _lines(reader, raw.get("change"), "change", c.CHANGE_MAX)
    caps, dates = _part(reader, raw, "caps"), _part(reader, raw, "dates")
    kept, rule = _part(reader, raw, "data_kept"), _part(reader, raw, "stop_rule")
    most = caps.get("per_participant")
    shares = _by_park(reader, caps.get("permits"), "caps.permits")
    return Protocol(
        title=_words(reader, raw.get("title"), "title", 200),
        question=_words(reader, raw.get("question"), "question", 600),
        kind=cast(Any, kind),  # Any: one of the two words, or a problem is noted
        change=change,
        change_digest=p.change_digest(change),
        base_digest=load().digest,
        flow=reader.choice(raw.get("flow"), "flow", load().flows),
        crosses=reader.choice(raw["crosses"], "crosses", tuple(zone().directions))
        if raw.get("crosses")
        else None,
        authorities=_authorities(reader, _part(reader, raw, "authorities")),
        participants=_participants(reader, _part(reader, raw, "participants")),
        permits=shares,
        per_participant=reader.whole(most, "caps.per_participant", 1, 10**6)
        if most not in (None, "")
        else None,
        quantity=_quantity(reader, caps.get("quantity")),
        shadow_from=_day(reader, dates, "dates", "shadow_from"),
        live_from=_day(reader, dates, "dates", "live_from"),
        ends=_day(reader, dates, "dates", "ends"),
        benefit=tuple(
            Benefit(*_measure(reader, row, f"benefit.{n}", c.BENEFITS))
            for n, row in enumerate(reader.rows(raw.get("benefit"), "benefit", 1, 6), 1)
        ),
        harm=tuple(
            Harm(
                *_measure(reader, row, f"harm.{n}", c.HARMS),
                _rate(reader, row, f"harm.{n}.accepted_per_mille"),
            )
            for n, row in enumerate(reader.rows(raw.get("harm"), "harm", 1, 6), 1)
        ),
        stop_rule=StopRule(
            harm=reader.text(rule.get("harm"), "stop_rule.harm", 80),
            error_per_mille=reader.whole(rule.get("error_per_mille"), "stop_rule.error_per_mille", 1, 500),
            at_least=reader.whole(rule.get("at_least"), "stop_rule.at_least", 1, 10**6),
        ),
        data_kept=_words(reader, kept.get("what"), "data_kept.what", 600),
        data_until=_day(reader, kept, "data_kept", "until"),
        when_stopped=cast(Any, reader.choice(raw.get("when_stopped"), "when_stopped", c.AFTERWARDS)),
        assumed=_texts(reader, raw.get("assumed"), "assumed", 40),
    )


def _part(reader: Reader, raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = raw.get(name)
    if isinstance(part, Mapping):
        return part
    reader.wrong(name, part, _("give its fields by name"))
    return {}


def _words(reader: Reader, raw: object, path: str, most: int) -> Words:
    given = raw if isinstance(raw, Mapping) else {}
    reader.only(given, LANGUAGES, f"{path}.")
    return {tongue: _said(reader, given.get(tongue), f"{path}.{tongue}", most) for tongue in LANGUAGES}


def _said(reader: Reader, value: object, path: str, most: int) -> str:
    """Plain text in one language, over several lines if need be; it has to be there."""
    text = _lines(reader, value, path, most).strip()
    if not text:
        reader.wrong(
            path, None, _("say it in this language too; at most %(most)d characters") % {"most": most}
        )
    return text


def _lines(reader: Reader, value: object, path: str, most: int) -> str:
    text = "" if value is None else str(value).replace("\r\n", "\n")
    if isinstance(value, Mapping | list):
        reader.wrong(path, value, _("give plain text"))
    elif len(text) > most:
        reader.wrong(path, None, _("at most %(most)d characters") % {"most": most})
    elif any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        reader.wrong(path, None, _("give plain text"))
    return text


def _authorities(reader: Reader, raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(bank): _texts(reader, keys, f"authorities.{bank}", 12) for bank, keys in raw.items()}


def _participants(reader: Reader, raw: Mapping[str, Any]) -> Participants:
    share = raw.get("drawn_per_mille")
    at = "participants."
    return Participants(
        how=cast(Any, reader.choice(raw.get("how"), f"{at}how", c.HOW)),  # Any: as above
        organisations=_texts(reader, raw.get("organisations"), f"{at}organisations", 200),
        sender_kinds=_texts(reader, raw.get("sender_kinds"), f"{at}sender_kinds", 20),
        places=_by_park(reader, raw.get("places"), f"{at}places"),
        drawn_per_mille=None if share in (None, "") else reader.whole(share, f"{at}drawn_per_mille", 1, 999),
    )


def _quantity(reader: Reader, raw: object) -> Quantity | None:
    if not raw:
        return None
    given = raw if isinstance(raw, Mapping) else {}
    at = "caps.quantity."
    return Quantity(
        counts=reader.text(given.get("counts"), f"{at}counts", 80),
        unit=reader.text(given.get("unit"), f"{at}unit", 12),
        most=_by_park(reader, given.get("most"), f"{at}most"),
    )


def _by_park(reader: Reader, raw: object, path: str) -> dict[str, int]:
    given = raw if isinstance(raw, Mapping) else {}
    reader.only(given, zone().parks, f"{path}.")
    return {str(park): reader.whole(given.get(park), f"{path}.{park}", 0, c.MOST) for park in zone().parks}


def _measure(
    reader: Reader, row: Mapping[str, Any], path: str, counted: tuple[str, ...]
) -> tuple[str, Words, str]:
    reader.only(row, {"key", "words", "counted", "accepted_per_mille"}, f"{path}.")
    key = reader.text(row.get("key"), f"{path}.key", 80)
    if key and not re.fullmatch(r"[a-z][a-z0-9_]*", key):
        reader.wrong(f"{path}.key", key, _("use small letters, digits and underscores"))
    words = _words(reader, row.get("words"), f"{path}.words", 200)
    return key, words, reader.choice(row.get("counted"), f"{path}.counted", counted)


def _rate(reader: Reader, row: Mapping[str, Any], path: str) -> int:
    return reader.whole(row.get("accepted_per_mille"), path, 1, 999)


def _day(reader: Reader, part: Mapping[str, Any], name: str, key: str) -> date:
    return reader.day(part.get(key), f"{name}.{key}") or date(1970, 1, 1)


def _texts(reader: Reader, raw: object, path: str, most: int) -> tuple[str, ...]:
    given = [] if raw in (None, "") else raw
    if not isinstance(given, list | tuple) or len(given) > most:
        reader.wrong(path, None, _("give a list of at most %(most)d entries") % {"most": most})
        return ()
    return tuple(dict.fromkeys(reader.text(each, f"{path}.{n}", 80) for n, each in enumerate(given, 1)))
