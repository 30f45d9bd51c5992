"""The declaration form: which fields stand in which section, how each is asked, and what a posted form says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twoparks.law.pack import FactSpec
from twoparks.permits.carried import UNITS
from twoparks.permits.reading import place
from twoparks.permits.types import Problem
from twoparks.permits.units import CENTS, MINUTES, cents, measured, minutes, unit_words
from twoparks.registry.words import words
from twoparks.registry.zone import zone

Content = dict[str, Any]

_ROUTE = {"uses": "route", "valid_from": "route", "valid_until": "route"}
_COMMON = {"facts": "questions", "evidence": "approvals", **_ROUTE}
_SECTIONS: Mapping[str, Mapping[str, object]] = {
    "materials": {
        "goods": gettext_lazy("The goods"),
        "questions": gettext_lazy("What the law asks"),
        "approvals": gettext_lazy("Approvals and own steps"),
        "route": gettext_lazy("Route and days"),
    },
    "personnel": {
        "person": gettext_lazy("The person"),
        "questions": gettext_lazy("What the law asks"),
        "approvals": gettext_lazy("Documents and own steps"),
        "route": gettext_lazy("Gates, hours and days"),
    },
}
_SECTION_OF: Mapping[str, Mapping[str, str]] = {
    "materials": {
        **dict.fromkeys(("items", "containers", "seal", "customs_declaration"), "goods"),
        "route": "route",
        **_COMMON,
    },
    "personnel": {
        "person": "person",
        "consent": "person",
        "control_points": "route",
        "hours": "route",
        **_COMMON,
    },
}
ITEM_FIELDS = {
    "description": gettext_lazy("Description"),
    "hs_code": gettext_lazy("HS code"),
    "origin": gettext_lazy("Origin"),
    "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"),
    "value_hkd_cents": gettext_lazy("Value in HKD"),
    "gross_mass_g": gettext_lazy("Gross mass in grams"),
    "net_mass_g": gettext_lazy("Net mass in grams"),
    "un_number": gettext_lazy("Dangerous-goods class"),
}
FIELDS = {
    "items": gettext_lazy("Goods"),
    "containers": gettext_lazy("Container labels"),
    "seal": gettext_lazy("Seal number"),
    "customs_declaration": gettext_lazy("Customs declaration number"),
    "person": gettext_lazy("The person"),
    "consent": gettext_lazy("Consent"),
    "control_points": gettext_lazy("Control points"),
    "hours": gettext_lazy("Hours"),
    "evidence": gettext_lazy("Approvals relied on"),
    "route": gettext_lazy("Route"),
    "uses": gettext_lazy("Number of uses"),
    "valid_from": gettext_lazy("First day"),
    "valid_until": gettext_lazy("Last day"),
}
FEW = 7  # up to so many choices are shown at once, more are folded into a list
NONE = "null"  # what a form sends for "there is none"
FACTS, MONEY, TIME = (
    "facts.",
    "money.",
    "time.",
)  # money is typed in whole currency, a time as hours and minutes


def sections(flow: str) -> Mapping[str, object]:
    """The sections of the form for a flow, with their titles, in the order they are filled in."""
    return _SECTIONS[flow]


def section_of(flow: str) -> Mapping[str, str]:
    """In which section each field of a declaration of that flow is asked."""
    return _SECTION_OF[flow]


@dataclass(frozen=True)
class Choice:
    """One answer that can be picked."""

    value: str
    label: str
    picked: bool


@dataclass(frozen=True)
class Asked:
    """One question as the page shows it."""

    name: str  # of the form field
    label: str
    help: str
    kind: str  # radios, select, checks, number, time, date or text
    value: str = ""
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    says: str = ""  # what is wrong with the answer
    answered: bool = False

    @property
    def id(self) -> str:
        """The element that an error summary links to."""
        return f"f-facts-{self.short}"

    @property
    def short(self) -> str:
        """The name of the fact alone."""
        return self.name.rpartition(".")[2]


def asked(spec: FactSpec, facts: Mapping[str, Any], problems: Iterable[Problem] = ()) -> Asked:
    """The question for one fact with its answer so far."""
    there, value = spec.name in facts, facts.get(spec.name)
    says = next((p.says for p in problems if p.path == f"{FACTS}{spec.name}"), "")
    kind, choices = _kind(spec), _choices(spec, there, value)
    prefix = MONEY if spec.unit in CENTS else TIME if kind == "time" else FACTS
    return Asked(
        name=f"{prefix}{spec.name}",
        label=words(spec.question) or spec.meaning,
        help=words(spec.help),
        kind=kind,
        value=_shown(spec, value),
        choices=choices,
        unit="" if kind == "time" else unit_words(spec.unit),
        says=says,
        answered=there,
    )


def _shown(spec: FactSpec, value: object) -> str:
    """The answer as its field holds it."""
    if value is None or isinstance(value, list):
        return ""
    if spec.unit == MINUTES:
        return measured(value, MINUTES)
    return dollars(value) if spec.unit in CENTS else str(value)


def in_words(spec: FactSpec, value: object) -> str:
    """An answer as the form would show it."""
    if isinstance(value, frozenset | set | tuple):
        value = sorted(value)
    picked = [choice.label for choice in _choices(spec, True, value) if choice.picked]
    return _(", ").join(picked) if picked else measured(value, spec.unit)


def labelled(problem: Problem, specs: Mapping[str, FactSpec]) -> str:
    """The problem in the words of the form: its field by the label or question, not by its name."""
    parts = problem.path.split(".")
    label = ""
    if parts[0] == "facts" and len(parts) > 1 and parts[1] in specs:
        label = words(specs[parts[1]].question)
    elif parts[0] == "items" and len(parts) == 3 and parts[2] in ITEM_FIELDS:
        label = _("Line %(n)s") % {"n": parts[1]} + ", " + str(ITEM_FIELDS[parts[2]])
    elif parts[0] in FIELDS:
        label = str(FIELDS[parts[0]]) + "".join(f" {n}" for n in parts[1:] if n.isdigit())
    prefix = place(problem.path)
    return label + problem.says[len(prefix) :] if label and problem.says.startswith(prefix) else problem.says


def _kind(spec: FactSpec) -> str:
    if spec.type == "set":
        return "checks"
    if spec.type == "bool" or (spec.type == "enum" and len(spec.values) <= FEW):
        return "radios"
    if spec.unit == MINUTES:
        return "time"
    return {"enum": "select", "int": "number", "date": "date"}.get(spec.type, "text")


def _choices(spec: FactSpec, there: bool, value: object) -> tuple[Choice, ...]:
    if spec.type == "bool":
        found = [("true", _("Yes"), value is True), ("false", _("No"), value is False)]
    elif spec.type in {"enum", "set"}:
        picked = value if isinstance(value, list) else [value]
        found = [(v, words(spec.value_labels.get(v)) or v, v in picked) for v in spec.values]
        if spec.type == "set":
            found.append((NONE, _("None of these"), there and value == []))
    else:
        return ()
    if spec.nullable:
        found.append((NONE, _("There is none"), there and value is None))
    return tuple(Choice(*choice) for choice in found)


def read(section: str, posted: QueryDict, content: Content) -> Content:
    """The draft's content with what this section's form said."""
    return {**content, **_READERS[(content["flow"], section)](posted, content)}


def _goods(posted: QueryDict, content: Content) -> Content:
    rows: dict[int, dict[str, Any]] = {}
    for name, value in posted.items():
        found = re.fullmatch(r"items\.(\d{1,3})\.(\w+)", name)
        if found and found[2] in ITEM_FIELDS and str(value).strip():
            rows.setdefault(int(found[1]), {})[found[2]] = str(value).strip()
    items = [_cents(row) for _n, row in sorted(rows.items()) if set(row) - {"unit", "un_number"}]
    labels = [line.strip() for line in re.split(r"[\n,]", posted.get("containers", "")) if line.strip()]
    return {
        "items": items or None,
        "containers": labels or None,
        "seal": posted.get("seal", "").strip() or None,
        "customs_declaration": posted.get("customs_declaration", "").strip() or None,
    }


def _cents(row: dict[str, Any]) -> dict[str, Any]:
    """Dollars as typed become cents; what is no amount stays as typed, for the check to refuse by name."""
    value = cents(str(row.get("value_hkd_cents", "")))
    return row if value is None else {**row, "value_hkd_cents": value}


def dollars(value: object) -> str:
    """Cents as people type dollars; anything else as it was typed."""
    if not isinstance(value, int):
        return "" if value is None else str(value)
    return f"{value // 100}.{value % 100:02d}" if value % 100 else str(value // 100)


def answers(posted: QueryDict, content: Content) -> Content:
    """The facts stated so far, with what this form answered or took back."""
    facts = dict(content.get("facts", {}))
    for name in posted:
        head, dot, key = name.partition(".")
        if (read := _READ.get(head + dot)) is None:
            continue
        values = [v for v in posted.getlist(name) if v.strip()]
        facts.pop(key, None)
        if f"many.{key}" in posted:
            if values:
                facts[key] = [v for v in values if v != NONE]
        elif values:
            facts[key] = None if values[-1] == NONE else read(values[-1].strip())
    for name in posted.getlist("sets"):
        if f"facts.{name}" not in posted:
            facts.pop(name, None)
    return {"facts": facts}


def _typed(value: str) -> object:
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d{1,15}", value) else value


def _converted(convert: Callable[[str], int | None]) -> Callable[[str], object]:
    """Reads what people type in another unit; what cannot be read stays as typed, to be refused by name."""

    def read(value: str) -> object:
        found = convert(value)
        return value if found is None else found

    return read


_READ: Mapping[str, Callable[[str], object]] = {
    FACTS: _typed,
    MONEY: _converted(cents),
    TIME: _converted(minutes),
}


def _approvals(posted: QueryDict, content: Content) -> Content:
    rows = []
    for key in posted.getlist("held"):
        measure, authority, number = [*key.split("|", 2), "", ""][:3]
        until = posted.get(f"valid_until.{key}", "") or None
        rows.append({"measure": measure, "authority": authority, "number": number, "valid_until": until})
    return {"evidence": rows}


def evidence_key(row: Mapping[str, Any]) -> str:
    """How the form names one piece of evidence."""
    return f"{row.get('measure')}|{row.get('authority')}|{row.get('number') or ''}"


def _route(posted: QueryDict, content: Content) -> Content:
    exit_group, _bar, entry_group = posted.get("route", "").partition("|")
    standing = posted.get("uses_kind") == "standing"
    return {
        "route": {"exit_group": exit_group, "entry_group": entry_group},
        "uses": (posted.get("uses", "").strip() or None) if standing else 1,
        "valid_from": posted.get("valid_from", "").strip(),
        "valid_until": posted.get("valid_until", "").strip(),
    }


def _person(posted: QueryDict, content: Content) -> Content:
    return {"person": posted.get("person", "").strip() or None}


def _travel(posted: QueryDict, content: Content) -> Content:
    first, last = posted.get("hours_from", "").strip(), posted.get("hours_until", "").strip()
    typed = posted.get("uses", "").strip()
    uses = {"once": 1, "standing": None}.get(posted.get("uses_kind", ""), typed or None)
    return {
        "control_points": posted.getlist("control_points"),
        "hours": f"{first}-{last}" if first or last else None,
        "uses": uses,
        "valid_from": posted.get("valid_from", "").strip(),
        "valid_until": posted.get("valid_until", "").strip(),
    }


_READERS = {
    ("materials", "goods"): _goods,
    ("materials", "questions"): answers,
    ("materials", "approvals"): _approvals,
    ("materials", "route"): _route,
    ("personnel", "person"): _person,
    ("personnel", "questions"): answers,
    ("personnel", "approvals"): _approvals,
    ("personnel", "route"): _travel,
}


def routes(crosses: str, content: Content) -> tuple[Choice, ...]:
    """Pairs of gate groups at one control point, one pair a choice."""
    now = content.get("route") or {}
    entries = {g.control_point: g for g in zone().groups(crosses, "entry", "materials")}
    return tuple(
        Choice(
            value := f"{leaving.id}|{entries[leaving.control_point].id}",
            words(zone().control_points[leaving.control_point].name),
            value == f"{now.get('exit_group')}|{now.get('entry_group')}",
        )
        for leaving in zone().groups(crosses, "exit", "materials")
        if leaving.control_point in entries
    )


def item_rows(
    content: Content, problems: Iterable[Problem], un_numbers: FactSpec, more: int = 0
) -> list[dict[str, Any]]:
    """The goods as form rows: those typed, and at least one empty."""
    wrong = {p.path: p.says for p in problems}
    typed = list(content.get("items") or [])
    rows = typed + [{}] * (more or (0 if typed else 1))
    return [_item_row(row, n, wrong, un_numbers) for n, row in enumerate(rows, 1)]


def _item_row(row: Mapping[str, Any], number: int, wrong: Mapping[str, str], un: FactSpec) -> dict[str, Any]:
    fields = []
    for name, label in ITEM_FIELDS.items():
        path = f"items.{number}.{name}"
        value = dollars(row.get(name)) if name == "value_hkd_cents" else row.get(name)
        choices: tuple[Choice, ...] = ()
        if name == "unit":
            choices = tuple(Choice(u, u, value == u) for u in UNITS)
        elif name == "un_number":
            choices = tuple(
                Choice(v, words(un.value_labels.get(v)) or v.upper(), value == v) for v in un.values
            )
        kind = "select" if choices else "text"
        shown = "" if value is None else str(value)
        fields.append(Asked(path, str(label), "", kind, shown, choices, says=wrong.get(path, "")))
    return {"number": number, "fields": fields}
