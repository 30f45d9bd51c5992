"""Goods: lines, containers and their labels, one way through one exit and one entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from twoparks.passes.claims import Binding, labels_digest
from twoparks.passes.refusal import PassRefused
from twoparks.permits.carried import UNITS, Carried, Goods, Item
from twoparks.permits.flows.flow import Context, Read
from twoparks.permits.reading import Reader
from twoparks.permits.types import Declaration
from twoparks.registry.zone import LEGS, Leg, Zone

MASSES = ("gross_mass_g", "net_mass_g")
ITEM_FIELDS = frozenset(
    {"description", "hs_code", "origin", "quantity", "unit", "value_hkd_cents", *MASSES, "un_number"}
)
MOST_ITEMS, MOST_CONTAINERS = 100, 50
MOST = 10**12  # largest whole number taken for an amount or a mass


class Materials:
    """Samples, reagents, instruments: everything that travels in a labelled container."""

    key = "materials"
    fields = frozenset({"items", "containers", "seal", "customs_declaration", "route"})
    both_ways = False
    numbers = True
    said: frozenset[str] = frozenset()

    def read(self, reader: Reader, raw: Mapping[str, Any], crosses: str, context: Context) -> Read:
        """The goods and their gates."""
        items = _items(reader, raw.get("items"), context)
        exit_group, entry_group = _route(reader, raw.get("route"), crosses, context.zone)
        containers = _containers(reader, raw.get("containers"))
        seal = reader.text(raw.get("seal"), "seal", 40, optional=True)
        if seal and seal.upper() in {c.upper() for c in containers}:
            reader.wrong("seal", seal, _("this is already a container label; a seal has its own number"))
        customs = reader.text(raw.get("customs_declaration"), "customs_declaration", 40, optional=True)
        goods = Goods(items, containers, seal or None, customs or None)
        return Read(goods, (exit_group,), (entry_group,))

    def agreed(
        self, reader: Reader, raw: Mapping[str, Any], facts: Mapping[str, Any], context: Context
    ) -> None:
        """Goods ask nobody."""

    def derived(self, carries: Carried) -> Mapping[str, Any]:
        """Value and dangerous-goods classes, from the lines."""
        items = carries.items if isinstance(carries, Goods) else ()
        return {
            "value_hkd_cents": sum(item.value_hkd_cents for item in items),
            "un_numbers": sorted({item.un_number for item in items if item.un_number is not None}),
        }

    def asked(self, declaration: Declaration, zone: Zone) -> tuple[Mapping[str, Any], ...]:
        """One way, asked once."""
        return ({"crosses": declaration.crosses},)

    def to_json(self, declaration: Declaration) -> dict[str, Any]:
        """Lines, labels, and the pair of gate groups."""
        goods = declaration.carries
        assert isinstance(goods, Goods), "a declaration of materials carries goods"
        return {
            "items": [asdict(item) for item in goods.items],
            "containers": list(goods.containers),
            "seal": goods.seal,
            "customs_declaration": goods.customs_declaration,
            "route": {"exit_group": declaration.exit_groups[0], "entry_group": declaration.entry_groups[0]},
        }

    def from_json(self, raw: Mapping[str, Any]) -> Read:
        """The goods and their gates."""
        goods = Goods(
            items=tuple(Item(**item) for item in raw["items"]),
            containers=tuple(raw["containers"]),
            seal=raw["seal"],
            customs_declaration=raw["customs_declaration"],
        )
        return Read(goods, (raw["route"]["exit_group"],), (raw["route"]["entry_group"],))

    def typed(self, declaration: Declaration, zone: Zone) -> dict[str, Any]:
        """As `permit.declared` has them, lines without their numbers."""
        said = self.to_json(declaration)
        return {
            **said,
            "items": [{k: v for k, v in item.items() if k != "line"} for item in said["items"]],
        }

    def refusal(self, declaration: Declaration, zone: Zone) -> tuple[str, str] | None:
        """Gates that lead another way, lines not numbered, labels that repeat."""
        goods = declaration.carries
        assert isinstance(goods, Goods), "a declaration of materials carries goods"
        exits, entries = (
            {str(g.id) for g in zone.groups(declaration.crosses, leg, self.key)} for leg in LEGS
        )
        if not exits.issuperset(declaration.exit_groups) or not entries.issuperset(declaration.entry_groups):
            return "gate_unknown", "a gate group does not lead this way"
        if [item.line for item in goods.items] != list(range(1, len(goods.items) + 1)):
            return "lines", "the lines of goods are not numbered from 1 without gap"
        try:
            labels_digest(goods.labels)
        except PassRefused as refused:
            return "labels_unfit", refused.plain
        return None

    def binding(self, declaration: Declaration) -> tuple[Binding, bytes]:
        """The labels."""
        goods = declaration.carries
        assert isinstance(goods, Goods), "a declaration of materials carries goods"
        return "labels", labels_digest(goods.labels)


def _items(reader: Reader, raw: object, context: Context) -> tuple[Item, ...]:
    rows = reader.rows(raw, "items", 1, MOST_ITEMS)
    return tuple(_item(reader, row, number, context) for number, row in enumerate(rows, 1))


def _item(reader: Reader, row: Mapping[str, Any], line: int, context: Context) -> Item:
    at = f"items.{line}."
    reader.only(row, ITEM_FIELDS, at)
    gross = reader.whole(row.get("gross_mass_g"), at + "gross_mass_g", 0, MOST)
    net = reader.whole(row.get("net_mass_g"), at + "net_mass_g", 0, MOST)
    if net > gross:
        reader.wrong(
            at + "net_mass_g", net, _("the net mass is greater than the gross mass; give at most that")
        )
    un_number = row.get("un_number")
    un_numbers = context.law.facts["un_numbers"].values
    return Item(
        line=line,
        description=reader.text(row.get("description"), at + "description", 200),
        hs_code=reader.hs_code(row.get("hs_code"), at + "hs_code"),
        origin=reader.country(row.get("origin"), at + "origin"),
        quantity=reader.whole(row.get("quantity"), at + "quantity", 1, MOST),
        unit=reader.choice(row.get("unit"), at + "unit", UNITS),
        value_hkd_cents=reader.whole(row.get("value_hkd_cents"), at + "value_hkd_cents", 0, MOST),
        gross_mass_g=gross,
        net_mass_g=net,
        un_number=reader.choice(un_number, at + "un_number", un_numbers) if un_number else None,
    )


def _route(reader: Reader, raw: object, crosses: str, zone: Zone) -> tuple[str, str]:
    route: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    reader.only(route, {"exit_group", "entry_group"}, "route.")
    exit_group = _group(reader, route, "exit", crosses, zone)
    entry_group = _group(reader, route, "entry", crosses, zone)
    groups = {str(g.id): g for g in zone.gate_groups.values()}
    if exit_group and entry_group and groups[exit_group].control_point != groups[entry_group].control_point:
        accepted = _("exit and entry must be at the same control point; choose a pair")
        reader.wrong("route.entry_group", entry_group, accepted)
    return exit_group, entry_group


def _group(reader: Reader, route: Mapping[str, Any], leg: Leg, crosses: str, zone: Zone) -> str:
    known = tuple(str(g.id) for g in zone.groups(crosses, leg, Materials.key)) if crosses else ()
    return reader.choice(route.get(f"{leg}_group"), f"route.{leg}_group", known) if known else ""


def _containers(reader: Reader, raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = [label for label in raw.replace(",", "\n").splitlines() if label.strip()]
    if not isinstance(raw, Sequence) or not 1 <= len(raw) <= MOST_CONTAINERS:
        accepted = _("give 1 to %(most)d labels, each as it stands on its container") % {
            "most": MOST_CONTAINERS
        }
        reader.wrong("containers", raw, accepted)
        return ()
    found = [reader.text(label, f"containers.{n}", 40) for n, label in enumerate(raw, 1)]
    for number, label in enumerate(found, 1):
        if label and label.upper() in {other.upper() for other in found[: number - 1]}:
            reader.wrong(
                f"containers.{number}", label, _("this label is listed twice; each container has its own")
            )
    return tuple(found)
