"""The text of a drafted change: read as law over the packs, and edited one rule at a time without touching the rest of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

from twoparks.law.amend import amended
from twoparks.law.pack import DatedParameter, Law, PackError, ParameterValue, Provision
from twoparks.law.source import compose, plain
from twoparks.law.zone import Zone
from twoparks.packs import load

KEYS = {"parameters": "name", "provisions": "id", "instruments": "key", "definitions": "name"}
"""The lists of a change and what names an item in each."""

PROPOSED = "proposed"  # the source of a value that no text of law gives yet
MOST_CHARACTERS = 60_000
MOST_ALTERNATIVES = 3
_PLACE = re.compile(r"change:(\d+):(\d+): (.*)", re.DOTALL)


class Fault(NamedTuple):
    """What is wrong with a change's text, and where; no line where it shows in the law that was there before."""

    line: int | None
    column: int | None
    says: str


class Rule(NamedTuple):
    """One thing a change does to the law: a parameter, provision, definition or instrument before and after."""

    section: str
    key: str
    before: Any  # Any: what the section holds, or None where the change adds it
    after: Any  # Any: likewise, or None where the change drops it


def faults(text: str) -> tuple[Fault, ...]:
    """What keeps the text from being law, by line; nothing where it can be asked."""
    if not text.strip():
        return ()
    try:
        zone_with(text)
    except PackError as error:
        return tuple(_fault(line) for line in str(error).splitlines() if line)
    return ()


def _fault(line: str) -> Fault:
    found = _PLACE.fullmatch(line)
    return Fault(int(found[1]), int(found[2]), found[3]) if found else Fault(None, None, line)


def zone_with(text: str) -> Zone:
    """The packs with the change laid over them, as it would decide; the packs themselves where it says nothing."""
    return _zone_with(load().digest, text) if text.strip() else load()


@lru_cache(maxsize=32)
def _zone_with(digest: str, text: str) -> Zone:
    return Zone(amended(load().law, text, live=True))


def changed_rules(text: str) -> tuple[Rule, ...]:
    """What the change does to the law, parameters first; PackError where it cannot be read."""
    old, new = load().law, zone_with(text).law
    found = []
    for section in ("parameters", "definitions", "provisions", "instruments"):
        before, after = _held(old, section), _held(new, section)
        keys = dict.fromkeys((*before, *after))
        found += [
            Rule(section, key, before.get(key), after.get(key))
            for key in keys
            if not _same(before, after, key)
        ]
    provisions = {rule.after.instrument for rule in found if rule.section == "provisions" and rule.after}
    return tuple(rule for rule in found if rule.section != "instruments" or rule.key not in provisions)


def touched(text: str) -> frozenset[str]:
    """The provisions and parameters that a change adds, replaces or drops."""
    return frozenset(rule.key for rule in changed_rules(text))


def begins_on(text: str) -> date | None:
    """The first day on which the change says something new; None where that is not dated, or nothing can be read."""
    try:
        rules = changed_rules(text)
    except PackError:
        return None
    days = [
        value.in_force.from_on
        for rule in rules
        if isinstance(rule.after, DatedParameter)
        for value in rule.after.values
        if rule.before is None or value not in rule.before.values
    ]
    return max((day for day in days if day is not None), default=None)


def _held(law: Law, section: str) -> Mapping[str, Any]:
    if section == "definitions":
        return {f"{item.name} {item.in_force.from_on or ''}".strip(): item for item in law.definitions}
    if section == "provisions":
        return {provision.id: provision for provision in law.provisions}
    found: Mapping[str, Any] = getattr(law, section)
    return found


def _same(before: Mapping[str, Any], after: Mapping[str, Any], key: str) -> bool:
    """Whether a rule says the same in both; where it stands is no matter."""
    if key not in before or key not in after:
        return False
    old, new = before[key], after[key]
    return old is new or (hasattr(old, "place") and replace(old, place=new.place) == new)


# ---- editing


def with_item(text: str, section: str, item: Mapping[str, Any]) -> str:
    """The text in which `item` stands in its section, in the place of the one of that name or after the others."""
    key = str(item[KEYS[section]])
    lines, written = text.splitlines(), _written([item])
    root = compose(text, "change") if text.strip() and text.strip() != "{}" else None
    if not isinstance(root, yaml.MappingNode):
        return "\n".join([f"{section}:", *written]) + "\n"
    found = _section(root, section)
    if root.flow_style or (found is not None and found.flow_style):
        return _written_anew(root, section, key, item)
    if found is None:
        return "\n".join([*lines, f"{section}:", *written]) + "\n"
    begins, ends = _lines_of(found, section, key, len(lines))
    return "\n".join([*lines[:begins], *written, *lines[ends:]]) + "\n"


def without_item(text: str, section: str, key: str) -> str:
    """The text without that item; without its section where nothing is left in it."""
    root = compose(text, "change")
    found = _section(root, section) if isinstance(root, yaml.MappingNode) else None
    if not isinstance(root, yaml.MappingNode) or found is None:
        return text
    if found.flow_style or root.flow_style:
        return _written_anew(root, section, key, None)
    lines = text.splitlines()
    begins, ends = _lines_of(found, section, key, len(lines))
    if len(found.value) == 1 and begins < ends:
        begins = next(name.start_mark.line for name, _value in root.value if name.value == section)
    kept = [*lines[:begins], *lines[ends:]]
    return "\n".join(kept) + "\n" if kept else ""


