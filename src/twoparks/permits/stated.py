"""Facts as typed, read against the law's vocabulary, and those that the declaration itself already says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from twoparks.law.facts import plain, read
from twoparks.law.pack import FactSpec
from twoparks.law.zone import Zone as Law
from twoparks.packs import load
from twoparks.permits.accepted import accepted
from twoparks.permits.carried import Carried
from twoparks.permits.flows import Flow
from twoparks.permits.reading import Reader

SAID_ELSEWHERE = frozenset(
    {"flow", "crosses", "on", "held"}
)  # every declaration says these outside its facts
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def stated_facts(reader: Reader, raw: object, flow: Flow, carries: Carried, law: Law) -> dict[str, Any]:
    """The facts as JSON, those that what is carried settles included; every problem goes to `reader`."""
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping):
        reader.wrong("facts", raw, _("give names and values"))
        return {}
    elsewhere = SAID_ELSEWHERE | flow.said
    known = {name: spec for name, spec in law.facts_of(flow.key).items() if name not in elsewhere}
    typed = {}
    for name, value in raw.items():
        if name in elsewhere:
            reader.wrong(f"facts.{name}", value, _("the declaration says this by itself; leave it out here"))
        elif value != "":
            typed[name] = typed_value(value, known[name]) if name in known else value
    values, problems = read(typed, known)
    for problem in problems:
        reader.wrong(f"facts.{problem.name}", problem.value, accepted(problem))
    stated = {name: plain(value, known[name].type) for name, value in values.items()}
    for name, value in flow.derived(carries).items():
        if name in known and stated.setdefault(name, value) != value:
            says = _("the items say %(value)s; leave this fact out or mend the items")
            reader.wrong(f"facts.{name}", stated[name], says % {"value": value})
    return stated


def usable(
    given: Mapping[str, object],
    flow: str,
    crosses: str,
    on: date,
    elsewhere: Iterable[str] = SAID_ELSEWHERE,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts given that the law can read, in their types; and of each that it cannot, what would be accepted."""
    specs, left_out = load().facts_of(flow), set(elsewhere)
    typed = {n: typed_value(v, specs[n]) for n, v in given.items() if n in specs and n not in left_out}
    problems = load().check_facts({**typed, "flow": flow, "crosses": crosses, "on": on})
    wrong = {problem.name: problem.accepted for problem in problems}
    return {name: value for name, value in typed.items() if name not in wrong}, wrong


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
