"""Facts as typed, read against the law's vocabulary, and those that the declaration itself already says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from twoparks.law.facts import plain, read
from twoparks.law.pack import FactSpec
from twoparks.permits.reading import Reader
from twoparks.permits.types import Item

SAID_ELSEWHERE = ("flow", "crosses", "on", "held")  # the declaration says these outside its facts
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def stated_facts(
    reader: Reader, raw: object, items: Sequence[Item], specs: Mapping[str, FactSpec]
) -> dict[str, Any]:
    """The facts as JSON, derived ones included; every problem goes to `reader`."""
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        reader.wrong("facts", raw, _("give names and values"))
        return {}
    known = {name: spec for name, spec in specs.items() if name not in SAID_ELSEWHERE}
    typed = {}
    for name, value in raw.items():
        if name in SAID_ELSEWHERE:
            reader.wrong(f"facts.{name}", value, _("the declaration says this by itself; leave it out here"))
        elif value != "":
            typed[name] = typed_value(value, known[name]) if name in known else value
    values, problems = read(typed, known)
    for problem in problems:
        reader.wrong(f"facts.{problem.name}", problem.value, problem.accepted)
    stated = {name: plain(value, known[name].type) for name, value in values.items()}
    for name, value in derived(items).items():
        if name in known and stated.setdefault(name, value) != value:
            accepted = _("the items say %(value)s; leave this fact out or mend the items")
            reader.wrong(f"facts.{name}", stated[name], accepted % {"value": value})
    return stated


def derived(items: Sequence[Item]) -> dict[str, Any]:
    """Facts that the list of goods settles by itself."""
    return {
        "value_hkd_cents": sum(item.value_hkd_cents for item in items),
        "un_numbers": sorted({item.un_number for item in items if item.un_number is not None}),
    }


def typed_value(value: object, spec: FactSpec) -> object:
    """A value as a form sends it (text, or a list of texts) in the type of its fact; anything else is left as it is."""
    if isinstance(value, str):
        text = value.strip()
        if spec.type == "bool":
            return _WORDS.get(text.lower(), text)
        if spec.type == "int" and text.lstrip("+-").isdigit():
            return int(text)
        if spec.type == "set":
            return [part.strip() for part in text.split(",") if part.strip()]
        if spec.nullable and text.lower() in {"null", "none"} and text not in spec.values:
            return None
        return text
    if isinstance(value, list) and spec.type != "set" and len(value) == 1:
        return typed_value(value[0], spec)
    return value