def dropping(text: str, key: str, *, drops: bool = True) -> str:
    """The text that takes a rule of the law away, or no longer does."""
    content: dict[str, Any] = dict(_mapping(compose(text, "change"))) if text.strip() else {}
    kept = [name for name in content.pop("drop", []) if name != key]
    content |= {"drop": [*kept, key]} if drops else ({"drop": kept} if kept else {})
    return _dumped(content) if content else ""


def _mapping(root: yaml.Node) -> Mapping[str, Any]:
    found = plain(root)
    return found if isinstance(found, dict) else {}


def _section(root: yaml.MappingNode, section: str) -> yaml.SequenceNode | None:
    found = next((value for name, value in root.value if name.value == section), None)
    return found if isinstance(found, yaml.SequenceNode) and found.value else None


def _lines_of(found: yaml.SequenceNode, section: str, key: str, last: int) -> tuple[int, int]:
    """The lines of the item of that name; where it would stand if there is none."""
    starts = [item.start_mark.line for item in found.value]
    ends = [*starts[1:], min(found.end_mark.line + (found.end_mark.column > 0), last)]
    for item, begin, end in zip(found.value, starts, ends, strict=True):
        if str(_mapping(item).get(KEYS[section])) == key:
            return begin, end
    return ends[-1], ends[-1]


def _written_anew(root: yaml.Node, section: str, key: str, item: Mapping[str, Any] | None) -> str:
    content = dict(_mapping(root))
    kept = [each for each in content.get(section) or [] if str(each.get(KEYS[section])) != key]
    content[section] = [*kept, *([item] if item else [])]
    content = {name: value for name, value in content.items() if value}
    return _dumped(content) if content else ""


class _Dumper(yaml.SafeDumper):
    """Days are written without quotes, as packs do."""


_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeDumper.yaml_implicit_resolvers.items()
}


def _dumped(content: object) -> str:
    return yaml.dump(
        content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=None
    )


def _written(items: list[Mapping[str, Any]]) -> list[str]:
    return [f"  {line}" for line in _dumped(items).splitlines()]


# ---- rules of the law as items of a change


def parameter_item(known: DatedParameter, value: int | date, begins: date) -> dict[str, Any]:
    """The parameter as it is until that day, and with the new value from it on."""
    values: list[dict[str, Any]] = []
    until = None
    for old in known.values:
        first, last = old.in_force
        if first is not None and first >= begins:
            continue
        if last is None or last > begins:
            until, last = last, begins
        values.append(_value(old, [_day(first), _day(last)]))
    values.append(
        {
            "in_force": [begins.isoformat(), _day(until)],
            "value": _plain(value),
            "source": PROPOSED,
            "confidence": "S",
        }
    )
    named = {"name": known.name, "type": known.type, **({"unit": known.unit} if known.unit else {})}
    return {**named, "says": dict(known.says), "values": values}


def _value(old: ParameterValue, in_force: list[str | None]) -> dict[str, Any]:
    item = {"in_force": in_force, "value": _plain(old.value), "source": old.source}
    return {**item, **({"article": old.article} if old.article else {}), "confidence": old.confidence}


def provision_item(known: Provision) -> dict[str, Any]:
    """The provision as a change may restate it, for participants of a trial: whatever its instrument gave it stands in it."""
    item: dict[str, Any] = {
        "id": known.id,
        "instrument": known.instrument,
        "article": known.article,
        "flow": list(known.flows),
        "crosses": list(known.crosses),
        "when": known.when.text,
        **effect_item(known),
    }
    item |= {"unless": list(known.unless)} if known.unless else {}
    item |= {"route": known.route} if known.route else {}
    item |= (
        {"in_force": [_day(known.in_force.from_on), _day(known.in_force.until_on)]}
        if any(known.in_force)
        else {}
    )
    item |= {"authority": known.authority} if known.authority and known.effect.kind != "refer" else {}
    return {**item, "status": "pilot", "confidence": known.confidence, "says": dict(known.says)}


def effect_item(known: Provision) -> dict[str, Any]:
    """The one effect of a provision as packs write it."""
    effect = known.effect
    match effect.kind:
        case "state":
            return {"state": True}
        case "refer":
            return {"refer": effect.authority}
        case "compute":
            steps = [{"name": s.name, "value": s.value.text, "says": dict(s.says)} for s in effect.steps]
            assert effect.value is not None
            value = {"key": effect.result, "value": effect.value.text}
            return {"compute": {**value, **({"steps": steps} if steps else {})}}
        case "forbid" if not effect.measures:
            return {"forbid": "movement"}
    measures: object = {"one_of": list(effect.measures)} if effect.one_of else list(effect.measures)
    return {effect.kind: measures, **({"afresh": True} if effect.afresh else {})}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: int | date) -> int | str:
    return value.isoformat() if isinstance(value, date) else value
